import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { SelfTest } from '../../src/agent/self-test.ts';
import {
  aBlindSpot,
  aConnection,
  aCycle,
  aFinding,
  aGateway,
  aListener,
  aSnapshot,
  aStore,
  asRecord,
  clawwatch,
  NOW,
} from './world.ts';

const words = new Set(readFileSync('docs/json.md', 'utf8').match(/[A-Za-z][A-Za-z0-9]*/g));
const seen = { firstAt: NOW - 60_000, lastAt: NOW };
const connection = aConnection({
  destination: { name: 'a.example', source: 'dns', ageMs: 5, confidence: 'likely', domain: 'a.example' },
  verdict: 'unknown',
  verdictReason: 'nothing allows it',
  bytesOut: 1,
  bytesIn: 2,
});
const gateway = aGateway({ evidence: [{ kind: 'title', detail: 'it is titled openclaw-gateway' }] });
const finding = asRecord(aFinding({ socketKeys: [aListener().key, connection.key] }));
const world = {
  snapshot: aSnapshot({ gateways: [gateway], connections: [connection], blindSpots: [aBlindSpot()] }),
  findings: [aFinding()],
  io: {
    selfTest: async (): Promise<SelfTest> => ({
      made: { connections: 20, datagrams: 10 },
      heldMs: 3,
      intervalMs: 2_000,
      sources: [
        { source: 'sensor', why: 'no sensor is installed' },
        { source: 'polling', connections: { seen: 1, owned: 1 }, datagrams: { seen: 0, owned: 0 } },
      ],
      names: 'not tested',
    }),
  },
  store: aStore({
    lastCycle: () => aCycle(),
    listeners: () => [{ listener: aListener(), ...seen }],
    connections: () => [{ connection, ...seen }],
    findings: () => [finding],
    finding: () => finding,
    findingEvents: () => [{ at: NOW, event: 'new', reason: '' }],
    coverage: () => [{ fromAt: NOW - 9, toAt: NOW, intervalMs: 9, opened: 4, seen: 3, owned: 2, named: 1 }],
  }),
};

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

test.each([
  ['scan', '--all'],
  ['listeners'],
  ['connections'],
  ['findings'],
  ['explain', finding.id],
  ['doctor', '--selftest'],
  ['intel', 'list'],
  ['intel', 'check', 'onlyflies.buzz'],
  ['scan', '--bogus'],
])('docs/json.md names every field of: %s %s', async (...argv) => {
  const { out } = await clawwatch([...argv.filter((word) => word !== undefined), '--json'], world);
  const keys = keysOf(JSON.parse(out));
  expect(keys.length).toBeGreaterThan(4);
  expect([...new Set(keys)].filter((key) => !words.has(key))).toEqual([]);
});
