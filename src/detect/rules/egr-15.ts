import { type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import type { ContactWindow } from '../../types/ledger.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { type Cadence, cadencesOf, lockedTo } from '../beacon/cadence.ts';
import { type BeaconOptions, type Judged, judgeBeacon, scoreOf } from '../beacon/judgement.ts';
import { partialSight, sees } from '../partial-sight.ts';
import { finding, momentWords } from '../subjects.ts';
import { isUnexplained, windowEnd, windowEvidence, windowFixes, windowSubject } from '../window-finding.ts';

const ID = 'EGR-15';
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Fewer events qualify for no window. */
const MIN_EVENTS = 8;
/** Seen so much less than what was opened, events are taken to be missing. */
const GOOD_COVERAGE = 0.8;

export const egr15: Rule<BeaconOptions> = {
  id: ID,
  title: 'Beacon-like regularity',
  what: 'Contacts of one skill, command or of the gateway to one destination that nothing explains, whose times and sizes are as even as those of an implant that reports to its master. Windows of an hour, a day, a week and the time since the first contact are tried.',
  why: 'Malware asks for orders at intervals. A poisoned HEARTBEAT.md makes the agent do the same at each heartbeat.',
  falsePositives:
    "Regularity alone is no sign: long polls, heartbeats and hourly jobs score as high as implants. So what is expected, approved or learned is never told, nor the browser, nor a popular host in a rhythm that OpenClaw's own configuration declares. Medium needs a raw score that human activity does not reach. A feed that a skill polls is to be allowed once.",
  whatToDo:
    'See which skill or job does it and what for. If the rhythm is that of the heartbeat, read HEARTBEAT.md. Allow the host for this skill if it belongs there.',
  severity: 'high',
  severityRange:
    'low from a score of 0.75 in context, medium from 0.90 with a raw score of 0.85, high when a sign of another kind agrees (a published indicator, a host for dead drops or tunnels, an address that no name server was asked for); at most low within own networks',
  needs: 'T0',
  attack: ['T1071.001', 'T1029', 'T1573'],
  defaults: {
    rawGate: 0.85,
    medium: 0.9,
    low: 0.75,
    newDays: 7,
    oldDays: 30,
    scheduleTolerance: 0.05,
    rescoreMs: 30_000,
    perSubject: 10,
  },
  optionNotes: {
    rawGate:
      'Raw score needed for medium. Random moments score 0.70 to 0.80, and the additions for context would carry them over the threshold: with this gate 2 of 999 simulated ones got through, without it 146.',
    medium: 'Score in context from which a beacon is medium.',
    low: 'Score in context from which it is low. Human moments to a new host reach it with a raw score of 0.85 only.',
    newDays: 'Days for which a destination counts as new.',
    oldDays: 'Days from which a destination counts as known for long.',
    scheduleTolerance: 'Share by which a period may differ from a declared one and still follow it.',
    rescoreMs: 'Time in ms in which the score of a contact with ever new events is kept.',
    perSubject: 'Findings for one skill or role; the most regular ones are told.',
  },
  judge(snapshot, context) {
    const found: Finding[] = [];
    const cadences = cadencesOf(snapshot.gateways);
    const bySubject = Map.groupBy(regularContacts(snapshot, context, cadences), ({ contact }) => contact.subject);
    for (const judged of bySubject.values()) {
      const ranked = judged.sort((a, b) => b.score - a.score).slice(0, context.options.perSubject);
      for (const each of ranked) found.push(told(each, snapshot, context, cadences));
    }
    return [
      ...found,
      ...partialSight(
        egr15,
        snapshot,
        sees(snapshot, 'T1') ? undefined : 'connections that begin and end between two looks are missed',
      ),
    ];
  },
};

function regularContacts(
  snapshot: Snapshot,
  context: RuleContext<BeaconOptions>,
  cadences: readonly Cadence[],
): Judged[] {
  const { ledger, now, options } = context;
  const { opened = 0, seen = 0 } = snapshot.coverage ?? {};
  const foldLost = opened > 0 && seen / opened < GOOD_COVERAGE;
  const found: Judged[] = [];
  for (const contact of ledger?.contacts() ?? []) {
    if (!isCandidate(contact, now)) continue;
    const raw = scoreOf(contact, now, options.rescoreMs, foldLost);
    if (raw === undefined || raw.score < options.rawGate || !isAlive(contact, raw.medianGapMs, now)) continue;
    const judged = judgeBeacon(contact, raw, snapshot, context);
    if (judged.score < options.low) continue;
    // The rhythm is ours and the host is everybody's.
    if (judged.isPopular && lockedTo(raw.medianGapMs, cadences, options.scheduleTolerance) !== undefined) continue;
    found.push(judged);
  }
  return found;
}

function isCandidate(contact: ContactWindow, now: number): boolean {
  const { role, activity, remoteClass } = contact;
  if (activity.length < MIN_EVENTS || !isUnexplained(contact) || role === 'browser' || role === 'other') return false;
  return remoteClass !== 'loopback' && now - contact.lastAt <= DAY_MS;
}

/** Over once three periods passed in silence; never before an hour, nor after more than a day. */
function isAlive({ lastAt }: ContactWindow, periodMs: number, now: number): boolean {
  return now - lastAt <= Math.min(DAY_MS, Math.max(HOUR_MS, 3 * periodMs));
}

function severityOf({ score, contact, corroboration }: Judged, { options }: RuleContext<BeaconOptions>): Severity {
  const isOwnNetwork = contact.remoteClass !== undefined && contact.remoteClass !== 'public';
  if (score < options.medium || isOwnNetwork) return 'low';
  return corroboration.length > 0 ? 'high' : 'medium';
}

function told(
  judged: Judged,
  snapshot: Snapshot,
  context: RuleContext<BeaconOptions>,
  cadences: readonly Cadence[],
): Finding {
  const { contact, raw, score, reasons, corroboration, firstAt } = judged;
  const { subject, destination, port, gatewayId } = contact;
  const own = lockedTo(raw.medianGapMs, cadences, context.options.scheduleTolerance);
  const end = windowEnd(contact);
  return finding({
    ruleId: ID,
    severity: severityOf(judged, context),
    title: `${windowSubject(contact)} contacts ${end} like clockwork, every ${periodWords(raw.medianGapMs)}`,
    subject,
    why:
      own === undefined
        ? 'Nothing explains this host, and programs that report to a master do so at even intervals.'
        : `Nothing explains this host, and it is contacted in the rhythm of your own ${own.name}: the schedule of the agent may have become the timer of somebody else.`,
    evidence: [
      { label: 'score', value: `${score.toFixed(3)} in context, ${raw.score.toFixed(3)} raw, window ${raw.window}` },
      {
        label: 'parts',
        value: `intervals ${raw.timestamp}, sizes ${raw.dataSize}, distribution ${raw.histogram}, duration ${raw.duration}`,
      },
      {
        label: 'events',
        value: `${raw.events}, the last at ${momentWords(contact.activity.at(-1) ?? contact.lastAt)}`,
      },
      { label: 'sent each time', value: raw.medianBytes > 0 ? `${Math.round(raw.medianBytes)} bytes` : 'not counted' },
      { label: 'over time', value: histogramWords(raw.counts) },
      ...(own === undefined ? [] : [{ label: 'locked to', value: `${own.name}, every ${periodWords(own.periodMs)}` }]),
      ...reasons.map((value) => ({ label: 'context', value })),
      ...corroboration.map((value) => ({ label: 'agrees', value })),
      ...windowEvidence(contact, snapshot, firstAt),
    ],
    fixes: windowFixes(contact),
    confidence: 'likely',
    fingerprint: fingerprint(ID, subject, destination, String(port)),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: contact.socketKeys.slice(0, 50),
    hints: { destination, pids: contact.pids.toReversed() },
  });
}

function periodWords(ms: number): string {
  if (ms < 90_000) return `${Math.round(ms / 100) / 10} s`;
  return ms < 2 * HOUR_MS ? `${Math.round(ms / 6_000) / 10} min` : `${Math.round(ms / 360_000) / 10} h`;
}

const BARS = '▁▂▃▄▅▆▇█';

function histogramWords(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts.map((count) => (count === 0 ? '·' : BARS[Math.ceil((count / most) * BARS.length) - 1])).join('');
}
