import { describe, expect, it } from 'vitest';
import type { Collected } from '../../src/types/collector.ts';
import type { Gateway, GatewayFact } from '../../src/types/gateway.ts';
import type { Snapshot } from '../../src/types/snapshot.ts';
import {
  config,
  GATEWAY_PROCESS,
  gatewayFact,
  LAN,
  LO,
  listening,
  lock,
  look,
  only,
  process,
  STARTED_AT,
  TAILSCALE,
} from './builders.ts';

function snapshot(fact: Partial<GatewayFact>, addresses: string[], more: Partial<Collected> = {}): Snapshot {
  return look({
    gateways: [gatewayFact(fact)],
    observations: addresses.map((address) => listening(address)),
    interfaces: [...LO, LAN, TAILSCALE],
    ...more,
  });
}

function gateway(fact: Partial<GatewayFact>, addresses: string[], more: Partial<Collected> = {}): Gateway {
  return only(snapshot(fact, addresses, more).gateways);
}

const bind = (word: string, more: Record<string, unknown> = {}): Partial<GatewayFact> => ({
  config: config({ gateway: { bind: word, ...more } }),
});
const OFFICIAL = 'still report loopback';
const told = (judged: Gateway) => judged.differences.join('\n');

describe('a gateway in each bind mode, as OpenClaw was seen to listen', () => {
  it.each<[string, Partial<GatewayFact>, string[], Gateway['bindVerdict'], Gateway['reach']]>([
    ['loopback', bind('loopback'), ['127.0.0.1', '::1'], 'as declared', 'loopback'],
    ['unset on a bare host', {}, ['127.0.0.1', '::1'], 'as declared', 'loopback'],
    ['lan', bind('lan'), ['0.0.0.0'], 'as declared', 'lan'],
    ['auto on a bare host', bind('auto'), ['127.0.0.1', '::1'], 'as declared', 'loopback'],
    ['auto in a container', { ...bind('auto'), inContainer: true }, ['0.0.0.0'], 'as declared', 'lan'],
    ['unset in a container', { inContainer: true }, ['0.0.0.0'], 'as declared', 'lan'],
    ['tailnet', bind('tailnet'), ['100.101.102.103', '127.0.0.1'], 'as declared', 'tailnet'],
    [
      'custom',
      bind('custom', { customBindHost: '192.168.50.10' }),
      ['192.168.50.10', '127.0.0.1'],
      'as declared',
      'lan',
    ],
    [
      '--bind lan over loopback',
      { ...bind('loopback'), startArguments: ['--bind', 'lan'] },
      ['0.0.0.0'],
      'as declared',
      'lan',
    ],
    ['a hidden --bind lan over loopback', bind('loopback'), ['0.0.0.0'], 'wider than declared', 'lan'],
    ['0.0.0.0', bind('0.0.0.0'), ['0.0.0.0'], 'as declared', 'lan'],
    [
      'Tailscale Serve',
      bind('loopback', { tailscale: { mode: 'serve' } }),
      ['127.0.0.1', '::1'],
      'as declared',
      'loopback',
    ],
  ])('%s', (_title, fact, addresses, verdict, reach) => {
    expect(gateway(fact, addresses)).toMatchObject({ bindVerdict: verdict, reach });
  });

  it('falls back to loopback without a tailnet, and says so', () => {
    const judged = gateway(bind('tailnet'), ['127.0.0.1', '::1'], { interfaces: [...LO, LAN] });
    expect(judged).toMatchObject({ bindVerdict: 'as declared', reach: 'loopback' });
    expect(told(judged)).toContain('falls back to loopback silently');
  });
});

