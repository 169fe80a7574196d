import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { ownProgram } from '../sensor/own-program.ts';
import { SENSOR_USER } from '../sensor/rights.ts';
import { refuseWritableProgram } from '../sensor/start.ts';
import { UserError } from '../types/error.ts';
import { shellQuote } from '../types/text.ts';
import { SENSOR_UNIT, SENSOR_UNIT_PATH, sensorUnit } from './sensor-unit.ts';

/** One thing that installing does, told before it is done. */
export interface Step {
  /** As a command to copy. */
  text: string;
  run(): void;
}

export interface ServicePlan {
  /** False: the host has no systemd, and the steps are for the person to do. */
  isSystemd: boolean;
  steps: Step[];
  unit: string;
}

/** The world that a plan is made for; tests hand in their own. */
export interface ServiceHost {
  uid: number | undefined;
  hasSystemd: boolean;
  /** Whether our unit is there already. */
  hasUnit: boolean;
  /** Text of /etc/passwd. */
  passwd: string;
  node: string;
  starter: string;
  /** @throws UserError when root would run what others can write. */
  refuseWritable(): void;
  /** Absolute path of a system program, or `undefined` when it is not there. */
  find(name: string): string | undefined;
}

// Never the user's PATH: whoever can write into one of its folders would choose what root runs.
const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** This very host. */
export function serviceHost(uid: number | undefined): ServiceHost {
  const program = ownProgram();
  const { files } = program;
  return {
    uid,
    hasSystemd: existsSync('/run/systemd/system'),
    hasUnit: existsSync(SENSOR_UNIT_PATH),
    passwd: readFileSync('/etc/passwd', 'utf8'),
    node: files[0]!,
    starter: files[1]!,
    refuseWritable: () => refuseWritableProgram(program),
    find: (name) => FOLDERS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path)),
  };
}

/**
 * What installing the sensor means on this host.
 *
 * @throws UserError when we are not root, or when root would run what others can write.
 */
export function planInstall(host: ServiceHost, readers: readonly number[]): ServicePlan {
  requireRoot(host, 'install');
  host.refuseWritable();
  if (!host.hasSystemd) return { isSystemd: false, unit: '', steps: [manual(foreground(host, readers))] };
  const unit = sensorUnit({ node: host.node, starter: host.starter, readers });
  const systemctl = needed(host, 'systemctl');
  const steps: Step[] = [];
  if (!new RegExp(`^${SENSOR_USER}:`, 'm').test(host.passwd)) {
    const nologin = host.find('nologin') ?? '/bin/false';
    steps.push(command(needed(host, 'useradd'), '--system', '--no-create-home', '--shell', nologin, SENSOR_USER));
  }
  steps.push({
    text: `write ${SENSOR_UNIT_PATH}`,
    run: () => writeFileSync(SENSOR_UNIT_PATH, unit, { mode: 0o644 }),
  });
  steps.push(command(systemctl, 'daemon-reload'));
  steps.push(command(systemctl, 'enable', SENSOR_UNIT), command(systemctl, 'restart', SENSOR_UNIT));
  return { isSystemd: true, steps, unit };
}

/** @throws UserError when we are not root. */
export function planUninstall(host: ServiceHost): ServicePlan {
  requireRoot(host, 'uninstall');
  if (!host.hasSystemd) {
    return { isSystemd: false, unit: '', steps: [manual('stop the process "sensor run" of ClawWatch')] };
  }
  const systemctl = needed(host, 'systemctl');
  const steps = host.hasUnit ? [command(systemctl, 'disable', '--now', SENSOR_UNIT)] : [];
  steps.push({ text: `rm ${SENSOR_UNIT_PATH}`, run: () => rmSync(SENSOR_UNIT_PATH, { force: true }) });
  steps.push(command(systemctl, 'daemon-reload'));
  if (new RegExp(`^${SENSOR_USER}:`, 'm').test(host.passwd)) {
    steps.push(command(needed(host, 'userdel'), SENSOR_USER));
  }
  return { isSystemd: true, steps, unit: '' };
}

function requireRoot({ uid }: ServiceHost, verb: string): void {
  if (uid === 0) return;
  throw new UserError('a system service is root’s to change', { hint: `sudo clawwatch sensor ${verb}` });
}

function needed(host: ServiceHost, name: string): string {
  const path = host.find(name);
  if (path !== undefined) return path;
  throw new UserError(`there is no ${name} on this system`, { hint: 'see clawwatch sensor run --help for other ways' });
}

function foreground({ node, starter }: ServiceHost, readers: readonly number[]): string {
  const words = [node, starter, 'sensor', 'run', ...readers.flatMap((uid) => ['--reader', String(uid)])];
  return words.map(shellQuote).join(' ');
}

function manual(text: string): Step {
  return { text, run: () => {} };
}

function command(file: string, ...args: string[]): Step {
  return {
    text: [file, ...args].join(' '),
    run() {
      try {
        execFileSync(file, args, {
          stdio: ['ignore', 'ignore', 'pipe'],
          timeout: 60_000,
          env: { PATH: FOLDERS.join(':') },
        });
      } catch (error) {
        const said = String((error as { stderr?: Buffer }).stderr ?? (error as Error).message).trim();
        throw new UserError(`${file} ${args[0]} failed: ${said.slice(0, 300)}`, {
          hint: 'nothing was undone: mend the cause and run it again',
          exitCode: 4,
        });
      }
    },
  };
}
