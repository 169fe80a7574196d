import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/cli/width.ts';
import {
  aBlindSpot,
  aConnection,
  aCycle,
  aFinding,
  aListener,
  anExposedGateway,
  anExposedSnapshot,
  anOwner,
  aStore,
  asRecord,
  clawwatch,
  NOW,
  type World,
} from './world.ts';

// The agent's lock is a real file.
const directory = mkdtempSync(join(tmpdir(), 'clawwatch-hostile-'));
const database = join(directory, 'c.db');
afterAll(() => rmSync(directory, { recursive: true }));

const RUNS = Math.min(Number(process.env.CLAWWATCH_FUZZ_RUNS) || 60, 5000);

/** Pieces with which a process would paint, hide, reorder or forge. */
const attack = fc.oneof(
  fc.constantFrom(
    '\u001b[2J\u001b[1;1H',
    '\u001b]0;title\u0007',
    '\u001b]8;;https://example.invalid\u001b\\',
    '\u009b31m',
    '\n OK        gateway "default"',
    '\r',
    '\u202e',
    '\u2066',
    '\u200b',
    '\u00ad',
    '\u{e0041}\u{e0042}',
    '\ufe0f',
    '\u0000',
    '\u2028',
    '\ud800',
    'x'.repeat(65_536),
    '字'.repeat(300),
    'e\u0301'.repeat(50),
    '  ',
    "'; rm -rf /; '",
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
);
const hostileText = fc.array(attack, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('a b'));

/** A machine on which everything that somebody else can choose is `text`. */
function hostileWorld(text: string): World {
  const owner = anOwner(
    { comm: text, argv: [text, text], exe: text, cwd: text },
    { role: 'skill', skill: text, gatewayId: text, lineage: [{ pid: 7, comm: text }] },
  );
  const zone = { address: 'fe80::1', port: 18789, zone: text };
  const listener = aListener({ owner, local: zone, gatewayId: text });
  listener.reachableAt = listener.reachableAt.map((address) => ({ ...address, interface: text }));
  const connection = aConnection({ owner, gatewayId: text, remote: { ...zone, port: 443 } });
  const gateway = anExposedGateway({
    id: text,
    profile: text,
    stateDir: text,
    unit: text,
    differences: [text],
    reachableAt: listener.reachableAt,
    version: { installed: text, running: `${text}2` },
    auth: { mode: 'token', strength: 'weak', reasons: [text] },
  });
  gateway.config = {
    ...gateway.config,
    status: 'invalid',
    path: text,
    problems: [text],
    unknownKeys: [{ key: text, hint: text }],
  };
  gateway.declared = { ...gateway.declared, mode: 'invalid', raw: text };
  const found = aFinding({
    title: text,
    subject: text,
    why: text,
    evidence: [{ label: text, value: text }],
    fixes: [{ text, command: 'true' }],
    gatewayId: text,
    socketKeys: [listener.key, connection.key],
  });
  const doubt = aFinding({ verdict: 'unknown', title: text, why: text, fingerprint: 'f'.repeat(64) });
  const blindSpots = [aBlindSpot({ what: text, why: text, fix: text })];
  const seen = { firstAt: NOW, lastAt: NOW };
  return {
    snapshot: anExposedSnapshot({
      host: text,
      sources: [text],
      gateways: [gateway],
      listeners: [listener],
      connections: [connection],
      blindSpots,
    }),
    findings: [found, doubt],
    store: aStore({
      lastCycle: () => aCycle({ blindSpots }),
      listeners: () => [{ listener, ...seen }],
      connections: () => [{ connection, ...seen }],
      findings: () => [asRecord(found), asRecord(doubt)],
      finding: () => asRecord(found),
      blindPeriods: () => [{ fromAt: NOW, toAt: NOW, cause: text }],
    }),
  };
}

const COMMANDS = [
  ['scan'],
  ['scan', '--all'],
  ['listeners'],
  ['connections', '--live'],
  ['findings'],
  ['explain', 'F-1'],
  ['doctor'],
  ['agent', 'run', '--max-cycles', '1'],
];

// Everything that draws nothing, moves the cursor or the reading order, or is beyond the basic plane.
const ACTIVE = /[^\P{C}\n]|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}|[\u{10000}-\u{10ffff}]/u;

describe('text that an attacker chose is inert', () => {
  test.each(COMMANDS.map((argv) => [argv.join(' '), argv] as const))(
    'in every line of %s, and no line is too long',
    async (_name, argv) => {
      await fc.assert(
        fc.asyncProperty(hostileText, fc.integer({ min: 40, max: 200 }), fc.boolean(), async (text, columns, ascii) => {
          const full = [...argv, ...(ascii ? ['--ascii'] : []), '--db', database];
          const { out, err } = await clawwatch(full, { ...hostileWorld(text), io: { columns } });
          expect(out).not.toMatch(ACTIVE);
          expect(err).not.toMatch(ACTIVE);
          if (argv[0] === 'agent') return;
          for (const line of out.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
          // A forged line would start like one of ours.
          expect(out).not.toMatch(/^ OK {8}gateway/m);
        }),
        { numRuns: RUNS },
      );
    },
  );

  test.each(COMMANDS.map((argv) => [argv.join(' '), argv] as const))(
    'in the JSON of %s, which keeps its meaning',
    async (_name, argv) => {
      await fc.assert(
        fc.asyncProperty(hostileText, async (text) => {
          const { out } = await clawwatch([...argv, '--json', '--db', database], hostileWorld(text));
          expect(out).toMatch(/^[\n\x20-\x7e]*$/);
          const parse = () =>
            (argv[0] === 'agent' ? out.trim().split('\n') : [out]).map((line) => JSON.parse(line) as unknown);
          expect(parse).not.toThrow();
          if (argv[0] === 'explain' && text.length < 8000)
            expect(parse()).toMatchObject([{ finding: { title: text } }]);
        }),
        { numRuns: RUNS },
      );
    },
  );

  test('in what is said about wrong arguments', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        for (const argv of [
          [text],
          ['scan', `--${text}`],
          ['explain', text],
          ['findings', '--since', text],
          ['scan', '--fail-on', text],
          ['scan', '--config', `/nowhere/${text}`],
        ]) {
          const { out, err } = await clawwatch(argv, { hasRecord: true });
          expect(out + err).not.toMatch(ACTIVE);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('in a failure, with its stack', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        for (const argv of [['scan'], ['doctor'], ['listeners', '--live']]) {
          const { out, err } = await clawwatch(argv, { failure: new Error(text) });
          expect(out + err).not.toMatch(ACTIVE);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
