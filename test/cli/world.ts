import type { Stages } from '../../src/agent/cycle.ts';
import { createNoRecorder, createRecorder, NO_HISTORY } from '../../src/agent/recorder.ts';
import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import type { BlindSpot } from '../../src/types/blind-spot.ts';
import type { Collected } from '../../src/types/collector.ts';
import { type Finding, findingId, fingerprint } from '../../src/types/finding.ts';
import type { Gateway } from '../../src/types/gateway.ts';
import type { ProcessFact } from '../../src/types/process.ts';
import type { Connection, Listener, Owner, Snapshot } from '../../src/types/snapshot.ts';
import type { CycleRecord, FindingRecord, Store } from '../../src/types/store.ts';

process.env.TZ = 'UTC';

/** 2026-11-20 14:02:31 UTC. */
export const NOW = Date.UTC(2026, 10, 20, 14, 2, 31);
const SINCE = Date.UTC(2026, 10, 20, 13, 47, 0);

export function aProcess(overrides: Partial<ProcessFact> = {}): ProcessFact {
  return {
    pid: 812,
    startTicks: 4711,
    ppid: 1,
    uid: 1000,
    comm: 'openclaw-gatewa',
    argv: ['openclaw-gateway'],
    markers: {},
    ...overrides,
  };
}

export function anOwner(overrides: Partial<ProcessFact> = {}, more: Partial<Owner> = {}): Owner {
  const process = aProcess(overrides);
  return {
    process,
    role: 'gateway',
    gatewayId: 'default',
    confidence: 'certain',
    lineage: [{ pid: process.pid, comm: process.comm }],
    ...more,
  };
}

export function aListener(overrides: Partial<Listener> = {}): Listener {
  return {
    source: 'procfs',
    seenAt: NOW,
    netns: '4026531840',
    protocol: 'tcp',
    family: 4,
    state: 'LISTEN',
    local: { address: '0.0.0.0', port: 18789 },
    key: '4026531840 tcp 0.0.0.0 18789',
    owner: anOwner(),
    gatewayId: 'default',
    service: 'gateway',
    reach: 'lan',
    reachableAt: [
      { address: '127.0.0.1', interface: 'lo', prefix: 8, class: 'loopback', reach: 'loopback', confidence: 'certain' },
      { address: '192.168.50.7', interface: 'eth0', prefix: 24, class: 'private', reach: 'lan', confidence: 'certain' },
    ],
    since: { at: SINCE, basis: 'observed' },
    place: 'host',
    ...overrides,
  };
}

export function aConnection(overrides: Partial<Connection> = {}): Connection {
  return {
    source: 'procfs',
    seenAt: NOW,
    netns: '4026531840',
    protocol: 'tcp',
    family: 4,
    state: 'ESTABLISHED',
    local: { address: '192.168.50.7', port: 40122 },
    remote: { address: '203.0.113.10', port: 443 },
    key: '4026531840 tcp 192.168.50.7 40122 203.0.113.10 443',
    direction: 'outbound',
    remoteClass: 'public',
    owner: anOwner(),
    gatewayId: 'default',
    since: { at: SINCE, basis: 'observed' },
    ...overrides,
  };
}

export function aGateway(overrides: Partial<Gateway> = {}): Gateway {
  return {
    id: 'default',
    profile: 'default',
    running: true,
    confidence: 'certain',
    pid: 812,
    startTicks: 4711,
    startedAt: SINCE,
    workspaces: [],
    locks: [],
    evidence: [],
    config: {
      status: 'read',
      path: '/home/ann/.openclaw/openclaw.json',
      files: [],
      value: {},
      unknownKeys: [],
      problems: [],
      networkSubset: {},
    },
    markers: {},
    version: { installed: '2026.9.6', running: '2026.9.6' },
    declared: {
      mode: 'loopback',
      modeBy: 'config',
      addresses: ['127.0.0.1'],
      port: 18789,
      portBy: 'default',
      configMode: 'loopback',
    },
    auth: { mode: 'token', strength: 'sound', reasons: [] },
    gatewayListeners: ['4026531840 tcp 127.0.0.1 18789'],
    otherListeners: [],
    reach: 'loopback',
    reachableAt: [
      { address: '127.0.0.1', interface: 'lo', prefix: 8, class: 'loopback', reach: 'loopback', confidence: 'certain' },
    ],
    since: { at: SINCE, basis: 'process-start' },
    differences: [],
    bindVerdict: 'as declared',
    ...overrides,
  };
}

