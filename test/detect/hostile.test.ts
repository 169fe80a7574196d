import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetect } from '../../src/detect/detect.ts';
import type { ProcessFact } from '../../src/types/process.ts';
import type { Role } from '../../src/types/snapshot.ts';
import { config, connection, exposedGateway, history, listener, NOW, owner, process, snapshot } from './builders.ts';

const numRuns = Number(globalThis.process.env.CLAWWATCH_FUZZ_RUNS ?? 300);

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('__proto__', 'constructor', '', '*', '0.0.0.0/0', 'http://[', '\u001b[2J\n'),
);
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
