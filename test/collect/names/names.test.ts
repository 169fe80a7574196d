import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LookupAnswer } from '../../../src/collect/names/lookup.ts';
import { createNames, type NamesOptions, type NamesRequest } from '../../../src/collect/names/names.ts';
import type { AgentActivity, ExpectedHost, NameFact } from '../../../src/types/egress.ts';
import type { ProcessFact } from '../../../src/types/process.ts';

const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1000);
const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);
const TELEGRAM = '203.0.113.20';
const STRANGER = '198.51.100.70';
const never = new AbortController().signal;

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'clawwatch-names-'));
  link('self', 'mnt:[1]');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function link(pid: string | number, namespace: string): void {
  mkdirSync(join(base, `proc/${pid}/ns`), { recursive: true });
  symlinkSync(namespace, join(base, `proc/${pid}/ns/mnt`));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), text);
}

function expectedHost(pattern: string, port = 443): ExpectedHost {
  return { pattern, port, roles: ['gateway'], category: 'channel', reason: 'test' };
}

function proc(pid: number, argv: string[], ppid = 1): ProcessFact {
  return { pid, ppid, startTicks: pid, comm: 'p', argv, markers: {} };
}

const GATEWAY = proc(10, ['openclaw-gateway']);
const SHELL = proc(20, ['/bin/bash', '--noprofile', '--norc', '-c', "eval 'curl https://skillmetrics.test/x'"], 10);
// biome-ignore lint/suspicious/noTemplateCurlyInString: text of a shell, not of this program
const PREPEND_PATH = 'export PATH="${OPENCLAW_PREPEND_PATH}${PATH:+:$PATH}"; unset OPENCLAW_PREPEND_PATH; ';
const PLAIN_SHELL = proc(20, ['/bin/sh', '-c', `${PREPEND_PATH}curl https://skillmetrics.test/x`], 10);

function request(extra: Partial<Omit<NamesRequest, 'processes'>> & { processes?: ProcessFact[] } = {}): NamesRequest {
  const { processes = [GATEWAY, SHELL], ...rest } = extra;
  return {
    remotes: [],
    gateways: [{ id: 'default', pid: 10, netns: '1' }],
    ownNetns: '1',
    expected: [expectedHost('api.telegram.org')],
    activities: [],
    now: NOW,
    ...rest,
    processes: new Map(processes.map((process) => [process.pid, process])),
  };
}

