import type { BlindSpot } from '../../types/blind-spot.ts';
import type { SocketReading, SocketRequest, SocketSource } from '../../types/collector.ts';
import { connectionKey, type Observation } from '../../types/socket.ts';
import { type CommandOutput, createCommandRunner, type RunCommand } from './command.ts';
import { LSOF_FIELDS, type LsofReading, readLsofLines } from './lsof-fields.ts';
import { foreignNetnsBlindSpot, readOwnNetns } from './own-netns.ts';
import { count, type Tool, toolBlindSpots } from './tool-blindness.ts';

export interface LsofOptions {
  /** Default: the system's lsof, killed after 10 s. */
  run?: RunCommand;
  /** Decides what the device field is (Linux: an inode). Default: this system. */
  platform?: NodeJS.Platform;
  ownNetns?: string;
}

// -b and -w: no stat() on file systems. Without them lsof hangs on dead network mounts and, on macOS, a look every two
// seconds keeps fseventsd busy. -n and -P: no names, so that a look causes no traffic of its own.
const ARGS: readonly string[] = ['-b', '-w', '-n', '-P', '-iTCP', '-iUDP', '-F', LSOF_FIELDS];

const TOOL: Tool = {
  source: 'lsof',
  name: 'lsof',
  what: 'all sockets and their owners',
  install: 'install lsof (apt install lsof; on macOS it is part of the system)',
  // lsof says 1 when a selection matched nothing, even where others did.
  ordinaryExitCodes: [1],
};

/** Sockets with their owners by `lsof`: names every process that holds a socket, but only those we may look into. */
export function createLsofSockets(options: LsofOptions = {}): SocketSource {
  const run = options.run ?? createCommandRunner();
  const platform = options.platform ?? process.platform;
  return {
    id: 'lsof',
    isSupported: () => platform !== 'win32',
    async read(request: SocketRequest, signal: AbortSignal): Promise<SocketReading> {
      const output = await run('lsof', ARGS, signal);
      const netns = options.ownNetns ?? readOwnNetns(platform);
      const reading = readLsofLines(output.lines, platform);
      const blindSpots = [...endBlindSpots(output, reading), ...unreadableBlindSpots(reading)];
      if (output.problem === undefined || reading.sockets.length > 0) {
        blindSpots.push(...foreignNetnsBlindSpot('lsof', request.netns, netns), ...weaknesses(platform));
      }
      return { observations: joinHolders(reading, netns, request.now), blindSpots };
    },
  };
}

/** One observation per socket: every process that inherited or was passed it is in `pids`. */
function joinHolders(reading: LsofReading, netns: string, now: number): Observation[] {
  const sockets = new Map<string, Observation>();
  for (const { pid, device, ...socket } of reading.sockets) {
    const observation: Observation = { source: 'lsof', seenAt: now, netns, ...socket, pids: [pid] };
    // Several processes may share a port (SO_REUSEPORT); only the kernel's identity tells such sockets apart.
    const key = `${connectionKey(observation)} ${socket.family} ${device ?? ''}`;
    const known = sockets.get(key);
    if (!known) sockets.set(key, observation);
    else if (!known.pids?.includes(pid)) known.pids?.push(pid);
  }
  return [...sockets.values()];
}

function endBlindSpots(output: CommandOutput, reading: LsofReading): BlindSpot[] {
  const spots = toolBlindSpots(TOOL, output);
  // Code 1 with a complaint and nothing else is a refusal and not an empty machine.
  if (output.exitCode === 1 && output.stderr.trim() !== '' && reading.sockets.length === 0) {
    return spots.map((spot) => ({ ...spot, id: 'lsof.failed', essential: true }));
  }
  return spots;
}

function unreadableBlindSpots(reading: LsofReading): BlindSpot[] {
  if (reading.unreadable === 0) return [];
  return [
    {
      id: 'lsof.unreadable',
      source: 'lsof',
      what: `${count(reading.unreadable, 'socket')} in fields of lsof that could not be understood`,
      why: 'this version prints a format that is not known, or its output was cut',
      essential: true,
    },
  ];
}

/** What lsof can never tell, said on every look. */
function weaknesses(platform: NodeJS.Platform): BlindSpot[] {
  const spot = (id: string, what: string, why: string, fix?: string): BlindSpot => ({
    id: `lsof.${id}`,
    source: 'lsof',
    what,
    why,
    ...(fix !== undefined && { fix }),
    essential: false,
  });
  const spots = [
    spot('short-lived', 'connections that open and close between two looks', 'lsof shows one moment'),
    spot('time-wait', 'connections in TIME_WAIT', 'no process holds them any more, and lsof lists what processes hold'),
    spot('dual-stack', 'whether a listener on :: takes IPv4 as well', 'lsof does not print it'),
  ];
  if (process.getuid?.() !== 0) {
    const why = 'lsof lists only sockets of processes that we may look into';
    spots.push(spot('other-users', 'sockets of other users', why, 'run it as root: sudo clawwatch scan'));
  }
  if (platform === 'linux') {
    spots.push(spot('netns', 'sockets inside containers', 'lsof reads only the network namespace it runs in'));
  }
  return spots;
}