/** A gateway that was started with `--bind lan` over a loopback configuration. */
export function anExposedGateway(overrides: Partial<Gateway> = {}): Gateway {
  return aGateway({
    declared: {
      mode: 'lan',
      modeBy: 'flag',
      addresses: ['0.0.0.0'],
      port: 18789,
      portBy: 'default',
      configMode: 'loopback',
    },
    gatewayListeners: ['4026531840 tcp 0.0.0.0 18789'],
    reach: 'lan',
    reachableAt: aListener().reachableAt,
    since: { at: SINCE, basis: 'observed' },
    bindVerdict: 'wider than declared',
    differences: [
      'openclaw.json says bind: loopback; the process was started with --bind lan, and that wins.',
      '`openclaw gateway status` still reports "loopback-only": it reads the config, not the socket.',
    ],
    ...overrides,
  });
}

export function aFinding(overrides: Partial<Finding> = {}): Finding {
  return {
    ruleId: 'EXP-01',
    verdict: 'finding',
    severity: 'high',
    title: 'Gateway "default" listens beyond loopback',
    subject: 'gateway default',
    why: 'Everybody in the LAN can try tokens against it.',
    evidence: [
      { label: 'socket', value: '0.0.0.0:18789' },
      { label: 'process', value: 'openclaw-gateway (812)' },
    ],
    fixes: [
      {
        text: 'Bind to loopback and restart without --bind lan.',
        command: 'openclaw config set gateway.bind loopback',
      },
      {
        text: 'Or let the firewall drop it meanwhile.',
        command:
          "sudo ufw deny in on eth0 to any port 18789 proto tcp comment 'ClawWatch EXP-01: gateway of the agent'",
      },
    ],
    confidence: 'certain',
    fingerprint: fingerprint('EXP-01', 'default'),
    gatewayId: 'default',
    socketKeys: ['4026531840 tcp 0.0.0.0 18789'],
    ...overrides,
  };
}

export function aBlindSpot(overrides: Partial<BlindSpot> = {}): BlindSpot {
  return {
    id: 'proc.fd.denied',
    source: 'procfs',
    what: 'owners of 12 sockets of other users',
    why: 'their processes belong to other users',
    fix: 'run with sudo',
    essential: false,
    ...overrides,
  };
}

export function aSnapshot(overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    at: NOW,
    durationMs: 21,
    host: 'atlas',
    telemetry: 'T0',
    sources: ['procfs'],
    gateways: [aGateway()],
    listeners: [
      aListener({
        local: { address: '127.0.0.1', port: 18789 },
        key: '4026531840 tcp 127.0.0.1 18789',
        reach: 'loopback',
        reachableAt: aGateway().reachableAt,
      }),
    ],
    connections: [],
    processes: [aProcess()],
    family: [],
    interfaces: [],
    addressContext: {},
    blindSpots: [],
    ...overrides,
  };
}

/** A machine with one gateway that can be reached from the LAN and talks to three hosts. */
export function anExposedSnapshot(overrides: Partial<Snapshot> = {}): Snapshot {
  const to = (address: string, port: number, local: number) =>
    aConnection({
      remote: { address, port },
      local: { address: '192.168.50.7', port: local },
      key: `n tcp l ${local} ${address} ${port}`,
    });
  return aSnapshot({
    gateways: [anExposedGateway()],
    listeners: [
      aListener(),
      aListener({
        local: { address: '0.0.0.0', port: 22 },
        key: '4026531840 tcp 0.0.0.0 22',
        service: 'none',
        owner: {
          process: aProcess({ pid: 77, comm: 'sshd', argv: ['sshd: /usr/sbin/sshd -D'] }),
          role: 'other',
          confidence: 'certain',
          lineage: [],
        },
      }),
    ].map((listener, index) => {
      if (index === 1) delete listener.gatewayId;
      return listener;
    }),
    connections: [
      to('203.0.113.10', 443, 40001),
      to('203.0.113.10', 443, 40002),
      to('198.51.100.4', 443, 40003),
      to('2001:db8::5', 8443, 40004),
    ],
    blindSpots: [aBlindSpot()],
    ...overrides,
  });
}

