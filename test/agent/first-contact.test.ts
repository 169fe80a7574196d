import { describe, expect, test } from 'vitest';
import { runCycle, type Stages } from '../../src/agent/cycle.ts';
import { createRecorder } from '../../src/agent/recorder.ts';
import { createDetect } from '../../src/detect/detect.ts';
import { createEgressJudge } from '../../src/enrich/egress/verdict.ts';
import { openStore } from '../../src/store/store.ts';
import type { Collected } from '../../src/types/collector.ts';
import { subjectOf } from '../../src/types/contact.ts';
import type { Connection, Owner, Snapshot } from '../../src/types/snapshot.ts';
import { at, connection, gateway, owner, snapshot, useDirectories } from '../store/machine.ts';

const places = useDirectories();

const EXPECTED = [
  ['api.telegram.org', 'channel'],
  ['api.anthropic.com', 'provider'],
].map(([pattern, category]) => ({
  pattern: pattern!,
  roles: ['gateway'] as const,
  category: category as 'channel' | 'provider',
  reason: `${pattern} is configured`,
}));

/** A process of the family; restarts give it another pid. */
function member(pid: number, role: Owner['role'], skill?: string): Owner {
  return { ...owner(pid), role, gatewayId: 'default', ...(skill === undefined ? {} : { skill }) };
}

function to(host: string, port: number, by: Owner): Connection {
  const domain = host.split('.').slice(-2).join('.');
  return connection(port, {
    owner: by,
    gatewayId: 'default',
    remoteClass: 'public',
    destination: { name: host, domain, source: 'dns', confidence: 'certain' },
  });
}

/** The agent over a real record: collecting is a script, judging, rules and store are the real ones. */
function agentOn(path: string, script: (look: number) => { second: number; connections: Connection[] }) {
  let look = 0;
  let now: Snapshot;
  const recorder = createRecorder({ open: () => openStore({ path }), path, monotonic: () => performance.now() });
  const stages: Stages = {
    collector: { id: 'script', collect: async () => ({}) as Collected },
    enrich(_collected, history) {
      const { second, connections } = script(look++);
      const judge = createEgressJudge({
        expected: EXPECTED,
        policy: recorder.policy(),
        learned: (scope, destination) => history.isLearned(subjectOf(scope) ?? '', destination),
        now: at(second),
      });
      now = snapshot(second, {
        gateways: [gateway('default', 18_789)],
        connections: connections.map((each) => ({ ...each, ...judge(each) })),
      });
      return now;
    },
    detect: createDetect(),
    recorder,
  };
  return {
    look: () => runCycle(stages, 'agent', new AbortController().signal),
    stop: () => recorder.close(),
  };
}

/** First contacts on record, whatever their status. */
function firstContacts(path: string) {
  const store = openStore({ path });
  try {
    return store.findings().filter(({ ruleId }) => ruleId === 'EGR-04');
  } finally {
    store.close();
  }
}

const usual = (pid: number, port: number) => [
  to('api.telegram.org', port, member(pid, 'gateway')),
  to('api.anthropic.com', port + 1, member(pid, 'gateway')),
];

describe('first contacts', () => {
  test('of a fresh gateway with a channel and a provider are none in ten minutes, and one when a skill adds its own host', async () => {
    const path = places.file();
    const agent = agentOn(path, (look) => ({
      second: look * 10,
      connections: [
        ...usual(812, 1000 + (look % 7)),
        ...(look >= 60 ? [to('api.skillmetrics.test', 5000 + look, member(3000 + look, 'skill', 'metrics'))] : []),
      ],
    }));
    for (let look = 0; look < 60; look++) await agent.look();
    expect(firstContacts(path)).toEqual([]);
    for (let look = 0; look < 5; look++) await agent.look();
    agent.stop();
    expect(firstContacts(path)).toMatchObject([{ subject: 'skill metrics', severity: 'info', count: 5 }]);
  });

  test('are one for the same skill and domain, however often gateway, agent and skill restart', async () => {
    const path = places.file();
    for (let restart = 0; restart < 10; restart++) {
      const agent = agentOn(path, (look) => ({
        // Learning has ended after the first three.
        second: restart * 3 * 86_400 + look * 2,
        connections: [
          ...usual(812 + restart, 1000 + restart * 10),
          // Between two looks of the same run the skill has come and gone.
          ...(look === 1
            ? [to('api.skillmetrics.test', 6000 + restart, member(3000 + restart, 'skill', 'metrics'))]
            : []),
        ],
      }));
      for (let look = 0; look < 3; look++) await agent.look();
      agent.stop();
    }
    expect(firstContacts(path)).toHaveLength(1);
    const store = places.closing(openStore({ path }));
    expect(store.destinations({ subject: 'skill metrics' })).toMatchObject([
      { connections: 10, days: 10, verdict: 'learned' },
    ]);
  });

  test('stay open after a connection that lasted one look', async () => {
    const path = places.file();
    const agent = agentOn(path, (look) => ({
      second: look === 0 ? 0 : 8 * 86_400 + look * 2,
      connections: look === 1 ? [to('api.skillmetrics.test', 1, member(9, 'skill', 'metrics'))] : [],
    }));
    for (let look = 0; look < 5; look++) await agent.look();
    agent.stop();
    expect(firstContacts(path)).toMatchObject([{ status: 'open', severity: 'low' }]);
  });
});
