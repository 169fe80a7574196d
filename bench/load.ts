import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A machine to measure on: processes and sockets that stay as they are. */
export interface Load {
  /** Processes that play the family of a gateway: few sockets, the same at every size. */
  family: number[];
  /** Opens connections until there are about this many sockets, most of them in processes outside the family. */
  grow(sockets: number): Promise<void>;
  /** Processes on this machine now, ours and others. */
  countProcesses(): number;
  /** Resolves when no process of the load is younger than this. */
  settle(ageMs: number): Promise<void>;
  end(): Promise<void>;
}

/** As many processes as an idle gateway with a broker, a worker, a server for tools and one command. */
const FAMILY = 5;
/** Connections of each family member to itself: 45 sockets in all, listeners included, as OpenClaw has them when busy. */
const FAMILY_CONNECTIONS = 4;
/** Node processes are large, so few of them hold the sockets of everybody else. */
const OTHERS = 10;
/** Descriptors of each idle process beside the standard ones; services commonly have a few dozen. */
const DESCRIPTORS = 20;

/** Idle processes fill the table up to `processes`. */
export async function startLoad(processes: number): Promise<Load> {
  const holders = Array.from({ length: FAMILY + OTHERS }, () =>
    spawn(process.execPath, [`${import.meta.dirname}/holder.ts`], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  await Promise.all(holders.map((holder) => once(holder, 'spawn')));
  const idle = await startIdle(Math.max(0, processes - countProcesses()));
  const startedAt = performance.now();

  return {
    family: holders.slice(0, FAMILY).map((holder) => holder.pid!),
    countProcesses,
    async grow(sockets) {
      const connections = Math.floor((sockets - holders.length) / 2) - FAMILY * FAMILY_CONNECTIONS;
      const share = Math.floor(connections / OTHERS);
      await Promise.all(
        holders.map(async (holder, index) => {
          holder.stdin!.write(`${index < FAMILY ? FAMILY_CONNECTIONS : share}\n`);
          await once(holder.stdout!, 'data');
        }),
      );
    },
    settle: (ageMs) => delay(Math.max(0, ageMs - (performance.now() - startedAt))),
    async end() {
      await Promise.all([...holders.map((holder) => endChild(holder)), ...(idle ? [endChild(idle)] : [])]);
    },
  };
}

/** One shell with many sleeps, in a process group of their own, so that one signal ends all of them. */
async function startIdle(count: number): Promise<ChildProcess | undefined> {
  if (count < 2) return undefined;
  const open = Array.from({ length: DESCRIPTORS }, (_, index) => `${index + 10}</dev/null`).join(' ');
  const script = `exec ${open}; i=1; while [ $i -lt ${count} ]; do sleep 3600 & i=$((i+1)); done; echo ready; wait`;
  const shell = spawn('bash', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(shell.stdout!, 'data');
  return shell;
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  if (child.stdin) child.stdin.end();
  else process.kill(-child.pid!, 'SIGTERM');
  await ended;
}

function countProcesses(): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
}