describe('why declared and effective differ', () => {
  it('is empty when they agree', () => {
    expect(gateway(bind('loopback'), ['127.0.0.1', '::1']).differences).toEqual([]);
    expect(gateway(bind('lan'), ['0.0.0.0']).differences).toEqual([]);
  });

  it('names the start argument and what the official tools say', () => {
    const judged = gateway({ ...bind('loopback'), startArguments: ['--bind', 'lan'] }, ['0.0.0.0']);
    expect(judged.differences).toEqual([
      'openclaw.json says bind: loopback; the process was started with --bind lan, and that wins.',
      '`openclaw gateway status`, `openclaw doctor` and `openclaw security audit` still report loopback: ' +
        'they read the config, and the socket is 0.0.0.0:18789.',
    ]);
  });

  it('names the default inside a container', () => {
    const judged = gateway({ inContainer: true }, ['0.0.0.0']);
    expect(told(judged)).toContain('in a container OpenClaw then listens on 0.0.0.0');
    expect(told(judged)).toContain(OFFICIAL);
  });

  it('names the environment of a container', () => {
    const fact = { ...bind('loopback'), inContainer: true, markers: { OPENCLAW_GATEWAY_BIND: 'lan' } };
    expect(told(gateway(fact, ['0.0.0.0']))).toContain('OPENCLAW_GATEWAY_BIND=lan in the environment of the container');
  });

  it('admits that the command line is gone', () => {
    const judged = gateway(bind('loopback'), ['0.0.0.0']);
    expect(judged.differences[0]).toBe('openclaw.json says bind: loopback, but the gateway listens on 0.0.0.0:18789.');
    expect(told(judged)).toContain('The command line of the running gateway is not readable: it renames itself.');
    expect(told(judged)).toContain(OFFICIAL);
    expect(told(judged)).not.toContain('changed after start');
  });

  it('says that a fix of the file did not reach the running process', () => {
    const changed = config({ gateway: { bind: 'loopback' } }, { modifiedAt: STARTED_AT + 1000 });
    const judged = gateway({ config: changed, startArguments: ['gateway', 'run'] }, ['0.0.0.0']);
    expect(judged.bindVerdict).toBe('wider than declared');
    expect(told(judged)).toContain('changed after start: if the bind was changed then');
    expect(told(judged)).toContain(OFFICIAL);
  });

  it('says that an armed gateway will be exposed at its next start', () => {
    const changed = config({ gateway: { bind: 'lan' } }, { modifiedAt: STARTED_AT + 1000 });
    const judged = gateway({ config: changed }, ['127.0.0.1', '::1']);
    expect(judged).toMatchObject({ bindVerdict: 'narrower than declared', reach: 'loopback' });
    expect(judged.differences[0]).toBe(
      'openclaw.json says bind: lan, but the socket is still 127.0.0.1:18789 and [::1]:18789: ' +
        'at its next start the gateway will listen on 0.0.0.0.',
    );
    expect(told(judged)).toContain('changed after start');
    expect(told(judged)).not.toContain(OFFICIAL);
  });

  it('says that an unexplained bind is unexplained', () => {
    const judged = gateway({ ...bind('loopback'), startArguments: ['gateway', 'run'] }, ['0.0.0.0']);
    expect(told(judged)).toContain('Neither its start arguments nor openclaw.json explain it.');
  });

  it('repeats no unknown key of an old guide as if it counted, and makes it inert', () => {
    const unknownKeys = [{ key: 'gateway.bind_address\u001b[2J', hint: 'Write gateway.bind instead.' }];
    const value = { gateway: { bind_address: '127.0.0.1' } };
    const judged = gateway({ config: config(value, { unknownKeys }), inContainer: true }, ['0.0.0.0']);
    expect(judged.reach).toBe('lan');
    expect(judged.differences).toContain(
      'OpenClaw does not know this key: gateway.bind_address\\x1b[2J. Write gateway.bind instead.',
    );
  });

  it.each<[string, Partial<GatewayFact>, string]>([
    ['an unknown bind', bind('evil\u202e'), 'OpenClaw does not know bind "evil\\u{202e}" and refuses to start'],
    ['an old spelling', bind('0.0.0.0'), 'an old spelling that OpenClaw rewrites to lan'],
    ['custom without an address', bind('custom'), 'needs an IPv4 address in gateway.customBindHost'],
    [
      'lan with Funnel',
      bind('lan', { tailscale: { mode: 'funnel' } }),
      'refuses to start with bind: lan together with Tailscale funnel',
    ],
    [
      'a variable that nobody reads',
      { markers: { OPENCLAW_GATEWAY_BIND: 'lan' } },
      'only the container templates read it',
    ],
  ])('mentions %s', (_title, fact, sentence) => {
    expect(told(gateway(fact, []))).toContain(sentence);
  });

  it('calls Serve a gap and Funnel an essential one', () => {
    const spots = (mode: string) => snapshot(bind('loopback', { tailscale: { mode } }), ['127.0.0.1']).blindSpots;
    expect(only(spots('serve'))).toMatchObject({ id: 'enrich.tailscale.served', essential: false });
    expect(only(spots('funnel'))).toMatchObject({ id: 'enrich.tailscale.served', essential: true });
    expect(spots('off')).toEqual([]);
  });
});

