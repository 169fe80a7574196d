import { type Contact, type ContactRecord, contactOf, isLearned } from '../../types/contact.ts';
import { compareSeverity, type Finding } from '../../types/finding.ts';
import type { ConfigRecord, History } from '../../types/rule.ts';
import type { Connection, Since, Snapshot } from '../../types/snapshot.ts';

/** A history in memory: what the store would answer, without a database and without its size. */
export interface MemoryHistory extends History {
  record(snapshot: Snapshot, findings: readonly Finding[]): void;
  /** Looks went on until then, Unix ms, and each said what the last recorded one said. */
  passed(at: number): void;
}

export interface MemoryHistoryOptions {
  /** Unix ms. */
  learningSince: number;
  learningUntil: number;
  /** What was learned before the replay begins. */
  wasLearned: (subject: string, destination: string) => boolean;
}

const DAY_MS = 86_400_000;
/** Contacts and ended listeners kept; the oldest go first. */
const MAX_KEPT = 20_000;

interface OpenSocket {
  firstAt: number;
  since: Since;
}

export function createMemoryHistory(options: MemoryHistoryOptions): MemoryHistory {
  let open = new Map<string, OpenSocket>();
  let lastCycleAt: number | undefined;
  let nextId = 1;
  const ended = new Map<string, number>();
  const configs = new Map<string, ConfigRecord[]>();
  const contacts = new Map<string, ContactRecord>();
  const byKey = new Map<string, ContactRecord>();
  const peers = new Map<string, Map<string, { address: string; firstAt: number; lastAt: number }>>();

  function recordSockets({ at, listeners, connections }: Snapshot): void {
    const next = new Map<string, OpenSocket>();
    for (const { key, since } of [...listeners, ...connections.filter(({ brief }) => !brief)]) {
      next.set(key, open.get(key) ?? { firstAt: at, since });
    }
    for (const { key } of listeners) ended.delete(key);
    for (const key of open.keys()) if (!next.has(key)) keep(ended, key, at);
    open = next;
  }

  function recordConfig({ at, gateways }: Snapshot): void {
    for (const { id, config } of gateways) {
      if (config.status !== 'read' || config.networkHash === undefined) continue;
      const known = configs.get(id) ?? [];
      if (known.at(-1)?.hash === config.networkHash) continue;
      known.push({ gatewayId: id, hash: config.networkHash, subset: config.networkSubset, recordedAt: at });
      configs.set(id, known.slice(-1000));
    }
  }

  function recordPeer(connection: Connection, at: number): void {
    const { gatewayId, remote, direction } = connection;
    if (direction !== 'inbound' || gatewayId === undefined || remote === undefined) return;
    const of = peers.get(gatewayId) ?? new Map();
    const known = of.get(remote.address) ?? { address: remote.address, firstAt: at };
    keep(of, remote.address, { ...known, lastAt: at });
    peers.set(gatewayId, of);
  }

  function recordContact(connection: Connection, at: number): void {
    const contact = contactOf(connection);
    if (contact === undefined) return;
    const { remote, destination, owner, key, bytesOut = 0, bytesIn = 0, verdict, verdictReason } = connection;
    const isNew = !open.has(key);
    const known = contacts.get(keyOf(contact));
    const isNewDay = known !== undefined && dayOf(known.lastAt) !== dayOf(at);
    const record: ContactRecord = {
      id: known?.id ?? nextId++,
      ...contact,
      role: owner!.role,
      ...(owner!.skill !== undefined && { skill: owner!.skill }),
      ...(connection.gatewayId !== undefined && { gatewayId: connection.gatewayId }),
      ...(destination?.name !== undefined && { name: destination.name }),
      ...(destination?.source !== undefined && { nameSource: destination.source }),
      address: remote!.address,
      port: remote!.port,
      firstAt: known?.firstAt ?? at,
      lastAt: at,
      days: (known?.days ?? 0) + (known === undefined || isNewDay ? 1 : 0),
      learningDays: 0,
      connections: (known?.connections ?? 0) + (isNew ? 1 : 0),
      bytesOut: (known?.bytesOut ?? 0) + (isNew ? bytesOut : 0),
      bytesIn: (known?.bytesIn ?? 0) + (isNew ? bytesIn : 0),
      ...(verdict !== undefined && { verdict }),
      ...(verdictReason !== undefined && { verdictReason }),
      grave: known?.grave ?? false,
    };
    keep(contacts, keyOf(contact), record);
    keep(byKey, key, record);
  }

  function markGrave(findings: readonly Finding[]): void {
    for (const { verdict, severity, socketKeys } of findings) {
      if (verdict !== 'finding' || compareSeverity(severity, 'medium') < 0) continue;
      for (const key of socketKeys) {
        const contact = byKey.get(key);
        if (contact !== undefined) contact.grave = true;
      }
    }
  }

  const find = (subject: string, destination: string) => contacts.get(keyOf({ subject, destination }));
  return {
    firstSeenAt: (key) => open.get(key)?.firstAt,
    sinceOf: (key) => open.get(key)?.since,
    lastCycleAt: () => lastCycleAt,
    settledConfig(gatewayId) {
      const known = configs.get(gatewayId) ?? [];
      return known.findLast(({ recordedAt }) => recordedAt <= (lastCycleAt ?? 0) - DAY_MS) ?? known[0];
    },
    inboundPeers: (gatewayId, sinceAt) =>
      [...(peers.get(gatewayId)?.values() ?? [])].filter(({ lastAt }) => lastAt >= sinceAt),
    wasListening: (key, sinceAt) => open.has(key) || (ended.get(key) ?? Number.NEGATIVE_INFINITY) >= sinceAt,
    destinationFirstSeenAt: (subject, destination) => find(subject, destination)?.firstAt,
    destinationDays: (subject, destination) => find(subject, destination)?.days ?? 0,
    isLearned(subject, destination) {
      const contact = find(subject, destination);
      if (contact?.grave) return false;
      return options.wasLearned(subject, destination) || (contact !== undefined && isLearned(contact));
    },
    isFamiliar: (subject, destination) => options.wasLearned(subject, destination),
    unknownContacts: (sinceAt) =>
      [...contacts.values()].filter(({ verdict, lastAt }) => verdict === 'unknown' && lastAt >= sinceAt),
    learningSince: () => options.learningSince,
    learningUntil: () => options.learningUntil,
    passed(at) {
      lastCycleAt = at;
    },
    record(snapshot, findings) {
      const { at, connections } = snapshot;
      for (const connection of connections) {
        recordPeer(connection, at);
        recordContact(connection, at);
      }
      markGrave(findings);
      recordSockets(snapshot);
      recordConfig(snapshot);
      lastCycleAt = at;
    },
  };
}

function keyOf({ subject, destination }: Contact): string {
  return `${subject.length} ${subject}${destination}`;
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

function keep<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MAX_KEPT) map.delete(map.keys().next().value as K);
}
