import { UserError } from '../types/error.ts';

/** Name of the system unit. */
export const SENSOR_UNIT = 'clawwatch-sensor.service';
export const SENSOR_UNIT_PATH = `/etc/systemd/system/${SENSOR_UNIT}`;

export interface SensorUnitOptions {
  /** Absolute paths. */
  node: string;
  starter: string;
  /** Uids who may read. */
  readers: readonly number[];
}

/**
 * The hardened system unit. What the sensor needs at its start is in the capability list, with its reason; it gives all of
 * it up by itself before it serves anybody.
 *
 * @throws UserError for a path of Node that systemd takes for no program.
 */
export function sensorUnit({ node, starter, readers }: SensorUnitOptions): string {
  const readerOptions = readers.map((uid) => ` --reader ${uid}`).join('');
  return `# Written by \`clawwatch sensor install\`; a new install overwrites it.
[Unit]
Description=ClawWatch sensor: kernel events and names for the agents of ClawWatch
Documentation=man:clawwatch(1)

[Service]
Type=simple
ExecStart=${program(node)} ${argument(starter)} sensor run${readerOptions}
# Instances that a killed sensor left behind hold no memory (disable_on_free); this removes their names as well.
ExecStopPost=+/bin/sh -c 'rmdir /sys/kernel/tracing/instances/clawwatch-* 2>/dev/null; true'
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=10
RuntimeDirectory=clawwatch
RuntimeDirectoryMode=0755

# tracefs: DAC_OVERRIDE to make an instance, SYS_ADMIN to mount it where it is not. Packets: NET_RAW, and NET_ADMIN for a
# buffer beyond the limit of ordinary users. SYS_PTRACE and SYS_ADMIN to look into network namespaces at the start. SETUID,
# SETGID and CHOWN to become a user without rights and to give each reader its socket.
CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_SYS_ADMIN CAP_SYS_PTRACE CAP_NET_RAW CAP_NET_ADMIN CAP_SETUID CAP_SETGID CAP_CHOWN CAP_FOWNER
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=net
RestrictAddressFamilies=AF_UNIX AF_PACKET AF_NETLINK AF_INET
SystemCallArchitectures=native
SystemCallFilter=@system-service @mount setns
SystemCallErrorNumber=EPERM
# Not set, and why: ProtectKernelTunables (tracefs must be writable), MemoryDenyWriteExecute (Node compiles at run time),
# PrivateNetwork (the packets of this machine are what it is for), ProtectProc (it looks at the processes of all users).
MemoryMax=512M
TasksMax=64
UMask=0077

[Install]
WantedBy=multi-user.target
`;
}

/**
 * The program as systemd reads it: specifiers are doubled; variables are none here, so `$` stays. Quotes, backslashes and
 * controls it refuses in a program, however they are written, and the unit would never start.
 */
function program(path: string): string {
  if (/["'\\]|\p{Cc}/u.test(path)) {
    throw new UserError('systemd starts no program with quotes, backslashes or control characters in its path', {
      hint: 'install Node in another folder',
    });
  }
  return `"${path.replaceAll('%', '%%')}"`;
}

/** An argument: specifiers and variables are doubled, the rest is escaped as in C. */
function argument(path: string): string {
  const escaped = path
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$')
    .replace(/["\\]/g, '\\$&')
    .replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${escaped}"`;
}
