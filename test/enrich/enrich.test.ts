import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEnrich, mergeBlindSpots } from '../../src/enrich/enrich.ts';
import type { Observation } from '../../src/types/socket.ts';
import { collected, config, connected, gatewayFact, listening, look, NO_HISTORY, only, process } from './builders.ts';

const RUNS = Number(globalThis.process.env.CLAWWATCH_FUZZ_RUNS ?? 300);

describe('one look', () => {
  it('keeps what was collected', () => {
    const input = collected({
      observations: [listening('127.0.0.1'), connected(['127.0.0.1', 5], ['127.0.0.1', 18789])],
    });
    const before = structuredClone(input);
    const snapshot = createEnrich()(input, NO_HISTORY);
    expect(snapshot).toMatchObject({ at: input.at, host: 'atlas', telemetry: 'T0', sources: ['test'] });
    expect([snapshot.listeners.length, snapshot.connections.length]).toEqual([1, 1]);
    expect(input).toEqual(before);
  });

  it('gives the same answer for the same facts', () => {
    const input = collected({ observations: [listening('::'), listening('0.0.0.0', 39609)] });
    const enrich = createEnrich();
    expect(enrich(input, NO_HISTORY)).toEqual(enrich(input, NO_HISTORY));
  });

  it('loses only the odd socket, and says so', () => {
    const odd = { ...listening('0.0.0.0', 1), local: null } as unknown as Observation;
    const snapshot = look({
      observations: [listening('127.0.0.1'), odd, connected(['127.0.0.1', 5], ['8.8.8.8', 443])],
    });
    expect(snapshot.listeners.map(({ local }) => local.port)).toContain(18789);
    expect(snapshot.connections).toHaveLength(1);
    expect(snapshot.blindSpots.map(({ id, essential }) => [id, essential])).toContainEqual(['enrich.odd.socket', true]);
  });

  it('judges an address that is none as reachable, and not as loopback', () => {
    expect(only(look({ observations: [listening('not an address')] }).listeners)).toMatchObject({ reach: 'lan' });
  });

  it('tells two gateways apart', () => {
    const ops = gatewayFact({ id: 'ops', profile: 'ops', pid: 900, startTicks: 9000 });
    const snapshot = look({
      gateways: [gatewayFact(), ops],
      processes: [process(812), process(900)],
      observations: [listening('127.0.0.1'), listening('0.0.0.0', 55291, { pids: [900] })],
    });
    expect(snapshot.gateways.map(({ id, reach }) => [id, reach])).toEqual([
      ['default', 'loopback'],
      ['ops', 'lan'],
    ]);
  });

  it('never throws on odd text, numbers and configuration', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }),
        fc.jsonValue(),
        fc.integer(),
        (text, argv, value, port) => {
          const snapshot = look({
            processes: [process(812, { comm: text, argv, cwd: text, exe: text, cgroup: text, ppid: port })],
            gateways: [
              gatewayFact({
                config: config({ gateway: value, mcp: value, skills: value, channels: value }),
                startArguments: argv,
                stateDir: text,
                workspaces: argv,
                markers: { OPENCLAW_GATEWAY_PORT: text, HOME: text },
              }),
            ],
            observations: [listening(text, port), listening('0.0.0.0', port), connected([text, port], [text, port])],
          });
          expect(snapshot.listeners).toHaveLength(2);
          expect(snapshot.connections).toHaveLength(1);
          expect(snapshot.gateways).toHaveLength(1);
          expect(snapshot.listeners[1]!.reach).toBe('lan');
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe('blind spots', () => {
  const spot = { id: 'a', source: 's', what: 'w', why: 'y', essential: false };
  it('are told once, and essential wins', () => {
    expect(mergeBlindSpots([spot, { ...spot, essential: true }, spot])).toEqual([{ ...spot, essential: true }]);
  });

  it('of two gateways stay two', () => {
    expect(
      mergeBlindSpots([
        { ...spot, gatewayId: 'a' },
        { ...spot, gatewayId: 'b' },
      ]),
    ).toHaveLength(2);
  });
});
