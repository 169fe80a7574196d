/**
 * `node poller.ts <seconds> <interval ms>`: the look of an agent without sensor, `/proc` alone, with owners for everything; at
 * its end prints each far end that it saw, with the process, one `[end, pid]` a line.
 */
import { readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createProcfsProcesses, createProcfsSockets, createSocketOwners } from '../../src/collect/linux/index.ts';
import type { ProcessTable } from '../../src/types/collector.ts';
import { endWord } from './traffic.ts';

const [seconds, intervalMs] = process.argv.slice(2).map(Number) as [number, number];
const processes = createProcfsProcesses();
const sockets = createProcfsSockets();
const owners = createSocketOwners();
const signal = new AbortController().signal;
const seen = new Map<string, Set<number>>();

/** As an agent reads the namespaces of its family: here those in which the generator runs. */
function namespacesOf(table: ProcessTable): { netns: string; pid: number }[] {
  const found = new Map<string, number>();
  for (const { pid, argv } of table.processes.values()) {
    if (!argv.some((word) => word.endsWith('traffic.py'))) continue;
    try {
      found.set(readlinkSync(`/proc/${pid}/ns/net`).slice('net:['.length, -1), pid);
    } catch {
      // Ended in the meantime.
    }
  }
  found.delete(table.ownNetns);
  return [...found].map(([netns, pid]) => ({ netns, pid }));
}

async function look(): Promise<void> {
  const table = await processes.read(signal);
  const { observations } = await sockets.read({ netns: namespacesOf(table), now: Date.now() }, signal);
  owners.assign({ observations, table, family: new Set(), host: 'all', touchedPorts: new Set() });
  for (const { protocol, remote, pids = [] } of observations) {
    if (remote === undefined) continue;
    const end = endWord({ protocol, ...remote });
    const known = seen.get(end) ?? new Set();
    for (const pid of pids) known.add(pid);
    seen.set(end, known);
  }
}

process.stdout.write('ready\n');
const startedAt = performance.now();
for (let turn = 0; turn * intervalMs < seconds * 1000; turn += 1) {
  await delay(Math.max(0, startedAt + turn * intervalMs - performance.now()));
  await look();
}
for (const [end, pids] of seen) for (const pid of pids) process.stdout.write(`${JSON.stringify([end, pid])}\n`);
