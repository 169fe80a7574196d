import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetect } from '../../src/detect/detect.ts';
import { createLedger } from '../../src/detect/ledger/ledger.ts';
import { loadIntel } from '../../src/intel/intel.ts';
import type { Finding } from '../../src/types/finding.ts';
import type { ProcessFact } from '../../src/types/process.ts';
import type { Role } from '../../src/types/snapshot.ts';
import { safeText } from '../../src/types/text.ts';
import { config, connection, exposedGateway, history, listener, NOW, owner, process, snapshot } from './builders.ts';

const numRuns = Number(globalThis.process.env.CLAWWATCH_FUZZ_RUNS ?? 300);

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('__proto__', 'constructor', '', '*', '0.0.0.0/0', 'http://[', '\u001b[2J\n'),
);
/** What a family does, in words of its own choice: where it goes, what it asks for, what it is called. */
const strangeLife = fc.record({
  name: fc.oneof(text, fc.constantFrom('xn--', 'a..b', '.onion', 'webhook.site', 'transfer.sh', 'x.duckdns.org')),
  address: fc.oneof(
    text,
    fc.constantFrom('198.51.100.7', '169.254.169.254', '192.168.50.9', '127.0.0.1', '::ffff:1.2.3.4'),
  ),
  port: fc.constantFrom(0, 22, 53, 443, 4444, 9050, 18_800, 65_535),
  skill: text,
  argv: fc.array(fc.oneof(text, fc.constantFrom('curl', '-c', 'curl x|sh', 'stratum+tcp://p', 'http://2852039166/')), {
    maxLength: 6,
  }),
  comm: fc.oneof(text, fc.constantFrom('bash', 'curl', 'tor', 'xmrig')),
  type: text,
  isBrief: fc.boolean(),
  bytesOut: fc.integer(),
});
const strangeProcess: fc.Arbitrary<ProcessFact> = fc
  .record({ pid: fc.integer(), comm: text, argv: fc.array(text, { maxLength: 5 }), exe: text, cwd: text })
  .map(({ pid, ...more }) => process(pid, more));
const role = fc.constantFrom<Role>('gateway', 'helper', 'exec', 'skill', 'mcp', 'browser', 'detached', 'other');
const port = fc.constantFrom(0, 22, 18789, 18790, 18791, 18799, 18800, 9222, 5353, 11434, 65_535);

/** Keys that rules look at, with anything below them. */
const strangeConfig = fc.dictionary(
  fc.constantFrom(
    'gateway',
    'browser',
    'discovery',
    'hooks',
    'channels',
    'mcp',
    'models',
    'security',
    'agents',
    '__proto__',
  ),
  fc.oneof(
    fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
    fc.dictionary(
      fc.constantFrom('auth', 'controlUi', 'token', 'cdpUrl', 'profiles', 'servers', 'trustedProxies', 'audit', 'mdns'),
      fc.jsonValue({ maxDepth: 3 }),
    ),
  ),
);

test(
  'no rule fails on hostile names, addresses, ports and configurations',
  () => {
    const detect = createDetect();
    fc.assert(
      fc.property(
        strangeProcess,
        role,
        port,
        text,
        strangeConfig,
        strangeConfig,
        text,
        (fact, kind, number, address, now, before, version) => {
          const value = now as Record<string, unknown>;
          const story = exposedGateway('lan', {
            config: config({ value, networkSubset: value, networkHash: 'new' }),
            version: { running: version },
          });
          const look = snapshot({
            gateways: [story.gateway],
            listeners: [story.listener, listener(address, number, 'lan', { owner: owner(kind, fact) })],
            connections: [
              connection([address, number], [address, 18789]),
              connection(['192.168.50.10', 18789], [address, number]),
              connection(['192.168.50.10', 40_000], [address, number], {
                direction: 'outbound',
                verdict: 'unknown',
                owner: owner(kind, fact, { skill: address }),
                destination: { name: version, otherNames: [address] },
              }),
            ],
            blindSpots: [{ id: address, source: address, what: address, why: address, essential: true }],
          });
          const past = history({
            settledConfig: (gatewayId) => ({
              gatewayId,
              hash: 'old',
              subset: before as Record<string, unknown>,
              recordedAt: Number.NaN,
            }),
            inboundPeers: () => [{ address, firstAt: 0, lastAt: 0 }],
          });
          const findings = detect(look, past, { now: NOW, singleLook: false });
          expect(findings.filter(({ title }) => /^Rule .* failed/.test(title)).map(({ evidence }) => evidence)).toEqual(
            [],
          );
          // A command is copied into a shell: no text from outside may reach it with its control characters alive.
          const commands = findings.flatMap(({ fixes }) => fixes.flatMap(({ command }) => command ?? []));
          expect(commands.filter((command) => /[\u0000-\u001f\u007f]/.test(command))).toEqual([]);
          expect(findings.length).toBeGreaterThan(0);
        },
      ),
      { numRuns },
    );
  },
  20_000 + numRuns * 50,
);

const indicators = loadIntel({ now: () => NOW }).indicators;

/** No rule failed, and nothing in what they say can reach a terminal or a shell alive. */
function expectInert(findings: readonly Finding[]): void {
  const failed = findings.filter(({ title }) => /^Rule .* failed/.test(title));
  expect(failed.map(({ evidence }) => evidence)).toEqual([]);
  for (const { title, subject, why, evidence, fixes, fingerprint } of findings) {
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    for (const { text: words, command = '' } of fixes) expect(`${words}${command}`).not.toMatch(CONTROL);
    expect(why).not.toMatch(CONTROL);
    for (const outside of [title, subject, ...evidence.flatMap(({ label, value }) => [label, value])]) {
      expect(typeof outside).toBe('string');
      expect(safeText(outside)).not.toMatch(CONTROL);
    }
  }
}

/** C0 and C1, and what turns the direction of text around. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test(
  'no rule fails on a family that names itself, its hosts and its questions with hostile words, look by look',
  () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(strangeLife, role), { minLength: 1, maxLength: 4 }), (lives) => {
        const detect = createDetect({ indicators, ledger: createLedger() });
        for (const at of [NOW, NOW + 2_000, NOW + 700_000]) {
          const facts = lives.map(([{ comm, argv }], index) =>
            process(3_000 + index, { comm, argv, exe: `/tmp/${comm}` }),
          );
          const connections = lives.map(([life, kind], index) =>
            connection(['192.168.50.10', 40_000 + index], [life.address, life.port], {
              seenAt: at,
              direction: 'outbound',
              verdict: 'unknown',
              verdictReason: life.name,
              owner: owner(kind, facts[index]!, { skill: life.skill }),
              destination: { name: life.name, domain: life.name, source: 'dns', otherNames: [life.address] },
              bytesOut: life.bytesOut,
              ...(life.isBrief && { brief: true, openedAt: at, state: 'CLOSE' }),
            }),
          );
          const look = snapshot({
            ...{ at, telemetry: 'T2', connections, processes: facts },
            family: facts.map(({ pid, startTicks }) => ({
              ...{ pid, startTicks, gatewayId: 'default', basis: 'descendant' },
              ...{ ancestors: [], detached: pid % 2 === 0, firstSeenAt: NOW - 600_000 },
            })),
            questions: lives.map(([{ name, type }], index) => ({ at, name, type, rcode: type, pid: 3_000 + index })),
            skills: [],
          });
          expectInert(detect(look, history(), { now: at, singleLook: false }));
        }
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  },
  30_000 + numRuns * 100,
);