describe('the port of a gateway', () => {
  it('is the one in the lock of the running process', () => {
    const judged = gateway({ locks: [lock(4000)] }, [], { observations: [listening('0.0.0.0', 4000)] });
    expect(judged).toMatchObject({ reach: 'lan', declared: { port: 4000, portBy: 'lock file' } });
    expect(told(judged)).toContain('wrote port 4000 into its lock file');
  });

  it('is not taken from a lock that is stale or of another process', () => {
    for (const other of [lock(4000, { status: 'stale' }), lock(4000, { pid: 99 })]) {
      expect(gateway({ locks: [other] }, ['127.0.0.1']).declared.port).toBe(18789);
    }
  });

  it('is read from the only candidate socket where nothing else tells', () => {
    const observations = [listening('127.0.0.1', 5555), listening('::1', 5555), listening('127.0.0.1', 42085)];
    expect(gateway({}, [], { observations }).declared).toMatchObject({ port: 5555, portBy: 'socket' });
  });

  it('is not guessed among several', () => {
    const observations = [listening('0.0.0.0', 5555), listening('0.0.0.0', 6666)];
    expect(gateway({}, [], { observations })).toMatchObject({
      declared: { port: 18789 },
      bindVerdict: 'not listening',
    });
  });
});

describe('a gateway that cannot be seen well', () => {
  const { netns: _netns, ...nowhere } = gatewayFact();

  it.each<[string, GatewayFact, Partial<Collected>]>([
    ['its namespace is unknown', nowhere, { observations: [] }],
    [
      'nothing was read in its namespace',
      gatewayFact({ netns: '77' }),
      { observations: [listening('127.0.0.1', 22, { pids: [] })] },
    ],
    [
      'a socket without visible owner may be its own',
      gatewayFact(),
      { observations: [listening('0.0.0.0', 5555, { pids: [] })] },
    ],
    [
      'a loopback socket here may be of another namespace',
      nowhere,
      { observations: [listening('127.0.0.1', 18789, { pids: [], uid: undefined as never })] },
    ],
  ])('is unknown and never loopback: %s', (_title, fact, more) => {
    const seen = look({ gateways: [fact], ...more });
    expect(only(seen.gateways)).toMatchObject({ reach: 'unknown', bindVerdict: 'unknown' });
    expect(seen.blindSpots).toContainEqual(expect.objectContaining({ id: 'enrich.gateway.sockets', essential: true }));
  });

  it('does not listen yet where its namespace was read whole and holds no socket at all', () => {
    const starting = { gateways: [gatewayFact({ netns: '77' })], observations: [] };
    expect(only(look({ ...starting, netnsRead: ['77'] }).gateways)).toMatchObject({ bindVerdict: 'not listening' });
    expect(only(look({ ...starting, netnsRead: ['78'] }).gateways)).toMatchObject({ bindVerdict: 'unknown' });
  });

  it('counts a socket of the same user on its port', () => {
    const seen = look({ gateways: [nowhere], observations: [listening('127.0.0.1', 18789, { pids: [] })] });
    expect(only(seen.gateways)).toMatchObject({ reach: 'loopback', bindVerdict: 'as declared' });
  });

  it('has an unknown verdict where its file is unreadable, and keeps the reach of its socket', () => {
    const judged = gateway({ config: config({}, { status: 'unreadable' }) }, ['0.0.0.0']);
    expect(judged).toMatchObject({ reach: 'lan', bindVerdict: 'unknown', auth: { strength: 'unknown' } });
    expect(told(judged)).toContain('openclaw.json could not be read');
  });
});

describe('a gateway that does not listen', () => {
  it('is not listening when its sockets were read', () => {
    const judged = gateway({}, [], { observations: [listening('127.0.0.1', 42085)] });
    expect(judged).toMatchObject({
      bindVerdict: 'not listening',
      reach: 'loopback',
      reachableAt: [],
      gatewayListeners: [],
    });
    expect(judged.since).toBeUndefined();
  });

  it('does not take over the socket of a squatter', () => {
    const { pid: _pid, startTicks: _ticks, ...fact } = gatewayFact({ running: false });
    const seen = look({
      gateways: [fact],
      processes: [process(5000)],
      family: [],
      observations: [listening('0.0.0.0', 18789, { pids: [5000] })],
    });
    expect(only(seen.gateways)).toMatchObject({
      bindVerdict: 'not listening',
      gatewayListeners: [],
      otherListeners: [],
    });
    expect(only(seen.listeners)).toMatchObject({ service: 'none', gatewayId: 'default' });
  });
});

describe('the listeners of a gateway', () => {
  it('are its port first and all others of its family after', () => {
    const seen = look({
      observations: [
        listening('127.0.0.1'),
        listening('::1'),
        listening('0.0.0.0', 5353, { protocol: 'udp' }),
        listening('0.0.0.0', 80, { pids: [5000] }),
      ],
      processes: [GATEWAY_PROCESS, process(5000)],
    });
    const judged = only(seen.gateways);
    expect(judged.gatewayListeners).toEqual(seen.listeners.slice(0, 2).map(({ key }) => key));
    expect(judged.otherListeners).toEqual([seen.listeners[2]!.key]);
    expect(judged.reach).toBe('loopback');
    expect(judged.since).toEqual({ at: STARTED_AT, basis: 'process-start' });
  });
});
