import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A `/proc` with as much of it as the sensor reads. */
export interface FakeProc {
  root: string;
  /** Adds a process with its threads; the leader need not be named. */
  add(pid: number, ppid: number, tids?: readonly number[]): void;
  remove(pid: number): void;
  set(file: string, text: string): void;
  close(): void;
}

export function createFakeProc(): FakeProc {
  const root = mkdtempSync(join(tmpdir(), 'clawwatch-proc-'));
  const set = (file: string, text: string) => {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  return {
    root,
    set,
    add(pid, ppid, tids = []) {
      for (const tid of [pid, ...tids]) {
        mkdirSync(join(root, String(pid), 'task', String(tid)), { recursive: true });
        // The kernel answers for a thread's number too, although it does not list it.
        set(`${tid}/status`, `Name:\tTgid:\\t1\nUmask:\t0022\nTgid:\t${pid}\nPid:\t${tid}\nPPid:\t${ppid}\n`);
      }
      set(`${pid}/stat`, `${pid} (a) S 1 (b)) S ${ppid} ${pid} ${pid} 0 -1\n`);
    },
    remove(pid) {
      rmSync(join(root, String(pid)), { recursive: true, force: true });
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}