/** A source with a fake resolver that writes down what it is asked. */
function source(answers: Record<string, LookupAnswer[] | Error> = {}, options: NamesOptions = {}) {
  const asked: string[] = [];
  let at = NOW;
  const names = createNames({
    fsRoot: join(base, 'fs'),
    procRoot: join(base, 'proc'),
    now: () => at,
    wait: async () => {},
    lookup: async (name) => {
      asked.push(name);
      const answer = answers[name] ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    ...options,
  });
  return {
    asked,
    pass: (ms: number) => {
      at += ms;
    },
    /** One look, and one more when the questions of the first are answered. */
    async look(wanted: NamesRequest) {
      await names.collect({ ...wanted, now: at }, never);
      await names.settled();
      return names.collect({ ...wanted, now: at }, never);
    },
    collect: (wanted: NamesRequest) => names.collect({ ...wanted, now: at }, never),
    names,
  };
}

const told = (facts: readonly NameFact[]) =>
  facts.map(({ address, name, source: from }) => `${address} ${name} ${from}`);
const KNOWN = { 'api.telegram.org': [{ address: TELEGRAM, ttlSeconds: 30 }] };

describe('forward resolution of expected hosts', () => {
  test('names of rules are asked for as expected ones are, and a bad one in neither', async () => {
    const ruled = ['api.weather.test', 'bad.test', '*.wild.test'];
    const { look, asked } = source(
      { 'api.weather.test': [{ address: STRANGER, ttlSeconds: 60 }] },
      { neverAsk: (name) => name === 'bad.test' },
    );
    const remotes = [{ pid: 20, address: STRANGER, port: 443 }];
    const { names } = await look(request({ remotes, expected: [expectedHost('bad.test')], ruled }));
    expect(asked).toEqual(['api.weather.test']);
    expect(names).toMatchObject([{ address: STRANGER, name: 'api.weather.test', source: 'expected' }]);
  });

  test('names an address that one of them has', async () => {
    const { look, asked } = source(KNOWN);
    const { names } = await look(request({ remotes: [{ pid: 10, address: TELEGRAM, port: 443 }] }));
    expect(names).toEqual([{ address: TELEGRAM, name: 'api.telegram.org', source: 'expected', seenAt: NOW }]);
    expect(asked).toEqual(['api.telegram.org']);
  });

  test('never delays a look', async () => {
    const { promise, resolve } = Promise.withResolvers<LookupAnswer[]>();
    const { collect, names } = source({}, { lookup: () => promise });
    const wanted = request({ remotes: [{ pid: 10, address: TELEGRAM, port: 443 }] });
    const first = await collect(wanted);
    expect(first.names).toEqual([]);
    expect(first.blindSpots).toMatchObject([{ id: 'names.pending', essential: false }]);
    resolve(KNOWN['api.telegram.org']!);
    await names.settled();
    expect(told((await collect(wanted)).names)).toEqual([`${TELEGRAM} api.telegram.org expected`]);
  });

  test('asks for no wildcard, address, single label or local name', async () => {
    const { look, asked } = source();
    const patterns = [
      '*.npmjs.org',
      'wss-*.slack.com',
      TELEGRAM,
      '2001:db8::7',
      'nas',
      'nas.local',
      'host.docker.internal',
    ];
    await look(
      request({ expected: [...patterns.map((pattern) => expectedHost(pattern)), expectedHost('Discord.COM.')] }),
    );
    expect(asked).toEqual(['discord.com']);
  });

  test('asks again only when the answer ran out and a new address is unexplained', async () => {
    const { look, asked, pass } = source(KNOWN);
    const remote = (address: string) => ({ pid: 10, address, port: 443 });
    await look(request());
    pass(120_000);
    await look(request({ remotes: [remote(TELEGRAM)] }));
    expect(asked).toHaveLength(1);
    pass(1_000);
    await look(request({ remotes: [remote(STRANGER)] }));
    expect(asked).toHaveLength(2);
    pass(30_000);
    await look(request({ remotes: [remote(STRANGER), remote('198.51.100.71')] }));
    expect(asked).toHaveLength(2);
    pass(31_000);
    await look(request({ remotes: [remote(STRANGER), remote('198.51.100.71')] }));
    expect(asked).toHaveLength(3);
    pass(600_000);
    await look(request({ remotes: [remote(STRANGER), remote('198.51.100.71')] }));
    expect(asked).toHaveLength(3);
  });

  test('remembers an address for a day', async () => {
    const { look, pass } = source(KNOWN);
    const wanted = request({ remotes: [{ pid: 10, address: TELEGRAM, port: 443 }] });
    await look(wanted);
    pass(23 * 60 * 60_000);
    expect((await look(wanted)).names).toHaveLength(1);
  });

  test('takes no answer of a blocking resolver for an address', async () => {
    const { look } = source({
      'api.telegram.org': [
        { address: '0.0.0.0', ttlSeconds: 1 },
        { address: '127.0.0.1', ttlSeconds: 1 },
      ],
    });
    expect((await look(request({ remotes: [{ pid: 10, address: '0.0.0.0', port: 443 }] }))).names).toEqual([]);
  });

  test('says when nobody answered', async () => {
    const { look } = source({ 'api.telegram.org': new Error('ETIMEOUT') });
    expect((await look(request())).blindSpots).toMatchObject([{ id: 'names.unanswered' }]);
  });

  test('asks at most four at a time', async () => {
    let running = 0;
    let most = 0;
    const lookup = async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running -= 1;
      return [];
    };
    const expected = Array.from({ length: 40 }, (_, index) => expectedHost(`h${index}.example.test`));
    await source({}, { lookup }).look(request({ expected }));
    expect(most).toBe(4);
  });

  test('asks for nothing when it is off, for nothing listed, and for nothing after its end', async () => {
    const remotes = [{ pid: 10, address: STRANGER, port: 443 }];
    const off = source(KNOWN, { resolveExpected: false });
    expect((await off.look(request({ remotes }))).blindSpots).toMatchObject([{ id: 'names.resolution-off' }]);
    const listed = source(KNOWN, { neverAsk: (name) => name === 'api.telegram.org' });
    await listed.look(request({ remotes }));
    const closed = source(KNOWN);
    closed.names.close();
    await closed.look(request({ remotes }));
    expect([off.asked, listed.asked, closed.asked]).toEqual([[], [], []]);
  });

  test('says that a gateway in another namespace may be told otherwise', async () => {
    const { look } = source();
    const { blindSpots } = await look(request({ gateways: [{ id: 'default', pid: 10, netns: '2' }] }));
    expect(blindSpots).toMatchObject([{ id: 'names.resolver-elsewhere', gatewayId: 'default', essential: false }]);
  });
});

