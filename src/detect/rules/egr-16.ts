import { type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import type { ContactWindow } from '../../types/ledger.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Connection, Snapshot } from '../../types/snapshot.ts';
import { partialSight } from '../partial-sight.ts';
import { perLook } from '../per-look.ts';
import { finding } from '../subjects.ts';
import {
  firstContactAt,
  isUnexplained,
  windowEnd,
  windowEvidence,
  windowFixes,
  windowSubject,
} from '../window-finding.ts';

interface Options {
  windowMs: number;
  windowBytes: number;
  windowRatio: number;
  flowBytes: number;
  flowRatio: number;
  dayBytes: number;
  newDays: number;
  handshakeOut: number;
  handshakeIn: number;
  perSubject: number;
}

interface Bytes {
  bytesOut: number;
  bytesIn: number;
}

/** What was sent, by which measure it is too much. */
interface Upload extends Bytes {
  measure: 'window' | 'flow' | 'day';
}

const ID = 'EGR-16';
const DAY_MS = 86_400_000;
/** A connection whose counters are still missing after this has none. */
const COUNTED_WITHIN_MS = 120_000;
/** Ports at which a hello with certificates comes before anything that is sent. */
const TLS_PORTS: ReadonlySet<number> = new Set([443, 465, 853, 993, 995, 5228, 8443]);

export const egr16: Rule<Options> = {
  id: ID,
  title: 'Upload skew or bulk exfiltration',
  what: 'A skill, command or the gateway sends far more than it gets to a destination that nothing explains: within ten minutes, in one connection, or over a day to a new destination.',
  why: 'Workspace, wallets, key chains and the environment leave as an archive. Programs that ask and read send little.',
  falsePositives:
    'Model providers and other configured, approved or learned hosts are left out; they get megabytes in each turn. Backups, speech and cloud drives of a skill are to be allowed once. The agent browser counts only for what is as large as an archive. Small secrets stay below this rule; EGR-05 to EGR-08 look at where those go.',
  whatToDo:
    'Find out what was sent: files that the process has open or that were read at that time. If it was not meant to leave, make new keys for everything that the agent can read.',
  severity: 'high',
  severityRange:
    'medium; high from 5 MiB, and for a skill or detached process whose destination is at most seven days known; low within own networks; medium for the browser',
  needs: 'T0',
  attack: ['T1041', 'T1048.002', 'T1030'],
  defaults: {
    windowMs: 600_000,
    windowBytes: 262_144,
    windowRatio: 5,
    flowBytes: 5_242_880,
    flowRatio: 3,
    dayBytes: 52_428_800,
    newDays: 7,
    handshakeOut: 2_048,
    handshakeIn: 5_120,
    perSubject: 20,
  },
  optionNotes: {
    windowMs: 'Span in ms of the first measure: an archive leaves within minutes.',
    windowBytes: 'Bytes sent within it. Forms, prompts and commits of a day lie below a quarter of a MiB.',
    windowRatio: 'Times as much sent as received. Ordinary requests get more than they send.',
    flowBytes: 'Bytes of one connection from which it is an upload whatever the time, and high.',
    flowRatio: 'Times as much sent as received in one connection.',
    dayBytes: 'Bytes in a day to a new destination, whatever was received: slow exfiltration behind a busy page.',
    newDays: 'Days for which a destination is new.',
    handshakeOut: 'Bytes sent for a TLS handshake, taken off each connection.',
    handshakeIn: 'Bytes received for it: certificates are that large.',
    perSubject: 'Findings for one skill or role; the largest are told.',
  },
  judge(snapshot, context) {
    const uploads = [...(context.ledger?.contacts() ?? [])].flatMap((contact) => {
      const upload = isCandidate(contact, context) ? uploadOf(contact, snapshot, context) : undefined;
      return upload === undefined ? [] : [{ contact, upload }];
    });
    const bySubject = Map.groupBy(uploads, ({ contact }) => contact.subject);
    const found = [...bySubject.values()].flatMap((all) =>
      all
        .sort((a, b) => b.upload.bytesOut - a.upload.bytesOut)
        .slice(0, context.options.perSubject)
        .map(({ contact, upload }) => told(contact, upload, snapshot, context)),
    );
    return [...found, ...partialSight(egr16, snapshot, uncounted(snapshot))];
  },
};

function isCandidate(contact: ContactWindow, { now, options }: RuleContext<Options>): boolean {
  if (contact.role === 'other' || contact.remoteClass === 'loopback' || !isUnexplained(contact)) return false;
  return contact.bytesSince(now - DAY_MS).bytesOut >= options.windowBytes;
}

function uploadOf(contact: ContactWindow, snapshot: Snapshot, context: RuleContext<Options>): Upload | undefined {
  const { now, options } = context;
  const flow = largestFlow(contact, snapshot, context);
  if (flow !== undefined) return { ...flow, measure: 'flow' };
  const day = contact.bytesSince(now - DAY_MS);
  const isNew = now - firstContactAt(contact, context) <= options.newDays * DAY_MS;
  if (isNew && day.bytesOut >= options.dayBytes) return { ...day, measure: 'day' };
  if (contact.role === 'browser') return undefined;
  const sinceAt = now - options.windowMs;
  const flows = contact.activity.reduce((count, at) => count + (at >= sinceAt ? 1 : 0), 0);
  const window = withoutHandshakes(contact.bytesSince(sinceAt), contact.port, Math.max(1, flows), options);
  const isSkewed = window.bytesOut >= options.windowRatio * Math.max(1, window.bytesIn);
  return window.bytesOut >= options.windowBytes && isSkewed ? { ...window, measure: 'window' } : undefined;
}

/** By key; in most looks no contact has sent enough for anybody to ask. */
const openConnections = perLook(
  ({ connections }): ReadonlyMap<string, Connection> =>
    new Map(connections.map((connection) => [connection.key, connection])),
);

/** The largest upload among the connections that are open and those of the last day that ended. */
function largestFlow(
  contact: ContactWindow,
  snapshot: Snapshot,
  { now, options }: RuleContext<Options>,
): Bytes | undefined {
  if (contact.bytesSince(now - DAY_MS).bytesOut < options.flowBytes) return undefined;
  const flows = contact.socketKeys.map((key) => {
    const { bytesOut = 0, bytesIn = 0 } = openConnections(snapshot).get(key) ?? {};
    return { bytesOut, bytesIn };
  });
  for (const [index, bytes] of contact.activityBytes.entries()) {
    if (contact.activity[index]! >= now - DAY_MS) flows.push(bytes);
  }
  return flows
    .map((flow) => withoutHandshakes(flow, contact.port, 1, options))
    .filter(
      ({ bytesOut, bytesIn }) => bytesOut >= options.flowBytes && bytesOut >= options.flowRatio * Math.max(1, bytesIn),
    )
    .reduce<Bytes | undefined>((a, b) => (a === undefined || b.bytesOut > a.bytesOut ? b : a), undefined);
}

function withoutHandshakes({ bytesOut, bytesIn }: Bytes, port: number, flows: number, options: Options): Bytes {
  if (!TLS_PORTS.has(port)) return { bytesOut, bytesIn };
  return {
    bytesOut: Math.max(0, bytesOut - flows * options.handshakeOut),
    bytesIn: Math.max(0, bytesIn - flows * options.handshakeIn),
  };
}

function severityOf(contact: ContactWindow, upload: Upload, context: RuleContext<Options>): Severity {
  const { role, remoteClass } = contact;
  if (remoteClass !== undefined && remoteClass !== 'public') return 'low';
  if (role === 'browser') return 'medium';
  const isNew = context.now - firstContactAt(contact, context) <= context.options.newDays * DAY_MS;
  const isProgram = role === 'skill' || role === 'detached';
  return (isNew && isProgram) || upload.bytesOut >= context.options.flowBytes ? 'high' : 'medium';
}

const MEASURE_WORDS: Readonly<Record<Upload['measure'], string>> = {
  window: 'within ten minutes',
  flow: 'in one connection',
  day: 'within a day, and the destination is new',
};

function told(contact: ContactWindow, upload: Upload, snapshot: Snapshot, context: RuleContext<Options>): Finding {
  const { subject, destination, port, gatewayId } = contact;
  const firstAt = firstContactAt(contact, context);
  return finding({
    ruleId: ID,
    severity: severityOf(contact, upload, context),
    title: `${windowSubject(contact)} sent ${sizeWords(upload.bytesOut)} to ${windowEnd(contact)}, which nothing explains`,
    subject,
    why: 'So much more out than in is an upload. Whatever the process can read may have been in it.',
    evidence: [
      { label: 'sent', value: `${sizeWords(upload.bytesOut)} ${MEASURE_WORDS[upload.measure]}, without handshakes` },
      { label: 'received', value: sizeWords(upload.bytesIn) },
      { label: 'sent in a day', value: sizeWords(contact.bytesSince(context.now - DAY_MS).bytesOut) },
      ...windowEvidence(contact, snapshot, firstAt),
    ],
    fixes: windowFixes(contact),
    confidence: 'certain',
    fingerprint: fingerprint(ID, subject, destination, String(port)),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: contact.socketKeys.slice(0, 50),
    hints: { destination, pids: contact.pids.toReversed() },
  });
}

function sizeWords(bytes: number): string {
  if (bytes < 10_240) return `${bytes} bytes`;
  return bytes < 1_048_576 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** What is missing where no connection of the family has counters: then nothing that is sent is seen. */
function uncounted({ connections, at }: Snapshot): string | undefined {
  let isBlind = false;
  for (const { direction, owner, state, since, brief, bytesOut } of connections) {
    if (direction !== 'outbound' || brief || state !== 'ESTABLISHED' || at - since.at <= COUNTED_WITHIN_MS) continue;
    if (owner === undefined || owner.role === 'other') continue;
    // One that has counters shows that they are counted.
    if (bytesOut !== undefined) return undefined;
    isBlind = true;
  }
  return isBlind ? 'nothing here counts the bytes of connections' : undefined;
}
