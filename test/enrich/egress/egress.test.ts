import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEgress, type EgressContext } from '../../../src/enrich/egress/egress.ts';
import type { Collected } from '../../../src/types/collector.ts';
import type { AgentActivity, NameFact, PolicyRule } from '../../../src/types/egress.ts';
import type { ProcessFact } from '../../../src/types/process.ts';
import type { Connection } from '../../../src/types/snapshot.ts';
import { collected, config, connected, GATEWAY_PROCESS, gatewayFact, look, member, NOW, process } from '../builders.ts';

const COMMAND = process(1000, {
  ppid: GATEWAY_PROCESS.pid,
  startedAt: NOW - 1_000,
  markers: { OPENCLAW_SHELL: 'exec' },
  argv: ['curl'],
});
// Its start is not known, so each of its connections stands for it.
const TIMELESS = process(1001, { ppid: GATEWAY_PROCESS.pid, markers: { OPENCLAW_SHELL: 'exec' }, argv: ['wget'] });
delete (TIMELESS as Partial<ProcessFact>).startedAt;

const PROCESSES = [GATEWAY_PROCESS, COMMAND, TIMELESS];
const OUR = '192.0.2.10';
const PLACES = ['8.8.4.1', '8.8.4.2', '8.8.4.3'];

interface Opened {
  pids: readonly number[];
  address: string;
  port: number;
  local: number;
  protocol?: 'tcp' | 'udp';
}

function seen(opened: readonly Opened[], extra: Partial<Collected> = {}): Collected {
  return collected({
    processes: PROCESSES,
    gateways: [gatewayFact({ config: config({ channels: { telegram: { enabled: true, botToken: '1:x' } } }) })],
    family: [COMMAND, TIMELESS].map((each) => member(each, 'descendant', [GATEWAY_PROCESS])),
    observations: opened.map(({ pids, address, port, local, protocol = 'tcp' }) =>
      connected([OUR, 20_000 + local], [address, port], { pids: [...pids], inode: 5_000 + local, protocol }),
    ),
    names: [fact(PLACES[0]!, 'api.telegram.org'), fact(PLACES[1]!, 'cdn.example')],
    ...extra,
  });
}

function fact(address: string, name: string, extra: Partial<NameFact> = {}): NameFact {
  return { address, name, source: 'hosts', seenAt: NOW, ...extra };
}

/** As the kernel's list gives them: equal places and equal lists of holders are one object each. */
function withSharedParts(all: Collected): Collected {
  const parts = new Map<string, unknown>();
  const shared = <Part>(part: Part): Part => {
    const key = JSON.stringify(part);
    if (!parts.has(key)) parts.set(key, part);
    return parts.get(key) as Part;
  };
  const observations = all.observations.map((socket) => ({
    ...socket,
    remote: shared(socket.remote!),
    pids: shared(socket.pids!),
  }));
  return { ...all, observations };
}

const NOTHING: EgressContext = { policy: [], history: {} };

function judged(all: Collected, context: EgressContext = NOTHING, egress = createEgress()): Connection[] {
  return egress(look(all), all, context).connections;
}

const ANY_OPENED = fc.record({
  pids: fc.constantFrom([812], [1000], [1001], [812, 1000], [1000, 1001]),
  address: fc.constantFrom(...PLACES),
  port: fc.constantFrom(443, 8080),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  local: fc.integer({ min: 0, max: 12 }),
});

const RULE: PolicyRule = {
  id: 1,
  action: 'allow',
  scope: { kind: 'role', name: 'exec' },
  pattern: 'cdn.example',
  reason: 'agreed',
  createdAt: NOW - 1,
  origin: 'user',
};

const READ: AgentActivity = { kind: 'skill-read', gatewayId: 'default', startedAt: NOW - 2_000, skill: 'weather' };
const HELLO = fact(PLACES[1]!, 'greeted.example', { source: 'sni', local: { address: OUR, port: 20_007 } });
const own = (pid: number): NameFact => fact(PLACES[2]!, 'mine.example', { source: 'argv', pid });

describe('createEgress', () => {
  test('what connections share changes nothing: each is judged as if it were alone', () => {
    const extras = fc.record({
      activities: fc.constantFrom<AgentActivity[]>([], [READ]),
      isAllowed: fc.boolean(),
      isNamed: fc.boolean(),
      isGreeted: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(ANY_OPENED, { maxLength: 20, selector: ({ local }) => local }),
        extras,
        (all, given) => {
          const { activities, isAllowed, isNamed, isGreeted } = given;
          const names = seen([]).names!.concat(isNamed ? [own(1000)] : [], isGreeted ? [HELLO] : []);
          const context = { ...NOTHING, policy: isAllowed ? [RULE] : [] };
          const alone = all.map((one) => judged(seen([one], { activities, names }), context)[0]);
          expect(judged(seen(all, { activities, names }), context)).toEqual(alone);
          expect(judged(withSharedParts(seen(all, { activities, names })), context)).toEqual(alone);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('where a hello was seen it counts for its own connection alone', () => {
    const opened = [7, 8].map((local) => ({ pids: [812], address: PLACES[1]!, port: 443, local }));
    const names = seen([]).names!.concat({ ...HELLO, name: 'cdn.example' });
    const confidences = judged(withSharedParts(seen(opened, { names }))).map((each) => each.destination?.confidence);
    expect(confidences).toEqual(['certain', 'likely']);
    const reversed = judged(withSharedParts(seen(opened.reverse(), { names })));
    expect(reversed.map((each) => each.destination?.confidence)).toEqual(['likely', 'certain']);
  });

  test('names, rules, the configuration and what the agent did count from the next look on', () => {
    const egress = createEgress();
    const opened = [{ pids: [1000], address: PLACES[1]!, port: 443, local: 1 }];
    const verdict = (extra: Partial<Collected>, context = NOTHING) => {
      const [connection] = judged(seen(opened, extra), context, egress);
      return [connection?.verdict, connection?.destination?.name, connection?.owner?.skill];
    };
    expect(verdict({})).toEqual(['unknown', 'cdn.example', undefined]);
    expect(verdict({ names: [] })).toEqual(['unknown', undefined, undefined]);
    expect(verdict({}, { ...NOTHING, policy: [RULE] })).toEqual(['approved', 'cdn.example', undefined]);
    expect(verdict({ activities: [READ] })).toEqual(['unknown', 'cdn.example', 'weather']);
    expect(verdict({}, { ...NOTHING, history: { isLearned: () => true } })[0]).toBe('learned');
    expect(verdict({})).toEqual(['unknown', 'cdn.example', undefined]);
  });

  test('the configuration decides from the next look on who is expected', () => {
    const egress = createEgress();
    const opened = [{ pids: [812], address: PLACES[0]!, port: 443, local: 1 }];
    const withoutChannel = [gatewayFact({ config: config({}) })];
    expect(judged(seen(opened), NOTHING, egress)[0]?.verdict).toBe('expected');
    expect(judged(seen(opened, { gateways: withoutChannel }), NOTHING, egress)[0]?.verdict).toBe('unknown');
  });
});