describe('a name in arguments', () => {
  const curl = proc(30, ['curl', 'https://skillmetrics.test/x'], 20);

  test('is never asked for, whatever the arguments hold', async () => {
    const host = fc.oneof(fc.domain(), fc.constant('api.telegram.org'), fc.constant('evil.api.telegram.org'));
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      host,
      host.map((name) => `https://${name}/x`),
      host.map((name) => `u@${name}:1`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 8 }), fc.array(host, { maxLength: 3 }), async (argv, hosts) => {
        const { look, asked } = source(KNOWN);
        const call: AgentActivity = {
          kind: 'tool-call',
          gatewayId: 'default',
          startedAt: NOW,
          tool: 'web_fetch',
          hosts,
        };
        const remotes = [10, 30].map((pid) => ({ pid, address: STRANGER, port: 443 }));
        await look(request({ processes: [GATEWAY, SHELL, proc(30, argv, 20)], activities: [call], remotes }));
        expect(asked.filter((name) => name !== 'api.telegram.org')).toEqual([]);
      }),
      { numRuns: Math.max(100, numRuns / 5) },
    );
  });

  test('is a candidate when there is nothing to choose', async () => {
    const { look, asked } = source(KNOWN);
    const { names } = await look(
      request({ processes: [GATEWAY, SHELL, curl], remotes: [{ pid: 30, address: STRANGER, port: 443 }] }),
    );
    expect(names).toEqual([{ address: STRANGER, name: 'skillmetrics.test', source: 'argv', seenAt: NOW, pid: 30 }]);
    expect(asked).toEqual(['api.telegram.org']);
  });

  test('is none beside a second name or a second unexplained connection', async () => {
    const { look } = source(KNOWN);
    const two = proc(30, ['curl', 'https://a.test', 'https://b.test']);
    const one = { pid: 30, address: STRANGER, port: 443 };
    expect((await look(request({ processes: [two], remotes: [one] }))).names).toEqual([]);
    const remotes = [one, { pid: 30, address: '198.51.100.71', port: 443 }];
    expect((await look(request({ processes: [curl], remotes }))).names).toEqual([]);
  });

  test('still is one beside a connection that is explained', async () => {
    const { look } = source(KNOWN);
    const remotes = [STRANGER, TELEGRAM].map((address) => ({ pid: 30, address, port: 443 }));
    expect(told((await look(request({ processes: [curl], remotes }))).names)).toEqual([
      `${TELEGRAM} api.telegram.org expected`,
      `${STRANGER} skillmetrics.test argv`,
    ]);
  });

  test('that is expected and has another address is no name of this one', async () => {
    const liar = proc(30, ['curl', 'https://api.telegram.org/x']);
    const wanted = request({ processes: [liar], remotes: [{ pid: 30, address: STRANGER, port: 443 }] });
    expect((await source(KNOWN).look(wanted)).names).toEqual([]);
    expect((await source(KNOWN, { resolveExpected: false }).look(wanted)).names).toEqual([]);
  });

  test('that is known to have the address is a fact', async () => {
    const honest = proc(30, ['curl', 'https://api.telegram.org/x']);
    const { names } = await source(KNOWN).look(
      request({ processes: [honest], remotes: [{ pid: 30, address: TELEGRAM, port: 443 }] }),
    );
    expect(told(names)).toEqual([`${TELEGRAM} api.telegram.org expected`, `${TELEGRAM} api.telegram.org argv`]);
    write('fs/etc/resolv.conf', 'nameserver 192.168.50.1\n');
    const answer: NameFact = {
      address: STRANGER,
      name: 'skillmetrics.test',
      source: 'dns',
      server: '192.168.50.1',
      seenAt: NOW,
    };
    const { names: bySensor } = await source().look(
      request({ processes: [curl], remotes: [{ pid: 30, address: STRANGER, port: 443 }], seen: [answer] }),
    );
    expect(bySensor[0]).toEqual(answer);
    expect(told(bySensor)).toEqual([`${STRANGER} skillmetrics.test dns`, `${STRANGER} skillmetrics.test argv`]);
  });

  test('on the wire is a claim, unless a name server of this host has answered', async () => {
    write('fs/etc/resolv.conf', 'nameserver 192.168.50.1\n');
    const end = { address: STRANGER, name: 'api.anthropic.com', seenAt: NOW };
    const seen: NameFact[] = [
      { ...end, source: 'dns', server: '203.0.113.66' },
      { ...end, source: 'dns' },
      { ...end, source: 'sni', local: { address: '192.168.50.10', port: 40_000 } },
    ];
    const { names } = await source().look(request({ remotes: [{ pid: 10, address: STRANGER, port: 443 }], seen }));
    expect(names.map(({ claimed }) => claimed)).toEqual([true, true, true]);
  });

  test('of the shell of the exec tool counts for what runs below it, and of nothing above', async () => {
    const { look } = source();
    const child = proc(31, ['python3', 'x.py'], 20);
    const remotes = [{ pid: 31, address: STRANGER, port: 443 }];
    expect(told((await look(request({ processes: [GATEWAY, SHELL, child], remotes }))).names)).toEqual([
      `${STRANGER} skillmetrics.test argv`,
    ]);
    const login = proc(19, ['bash', '-c', 'curl https://skillmetrics.test']);
    const user = proc(31, ['python3', 'x.py'], 19);
    expect((await look(request({ processes: [login, user], remotes }))).names).toEqual([]);
    const young = { ...SHELL, startTicks: 99 };
    expect((await look(request({ processes: [young, child], remotes }))).names).toEqual([]);
  });
});

