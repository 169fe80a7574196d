import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProcessTable } from '../../../src/types/collector.ts';
import type { ProcessFact } from '../../../src/types/process.ts';
import type { Observation } from '../../../src/types/socket.ts';

/** A machine made of a temporary directory and process objects; nothing of the real one is looked at. */
export interface FakeMachine {
  root: string;
  procRoot: string;
  write(path: string, content: string | object): void;
  mkdir(path: string): void;
  link(path: string, target: string): void;
  /** A lock as OpenClaw writes it, padding included. */
  lock(stateDir: string, fields: Record<string, unknown>, name?: string): void;
  remove(): void;
}

export function fakeMachine(): FakeMachine {
  const base = mkdtempSync(join(tmpdir(), 'clawwatch-machine-'));
  const root = join(base, 'fs');
  const procRoot = join(base, 'proc');
  mkdirSync(root);
  mkdirSync(procRoot);
  const at = (path: string) => join(root, path);
  const machine: FakeMachine = {
    root,
    procRoot,
    write(path, content) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), typeof content === 'string' ? content : JSON.stringify(content));
    },
    mkdir: (path) => void mkdirSync(at(path), { recursive: true }),
    link(path, target) {
      mkdirSync(dirname(at(path)), { recursive: true });
      symlinkSync(target, at(path));
    },
    lock(stateDir, fields, name = 'gateway.state.lock') {
      const content = {
        ownerId: 'f00d',
        createdAt: '2026-11-20T10:32:55.005Z',
        configPath: `${stateDir}/openclaw.json`,
        stateDir,
        ...fields,
      };
      machine.write(`${stateDir}/tmp/openclaw-1000/${name}`, `${JSON.stringify(content)}${' '.repeat(60)}`);
    },
    remove() {
      chmodSync(root, 0o700);
      rmSync(base, { recursive: true, force: true });
    },
  };
  return machine;
}

/** The user that owns the files of the test, so that locks and processes fit each other. */
export const UID = process.getuid?.() ?? 1000;

export function fakeProcess(fields: Partial<ProcessFact> & { pid: number }): ProcessFact {
  return {
    startTicks: fields.pid * 10,
    startedAt: Date.parse('2026-11-20T10:30:00Z'),
    ppid: 1,
    uid: UID,
    comm: 'sleep',
    argv: ['sleep', '60'],
    exe: '/usr/bin/sleep',
    cgroup: '/user.slice/user-1000.slice/session-1.scope',
    netns: '4026531840',
    markers: {},
    ...fields,
  };
}

/** The gateway as the kernel shows it: title in place of arguments. */
export function gatewayProcess(fields: Partial<ProcessFact> & { pid: number }): ProcessFact {
  return fakeProcess({ comm: 'openclaw-gatewa', argv: ['openclaw-gateway'], exe: '/usr/bin/node', ...fields });
}

export function tableOf(...processes: ProcessFact[]): ProcessTable {
  const init = fakeProcess({
    pid: 1,
    ppid: 0,
    startTicks: 1,
    uid: 0,
    comm: 'systemd',
    argv: ['/sbin/init'],
    exe: '/usr/lib/systemd/systemd',
    cgroup: '/init.scope',
  });
  return {
    processes: new Map([init, ...processes].map((process) => [process.pid, process])),
    ownNetns: '4026531840',
    blindSpots: [],
  };
}

export function listener(port: number, pids: number[] | undefined, fields: Partial<Observation> = {}): Observation {
  return {
    source: 'test',
    seenAt: 0,
    netns: '4026531840',
    protocol: 'tcp',
    family: 4,
    state: 'LISTEN',
    local: { address: '127.0.0.1', port },
    uid: UID,
    ...(pids === undefined ? {} : { pids }),
    ...fields,
  };
}
