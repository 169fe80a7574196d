import { expect, test } from 'vitest';
import { withNames } from '../../src/agent/with-names.ts';
import { NAMES_PENDING, type NamesRequest, type NamesSource } from '../../src/collect/names/names.ts';
import type { BlindSpot } from '../../src/types/blind-spot.ts';
import type { Collected } from '../../src/types/collector.ts';
import type { ExpectedHost } from '../../src/types/egress.ts';
import type { GatewayFact } from '../../src/types/gateway.ts';
import type { Observation } from '../../src/types/socket.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);
const never = new AbortController().signal;

function socket(local: string, remote: string | undefined, extra: Partial<Observation> = {}): Observation {
  const end = (text: string) => {
    const colon = text.lastIndexOf(':');
    return { address: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
  };
  return {
    source: 'procfs',
    seenAt: NOW,
    netns: '1',
    protocol: 'tcp',
    family: 4,
    state: remote === undefined ? 'LISTEN' : 'ESTABLISHED',
    local: end(local),
    ...(remote === undefined ? {} : { remote: end(remote) }),
    pids: [10],
    ...extra,
  };
}

function looking(
  observations: Observation[],
  names: Partial<NamesSource> = {},
  waitMs = 0,
  expectedOf: () => ExpectedHost[] = () => [],
  ruled: () => string[] = () => [],
) {
  const asked: NamesRequest[] = [];
  const collected: Collected = {
    at: NOW,
    durationMs: 1,
    host: 'h',
    sources: ['procfs'],
    ownNetns: '1',
    observations,
    processes: [],
    gateways: [{ id: 'default' } as GatewayFact],
    family: [
      { pid: 10, startTicks: 1, gatewayId: 'default', basis: 'root', detached: false, ancestors: [], firstSeenAt: NOW },
    ],
    interfaces: [],
    blindSpots: [],
  };
  const collector = withNames(
    { id: 'fake', isSupported: () => true, collect: async () => collected },
    {
      names: {
        collect: async (request) => {
          asked.push(request);
          return { names: [], resolvers: [], blindSpots: [] };
        },
        settled: async () => {},
        close: () => {},
        ...names,
      },
      expectedOf,
      ruled,
      waitMs,
    },
  );
  return { asked, look: () => collector.collect(never) };
}

test('names are wanted for what the family opened, not for its callers and not on this host', async () => {
  const { asked, look } = looking([
    socket('0.0.0.0:18789', undefined),
    socket('192.168.50.10:18789', '192.168.50.20:40000'),
    socket('127.0.0.1:40001', '127.0.0.1:18789'),
    socket('192.168.50.10:40002', '203.0.113.76:443'),
    socket('192.168.50.10:40003', '203.0.113.77:443', { pids: [99] }),
  ]);
  await look();
  expect(asked[0]!.remotes).toEqual([{ pid: 10, address: '203.0.113.76', port: 443 }]);
});

const PENDING: BlindSpot = { id: NAMES_PENDING, source: 'names', what: 'w', why: 'y', essential: false };

test('a single look takes the answers that came in time, also when others did not', async () => {
  const answered = { address: '203.0.113.20', name: 'api.telegram.org', source: 'expected', seenAt: NOW } as const;
  let looks = 0;
  const { look } = looking(
    [socket('192.168.50.10:40002', '203.0.113.20:443')],
    {
      collect: async () => ({ names: looks++ === 0 ? [] : [answered], resolvers: [], blindSpots: [PENDING] }),
      settled: () => new Promise(() => {}),
    },
    1,
  );
  expect((await look()).names).toEqual([answered]);
});

test('later looks wait no more, unless other hosts are expected or named by a rule', async () => {
  let expected: ExpectedHost[] = [];
  let ruled: string[] = [];
  let told: readonly string[] | undefined;
  let looks = 0;
  let waits = 0;
  const { look } = looking(
    [socket('192.168.50.10:40002', '203.0.113.20:443')],
    {
      collect: async (request) => {
        told = request.ruled;
        return { names: [], resolvers: [], blindSpots: looks++ < 9 ? [PENDING] : [] };
      },
      settled: async () => void waits++,
    },
    1,
    () => expected,
    () => ruled,
  );
  await look();
  await look();
  expect({ waits, looks }).toEqual({ waits: 1, looks: 3 });
  expected = [{ pattern: 'api.telegram.org', port: 443, roles: ['gateway'], category: 'channel', reason: 'test' }];
  await look();
  expect({ waits, looks }).toEqual({ waits: 2, looks: 5 });
  ruled = ['api.weather.test'];
  await look();
  expect({ waits, looks, told }).toEqual({ waits: 3, looks: 7, told: ruled });
});
