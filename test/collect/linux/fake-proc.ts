import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakeProcess {
  pid: number;
  comm?: string;
  state?: string;
  ppid?: number;
  flags?: number;
  startTicks?: number;
  argv?: string[];
  environ?: Record<string, string>;
  exe?: string;
  netns?: string;
  cgroup?: string;
  /** Targets of descriptors, in order. */
  fds?: string[];
}

/** A `/proc` in a temporary folder, for the cases that a test cannot make happen on the real one. */
export function createFakeProc() {
  const root = mkdtempSync(join(tmpdir(), 'clawwatch-proc-'));
  mkdirSync(join(root, 'net'));
  writeFileSync(join(root, 'uptime'), '1000.00 2000.00\n');
  writeFileSync(join(root, 'stat'), 'cpu  1 2 3\nbtime 1700000000\nprocesses 9\n');
  mkdirSync(join(root, '100/ns'), { recursive: true });
  symlinkSync('net:[4026531840]', join(root, '100/ns/net'));
  symlinkSync('100', join(root, 'self'));
  return {
    root,
    file: (path: string, content: string | Buffer) => {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    uptime: (seconds: number) => writeFileSync(join(root, 'uptime'), `${seconds}.00 0.00\n`),
    put(process: FakeProcess) {
      const directory = join(root, String(process.pid));
      // Nothing in the folder itself is made anew unless it differs: the same folder is the same process.
      mkdirSync(join(directory, 'ns'), { recursive: true });
      mkdirSync(join(directory, 'fd'), { recursive: true });
      writeFileSync(join(directory, 'stat'), statLine(process));
      writeFileSync(join(directory, 'cmdline'), (process.argv ?? ['sleep', '1']).map((word) => `${word}\0`).join(''));
      const environ = Object.entries(process.environ ?? { PATH: '/bin' });
      writeFileSync(join(directory, 'environ'), environ.map(([name, value]) => `${name}=${value}\0`).join(''));
      writeFileSync(join(directory, 'cgroup'), process.cgroup ?? '0::/user.slice\n');
      link(process.exe ?? '/usr/bin/sleep', join(directory, 'exe'));
      link('/home/user', join(directory, 'cwd'));
      link(`net:[${process.netns ?? '4026531840'}]`, join(directory, 'ns/net'));
      for (const [fd, target] of (process.fds ?? ['/dev/null']).entries()) link(target, join(directory, `fd/${fd}`));
      for (const fd of readdirSync(join(directory, 'fd')).slice((process.fds ?? ['']).length)) {
        rmSync(join(directory, `fd/${fd}`));
      }
    },
    end: (pid: number) => rmSync(join(root, String(pid)), { recursive: true }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

export type FakeProc = ReturnType<typeof createFakeProc>;

function link(target: string, path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    if (readlinkSync(path) === target) return;
    rmSync(path);
  }
  symlinkSync(target, path);
}

export function statLine({
  pid,
  comm = 'sleep',
  state = 'S',
  ppid = 1,
  flags = 0,
  startTicks = 500,
}: FakeProcess): string {
  return `${pid} (${comm}) ${state} ${ppid} ${pid} ${pid} 0 -1 ${flags} 0 0 0 0 1 2 0 0 20 0 1 0 ${startTicks} 1000 10 0\n`;
}