describe('a name in a tool call', () => {
  const call = (extra: Partial<AgentActivity>): AgentActivity => ({
    kind: 'tool-call',
    gatewayId: 'default',
    startedAt: NOW - 1_000,
    ...extra,
  });
  const remotes = [{ pid: 10, address: STRANGER, port: 443 }];
  const fetching = call({ tool: 'web_fetch', hosts: ['https://skillmetrics.test/page'] });

  test('is a candidate for the gateway while the call runs', async () => {
    const { look } = source();
    expect(told((await look(request({ remotes, activities: [fetching] }))).names)).toEqual([
      `${STRANGER} skillmetrics.test tool-call`,
    ]);
  });

  test.each<[string, AgentActivity]>([
    ['ended long ago', { ...fetching, endedAt: NOW - 60_000 }],
    ['has not begun', { ...fetching, startedAt: NOW + 60_000 }],
    ['is of another gateway', { ...fetching, gatewayId: 'ops' }],
    ['is a command', { ...fetching, command: 'curl https://skillmetrics.test' }],
  ])('is none for the gateway when the call %s', async (_title, activity) => {
    expect((await source().look(request({ remotes, activities: [activity] }))).names).toEqual([]);
  });

  test.each([
    ['bash and its snapshot', SHELL],
    ['another shell, where SHELL is not set', PLAIN_SHELL],
  ])('is one for what runs below the shell with that command: %s', async (_title, shell) => {
    const child = proc(31, ['python3', 'x.py'], 20);
    const activities = [call({ tool: 'exec', command: 'curl https://skillmetrics.test/x' })];
    const wanted = request({
      processes: [GATEWAY, shell, child],
      remotes: [{ pid: 31, address: STRANGER, port: 443 }],
      activities,
    });
    expect(told((await source().look(wanted)).names)).toEqual([`${STRANGER} skillmetrics.test tool-call`]);
  });
});

describe('hosts files', () => {
  const remotes = [
    { pid: 10, address: '192.168.50.30', port: 443 },
    { pid: 31, address: '192.168.50.30', port: 443 },
  ];

  test('name addresses, and resolv.conf names the name servers', async () => {
    write('fs/etc/hosts', '192.168.50.30 nas.lan\n');
    write('fs/etc/resolv.conf', 'nameserver 192.168.50.1\n');
    const { names, resolvers, blindSpots } = await source().look(request({ remotes }));
    expect(names).toEqual([{ address: '192.168.50.30', name: 'nas.lan', source: 'hosts', seenAt: NOW }]);
    expect(resolvers).toEqual(['192.168.50.1']);
    expect(blindSpots).toEqual([]);
  });

  test('are read again when they change', async () => {
    write('fs/etc/hosts', '192.168.50.30 nas.lan\n');
    const { look } = source();
    await look(request({ remotes }));
    write('fs/etc/hosts', '192.168.50.30 other-name.lan\n');
    expect(told((await look(request({ remotes }))).names)).toEqual(['192.168.50.30 other-name.lan hosts']);
  });

  test('of a container with a gateway speak for its processes alone', async () => {
    link(10, 'mnt:[2]');
    link(31, 'mnt:[1]');
    write('proc/10/root/etc/hosts', '192.168.50.30 inside.lan\n');
    write('proc/10/root/etc/resolv.conf', 'nameserver 172.18.0.1\n');
    const { names, resolvers } = await source().look(request({ remotes }));
    expect(names).toEqual([{ address: '192.168.50.30', name: 'inside.lan', source: 'hosts', seenAt: NOW, pid: 10 }]);
    expect(resolvers).toEqual(['172.18.0.1']);
  });

  test('of a namespace that a skill made for itself are not read', async () => {
    link(10, 'mnt:[1]');
    link(31, 'mnt:[3]');
    write('proc/31/root/etc/hosts', '192.168.50.30 api.telegram.org\n');
    expect((await source().look(request({ remotes }))).names).toEqual([]);
  });

  test('that are no ordinary file or too large are blind spots', async () => {
    mkdirSync(join(base, 'fs/etc/hosts'), { recursive: true });
    expect((await source().look(request())).blindSpots).toMatchObject([{ id: 'names.hosts.unread', essential: false }]);
    rmSync(join(base, 'fs'), { recursive: true });
    write('fs/etc/hosts', '#'.repeat(8 * 1024 * 1024 + 1));
    expect((await source().look(request())).blindSpots).toMatchObject([
      { id: 'names.hosts.unread', why: expect.stringContaining('larger than') },
    ]);
  });
});
