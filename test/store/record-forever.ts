/** A program to be killed: records changing looks in a tight loop and prints the number of each committed cycle. */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/store.ts';
import { type Finding, fingerprint } from '../../src/types/finding.ts';
import type { Connection, Snapshot } from '../../src/types/snapshot.ts';

const store = openStore({ path: process.argv[2]! });
const began = (store.lastCycle()?.at ?? 0) + 1000;

function connection(port: number): Connection {
  return {
    ...{ source: 'procfs', seenAt: 0, netns: '1', protocol: 'tcp', family: 4, state: 'ESTABLISHED', inode: port },
    ...{ local: { address: '192.0.2.10', port }, key: `1 tcp 192.0.2.10 ${port}`, direction: 'outbound' },
    since: { at: began, basis: 'observed' },
  } as Connection;
}

function look(tick: number): Snapshot {
  return {
    ...{ at: began + tick * 10, durationMs: 1, host: 'box', telemetry: 'T0', sources: ['procfs'], gateways: [] },
    ...{ listeners: [], processes: [], family: [], interfaces: [], addressContext: {}, blindSpots: [] },
    connections: Array.from({ length: 20 }, (_, index) => connection(tick * 5 + index + 1)),
  } as Snapshot;
}

// Bounded, should the killer have gone first.
for (let tick = 0; tick < 20_000; tick++) {
  const finding: Finding = {
    ...{ ruleId: 'X', verdict: 'finding', severity: 'low', title: 't', subject: `${tick % 7}`, why: 'w' },
    ...{ evidence: [], fixes: [], confidence: 'certain', socketKeys: [] },
    fingerprint: fingerprint('X', String(tick % 7)),
  } as Finding;
  const { cycleId } = store.recordCycle(look(tick), [finding], 'agent');
  writeSync(1, `${cycleId}\n`);
}
