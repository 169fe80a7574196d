import { createDetect } from '../../detect/detect.ts';
import { createLedger } from '../../detect/ledger/ledger.ts';
import { ALL_RULES } from '../../detect/rules/index.ts';
import { compareSeverity, type Finding } from '../../types/finding.ts';
import type { Rule } from '../../types/rule.ts';
import type { Connection, Listener, Snapshot } from '../../types/snapshot.ts';
import type { StoreReader } from '../../types/store.ts';
import { createMemoryHistory } from './memory-history.ts';

export interface RecordReplayOptions {
  /** Only this rule. */
  rule?: string;
  /** Values over the defaults, by rule id. */
  options: Readonly<Record<string, object>>;
  /** Unix ms; older sockets are left out. */
  sinceAt: number;
}

/** A finding that the rules would have told. Times are Unix ms. */
export interface WouldFind {
  finding: Finding;
  firstAt: number;
  lastAt: number;
}

export interface RecordReplay {
  found: WouldFind[];
  /** The same with the rules' own numbers, to compare with. */
  before: WouldFind[];
  looks: number;
  /** Unix ms of the first and the last look; absent where there is nothing to look at. */
  span?: { fromAt: number; toAt: number };
  /** Rows were left out, or looks: the answer is not about all of the record. */
  isPartial: boolean;
}

/** Sockets of each kind taken from the record, newest first. */
const MAX_SOCKETS = 20_000;
/** Looks made; where more things happened, those close together share one. */
const MAX_LOOKS = 4_000;

/**
 * What rules would have found in the record, with other numbers than their own. The record holds sockets and their times,
 * the last state of gateways, and nothing of processes and questions: rules that rest on these are silent here, and a
 * command says so.
 */
export function replayRecord(reader: StoreReader, asked: RecordReplayOptions): RecordReplay {
  const rules = asked.rule === undefined ? ALL_RULES : ALL_RULES.filter(({ id }) => id === asked.rule);
  const story = storyOf(reader, asked.sinceAt);
  const changed = judgeAll(story, rules, asked.options, reader);
  const isChanged = Object.keys(asked.options).length > 0;
  return {
    found: changed,
    before: isChanged ? judgeAll(story, rules, {}, reader) : changed,
    looks: story.looks.length,
    ...(story.looks.length > 0 && { span: { fromAt: story.looks[0]!, toAt: story.looks.at(-1)! } }),
    isPartial: story.isPartial,
  };
}

interface Lived<Socket> {
  socket: Socket;
  firstAt: number;
  /** Unix ms of its end; infinite while it is open. */
  endAt: number;
}

interface Story {
  looks: number[];
  listeners: Lived<Listener>[];
  connections: Lived<Connection>[];
  isPartial: boolean;
}

function storyOf(reader: StoreReader, sinceAt: number): Story {
  const wanted = { sinceAt, limit: MAX_SOCKETS };
  const listeners = reader.listeners(wanted).map(({ listener, firstAt, closedAt }) => ({
    socket: listener,
    firstAt,
    endAt: closedAt ?? Number.POSITIVE_INFINITY,
  }));
  const connections = reader.connections(wanted).map(({ connection, firstAt, closedAt }) => ({
    socket: connection,
    firstAt,
    endAt: closedAt ?? Number.POSITIVE_INFINITY,
  }));
  const moments = new Set<number>();
  for (const { firstAt, endAt } of [...listeners, ...connections]) {
    moments.add(Math.max(firstAt, sinceAt));
    if (Number.isFinite(endAt)) moments.add(endAt);
  }
  const last = reader.lastCycle()?.at;
  if (last !== undefined) moments.add(last);
  const sorted = [...moments].filter(Number.isFinite).sort((a, b) => a - b);
  const step = Math.ceil(sorted.length / MAX_LOOKS);
  const looks = sorted.filter((_, index) => index % step === step - 1 || index === sorted.length - 1);
  const isPartial = step > 1 || listeners.length >= MAX_SOCKETS || connections.length >= MAX_SOCKETS;
  return { looks, listeners, connections, isPartial };
}

function judgeAll(
  story: Story,
  rules: readonly Rule[],
  options: Readonly<Record<string, object>>,
  reader: StoreReader,
): WouldFind[] {
  const first = story.looks[0] ?? 0;
  const detect = createDetect({ rules, options });
  const ledger = createLedger();
  const history = createMemoryHistory({
    learningSince: reader.learningSince() ?? first,
    learningUntil: first,
    wasLearned: () => false,
  });
  const gateways = reader.gateways();
  const found = new Map<string, WouldFind>();
  for (const at of story.looks) {
    const snapshot = lookOf(story, gateways, at);
    ledger.look(snapshot, history);
    const findings = detect(snapshot, history, { now: at, singleLook: false, ledger });
    history.record(snapshot, findings);
    for (const finding of findings) note(found, finding, at);
  }
  return [...found.values()].sort((a, b) => a.firstAt - b.firstAt);
}

function note(found: Map<string, WouldFind>, finding: Finding, at: number): void {
  if (finding.verdict !== 'finding') return;
  const known = found.get(finding.fingerprint);
  if (known === undefined) found.set(finding.fingerprint, { finding, firstAt: at, lastAt: at });
  else {
    known.lastAt = at;
    if (compareSeverity(finding.severity, known.finding.severity) > 0) known.finding = finding;
  }
}

function lookOf({ listeners, connections }: Story, gateways: Snapshot['gateways'], at: number): Snapshot {
  const isThere = ({ firstAt, endAt }: Lived<unknown>) => firstAt <= at && at < endAt;
  const open = connections.filter(isThere).map(({ socket }) => socket);
  return {
    at,
    durationMs: 0,
    host: 'record',
    // Whatever was seen is in the record, also short connections and names.
    telemetry: 'T2',
    sources: ['record'],
    gateways,
    listeners: listeners.filter(isThere).map(({ socket }) => socket),
    connections: open,
    processes: [...new Map(open.flatMap(({ owner }) => (owner ? [[owner.process.pid, owner.process]] : []))).values()],
    family: [],
    interfaces: [],
    addressContext: {},
    blindSpots: [],
  };
}
