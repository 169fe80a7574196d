/** Small snapshots to record, and a place to record them in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type Finding, fingerprint } from '../../src/types/finding.ts';
import type { Gateway } from '../../src/types/gateway.ts';
import type { Connection, Listener, Owner, Snapshot } from '../../src/types/snapshot.ts';
import { connectionKey, listenerKey, type Observation } from '../../src/types/socket.ts';
import type { Store } from '../../src/types/store.ts';

export const START = Date.UTC(2026, 10, 20, 12);
export const at = (seconds: number) => START + seconds * 1000;

/** A directory of its own that is removed after the test, and stores that are closed. */
export function useDirectories() {
  const made: string[] = [];
  const open: { close(): void }[] = [];
  afterEach(() => {
    for (const store of open.splice(0)) {
      try {
        store.close();
      } catch {
        // A test of a damaged file may leave a handle that cannot close.
      }
    }
    for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
  });
  return {
    directory(): string {
      const directory = mkdtempSync(join(tmpdir(), 'clawwatch-store-'));
      made.push(directory);
      return directory;
    },
    file(): string {
      return join(this.directory(), 'clawwatch.db');
    },
    closing<Each extends { close(): void }>(store: Each): Each {
      open.push(store);
      return store;
    },
  };
}

export function owner(pid: number, more: Partial<Owner['process']> = {}): Owner {
  return {
    process: { pid, startTicks: pid * 10, ppid: 1, comm: 'node', argv: ['node', 'gateway'], markers: {}, ...more },
    role: 'gateway',
    confidence: 'certain',
    lineage: [{ pid, comm: 'node' }],
  };
}

export function listener(port: number, more: Partial<Listener> = {}): Listener {
  const socket: Observation = {
    source: 'procfs',
    seenAt: START,
    netns: '4026531840',
    protocol: 'tcp',
    family: 4,
    state: 'LISTEN',
    local: { address: '127.0.0.1', port },
    inode: 1000 + port,
    uid: 1000,
  };
  const whole: Listener = {
    ...socket,
    key: '',
    service: 'none',
    reach: 'loopback',
    reachableAt: [{ address: '127.0.0.1', class: 'loopback', reach: 'loopback', confidence: 'certain' }],
    since: { at: START, basis: 'first-look' },
    place: 'host',
    ...more,
  };
  return { ...whole, key: listenerKey(whole) };
}

export function connection(port: number, more: Partial<Connection> = {}): Connection {
  const socket: Observation = {
    source: 'procfs',
    seenAt: START,
    netns: '4026531840',
    protocol: 'tcp',
    family: 4,
    state: 'ESTABLISHED',
    local: { address: '192.0.2.10', port },
    remote: { address: '198.51.100.7', port: 443 },
    inode: 50_000 + port,
    uid: 1000,
  };
  const whole: Connection = {
    ...socket,
    key: '',
    direction: 'outbound',
    since: { at: START, basis: 'first-look' },
    ...more,
  };
  return { ...whole, key: connectionKey(whole) };
}

export function snapshot(seconds: number, more: Partial<Snapshot> = {}): Snapshot {
  return {
    at: at(seconds),
    durationMs: 5,
    host: 'box',
    telemetry: 'T0',
    sources: ['procfs'],
    gateways: [],
    listeners: [],
    connections: [],
    processes: [],
    family: [],
    interfaces: [{ netns: '4026531840', address: '127.0.0.1', family: 4, up: true }],
    addressContext: {},
    blindSpots: [],
    ...more,
  };
}

export function finding(subject: string, more: Partial<Finding> = {}): Finding {
  return {
    ruleId: 'EXP-01',
    verdict: 'finding',
    severity: 'high',
    title: `${subject} can be reached from the LAN`,
    subject,
    why: 'Anybody on the LAN can try to log in.',
    evidence: [{ label: 'socket', value: '0.0.0.0:18789' }],
    fixes: [],
    confidence: 'certain',
    fingerprint: fingerprint(more.ruleId ?? 'EXP-01', subject),
    socketKeys: [],
    ...more,
  };
}

export function gateway(id: string, port: number): Gateway {
  return {
    id,
    profile: id,
    running: true,
    confidence: 'certain',
    workspaces: [],
    locks: [],
    evidence: [],
    config: {
      status: 'read',
      files: [],
      value: {},
      unknownKeys: [],
      problems: [],
      networkSubset: { port },
      networkHash: `hash-${port}`,
    },
    markers: {},
    version: {},
    declared: { mode: 'loopback', modeBy: 'default', addresses: [], port, portBy: 'config', configMode: 'loopback' },
    auth: { mode: 'token', strength: 'sound', reasons: [] },
    gatewayListeners: [],
    otherListeners: [],
    reach: 'loopback',
    reachableAt: [],
    differences: [],
    bindVerdict: 'as declared',
  };
}

/** Records a look and says which listeners are open afterwards, by port. */
export function openPorts(store: Store): number[] {
  return store
    .listeners({ open: true })
    .map((row) => row.listener.local.port)
    .sort((a, b) => a - b);
}