/** A store that keeps one thing of each in memory; what a test does not set is empty. */
export function aStore(overrides: Partial<Store> = {}): Store {
  return {
    lastCycle: () => undefined,
    gateways: () => [],
    listeners: () => [],
    connections: () => [],
    findings: () => [],
    finding: () => undefined,
    findingEvents: () => [],
    blindPeriods: () => [],
    skills: () => [],
    policy: () => [],
    destinations: () => [],
    coverage: () => [],
    learningSince: () => undefined,
    size: () => ({ bytes: 123_456, rows: {} }),
    close: () => {},
    history: () => NO_HISTORY,
    recordCycle: (snapshot, findings) => ({
      cycleId: 1,
      findings: findings.map((finding) => asRecord(finding, snapshot.at)),
    }),
    recordBlindPeriod: () => {},
    setFindingStatus: () => {},
    addPolicyRule: (rule) => ({ ...rule, id: 1 }),
    removePolicyRule: () => {
      throw new Error('no rules');
    },
    judgeDestinations: () => {},
    rejectDestinations: () => {},
    restartLearning: () => {},
    retain: () => 0,
    ...overrides,
  };
}

export function asRecord(finding: Finding, at = NOW, overrides: Partial<FindingRecord> = {}): FindingRecord {
  return {
    ...finding,
    id: findingId(finding.fingerprint),
    status: 'open',
    firstAt: SINCE,
    lastAt: at,
    count: 3,
    ...overrides,
  };
}

export function aCycle(overrides: Partial<CycleRecord> = {}): CycleRecord {
  return {
    id: 9,
    at: NOW - 2000,
    durationMs: 20,
    origin: 'agent',
    blindSpots: [],
    connections: 4,
    connectionsOwned: 4,
    ...overrides,
  };
}

/** What a fake machine shows and how the person looks at it. */
export interface World {
  snapshot?: Snapshot;
  findings?: Finding[];
  /** One look after the other, in the place of `snapshot` and `findings`; the last one stays. */
  looks?: { snapshot: Snapshot; findings: Finding[] }[];
  /** Thrown by the collector. */
  failure?: Error;
  store?: Store | (() => Store);
  /** False: there is no database yet. */
  hasRecord?: boolean;
  io?: Partial<Io>;
  stop?: AbortSignal;
}

export interface Ran {
  code: number;
  out: string;
  err: string;
  /** How often stages were made, and whether they were to record. */
  started: { record: boolean; hostOwners: string }[];
}

/** Runs the whole program on a fake machine. */
export async function clawwatch(argv: string[], world: World = {}): Promise<Ran> {
  const ran: Ran = { code: -1, out: '', err: '', started: [] };
  let looked = 0;
  const look = () => world.looks?.[Math.min(looked, world.looks.length) - 1] ?? world;
  const open = () => (typeof world.store === 'function' ? world.store() : (world.store ?? aStore()));
  const io: Io = {
    stdout: {
      write(text) {
        ran.out += text;
      },
    },
    stderr: {
      write(text) {
        ran.err += text;
      },
    },
    env: {},
    cwd: '/nowhere',
    home: '/nowhere/home',
    uid: 1000,
    pid: 4242,
    platform: 'linux',
    nodeVersion: '24.21.0',
    now: () => NOW,
    isTTY: false,
    columns: 100,
    untilStopped: () => ({ signal: world.stop ?? new AbortController().signal, dispose: () => {} }),
    async createStages(config, options) {
      ran.started.push({ record: options.record, hostOwners: options.hostOwners });
      const stages: Stages = {
        collector: {
          id: 'fake',
          collect: () => {
            looked++;
            return world.failure ? Promise.reject(world.failure) : Promise.resolve({} as Collected);
          },
        },
        enrich: () => look().snapshot ?? aSnapshot(),
        detect: () => look().findings ?? [],
        recorder: options.record
          ? createRecorder({ open, path: config.database, monotonic: () => performance.now() })
          : createNoRecorder(),
      };
      return { stages, warnings: [] };
    },
    askSensor: async () => ({
      heard: false,
      why: 'no sensor is installed for this user',
      fix: 'sudo clawwatch sensor install',
      lost: false,
    }),
    serviceHost: () => Promise.reject(new Error('no services in this world')),
    selfTest: () => Promise.reject(new Error('no test in this world')),
    openReader: async () => (world.hasRecord === false ? undefined : open()),
    openLiveReader: async () => undefined,
    openScreen: () => Promise.reject(new Error('no screen in this world')),
    hasKeyboard: false,
    openStore: async () => open(),
    ...world.io,
  };
  ran.code = await main(argv, io);
  return ran;
}
