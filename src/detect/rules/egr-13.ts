import { type Evidence, type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import { formatEndpoint } from '../../types/ip.ts';
import type { Attempt, ContactWindow, Ledger } from '../../types/ledger.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { shellQuote } from '../../types/text.ts';
import { partialSight, sees } from '../partial-sight.ts';
import { finding, momentWords, ownerEvidence } from '../subjects.ts';
import { windowSubject } from '../window-finding.ts';

interface Options {
  windowMs: number;
  ends: number;
  failedShare: number;
  samePortHosts: number;
  portsOfHost: number;
  slowMs: number;
  slowHosts: number;
  dayHosts: number;
}

/** One way in which it looks like a scan. */
interface Shape {
  words: string;
  attempts: readonly Attempt[];
  isNear: boolean;
}

const ID = 'EGR-13';
const DAY_MS = 86_400_000;
/** So many failures of others, and no success of anybody, mean that there is no network. */
const OFFLINE_FAILURES = 2;

export const egr13: Rule<Options> = {
  id: ID,
  title: 'Scan or fan-out',
  what: 'One skill, command or other member of the family tries many addresses or ports in a short time: most of them without an answer, many hosts of an own network at one port, many ports of one host, or slowly over the day.',
  why: 'Whoever has taken over the agent looks around: for a NAS, a router, other machines, and services on loopback.',
  falsePositives:
    'The agent browser is left out, since pages fan out. Searches reach many sites and succeed, so public ends count only where half of them fail; addresses of one known domain count as one, and nothing is said while the whole machine is offline. A scan that you asked for is told too: nothing here can tell who asked.',
  whatToDo: 'Stop the process, unless you started the scan yourself. Then see what it found: the hosts that answered.',
  severity: 'high',
  severityRange:
    'high for own networks, and for skills, MCP servers and detached processes; medium for public ends of a command or the gateway',
  needs: 'T0',
  attack: ['T1046', 'T1018', 'T1016'],
  defaults: {
    windowMs: 60_000,
    ends: 15,
    failedShare: 0.5,
    samePortHosts: 8,
    portsOfHost: 20,
    slowMs: 600_000,
    slowHosts: 40,
    dayHosts: 60,
  },
  optionNotes: {
    windowMs: 'Span in ms of the fast measures.',
    ends: 'Different addresses with port, of which a share fails.',
    failedShare: 'That share. Programs that know where they go fail rarely.',
    samePortHosts: 'Different hosts of own networks at one port: nobody has so many printers.',
    portsOfHost: 'Different ports of one host.',
    slowMs: 'Span in ms of the slow measure.',
    slowHosts: 'Different hosts of own networks within it.',
    dayHosts: 'Different hosts of own networks within a day, for a scan that takes its time.',
  },
  judge(snapshot, context) {
    const { ledger } = context;
    if (ledger === undefined) return [];
    const found: Finding[] = [];
    for (const subject of ledger.subjects()) {
      // Left out by its own name: a skill is called `skill …`.
      if (subject === 'browser') continue;
      const shapes = shapesOf(subject, ledger, context);
      if (shapes.length > 0) found.push(told(subject, shapes, snapshot, ledger));
    }
    const unseen = sees(snapshot, 'T1') ? undefined : 'attempts that end between two looks are missed';
    return [...found, ...partialSight(egr13, snapshot, unseen)];
  },
};

function shapesOf(subject: string, ledger: Ledger, { now, options }: RuleContext<Options>): Shape[] {
  const day = ledger.attempts(subject, now - DAY_MS);
  // Most members reach a handful of ends; the least of all measures decides.
  if (day.length < Math.min(options.samePortHosts, options.ends, options.portsOfHost)) return [];
  const recent = day.filter(({ at }) => at >= now - options.windowMs);
  const near = day.filter(isNear);
  const recentNear = recent.filter(isNear);
  const slow = near.filter(({ at }) => at >= now - options.slowMs);
  return [
    ...failing(subject, recent, ledger, now, options),
    ...mostBy(recentNear, ({ protocol, port }) => `${protocol} ${port}`, options.samePortHosts).map((attempts) => ({
      words: `${hostsOf(attempts)} hosts of own networks at port ${attempts[0]!.port} within a minute`,
      attempts,
      isNear: true,
    })),
    ...mostBy(recent, ({ address }) => address, options.portsOfHost).map((attempts) => ({
      words: `${attempts.length} ports of ${attempts[0]!.address} within a minute`,
      attempts,
      isNear: attempts[0]!.remoteClass !== 'public',
    })),
    ...(hostsOf(slow) >= options.slowHosts
      ? [{ words: `${hostsOf(slow)} hosts of own networks within ten minutes`, attempts: slow, isNear: true }]
      : []),
    ...(hostsOf(near) >= options.dayHosts
      ? [{ words: `${hostsOf(near)} hosts of own networks within a day`, attempts: near, isNear: true }]
      : []),
  ];
}

/** Many different ends of which a share gave no answer. */
function failing(subject: string, recent: readonly Attempt[], ledger: Ledger, now: number, options: Options): Shape[] {
  // The addresses of one domain are put together below, so there are never more failures than these.
  if (recent.length < options.ends || !recent.some(({ failed }) => failed === true)) return [];
  const destinations = destinationsOf(subject, ledger);
  const ends = new Map<string, { failed: boolean; isNear: boolean }>();
  for (const attempt of recent) {
    const { address, port, failed } = attempt;
    // A domain of many addresses that are all down (IPv6 without a route) is one end that is down.
    const key = `${destinations.get(`${port} ${address}`) ?? address} ${port}`;
    const known = ends.get(key);
    const hasFailed = failed === true && (known?.failed ?? true);
    ends.set(key, { failed: hasFailed, isNear: isNear(attempt) });
  }
  const values = [...ends.values()];
  const failures = values.filter(({ failed }) => failed).length;
  if (ends.size < options.ends || failures < ends.size * options.failedShare) return [];
  const hasNear = values.some((end) => end.isNear);
  if (!hasNear && isOffline(subject, ledger, now - options.windowMs)) return [];
  const words = `${ends.size} different ends within a minute, ${failures} of them without an answer`;
  return [{ words, attempts: recent, isNear: hasNear }];
}

/** Named destinations by port and address, so that the addresses of one domain are one end. */
function destinationsOf(subject: string, ledger: Ledger): Map<string, string> {
  const destinations = new Map<string, string>();
  for (const contact of ledger.contacts()) {
    if (contact.subject !== subject || contact.name === undefined) continue;
    for (const address of contact.addresses) destinations.set(`${contact.port} ${address}`, contact.destination);
  }
  return destinations;
}

function isOffline(subject: string, ledger: Ledger, sinceAt: number): boolean {
  let failures = 0;
  for (const other of ledger.subjects()) {
    for (const { remoteClass, failed } of ledger.attempts(other, sinceAt)) {
      if (remoteClass !== 'public') continue;
      if (failed === false) return false;
      if (failed === true && other !== subject) failures++;
    }
  }
  return failures >= OFFLINE_FAILURES;
}

function isNear({ remoteClass }: Attempt): boolean {
  return (
    remoteClass === 'private' || remoteClass === 'link-local' || remoteClass === 'tailnet' || remoteClass === 'cgnat'
  );
}

function hostsOf(attempts: readonly Attempt[]): number {
  return new Set(attempts.map(({ address }) => address)).size;
}

/** The largest group that reaches the limit. */
function mostBy(attempts: readonly Attempt[], keyOf: (attempt: Attempt) => string, limit: number): Attempt[][] {
  const groups = [...Map.groupBy(attempts, keyOf).values()].filter(({ length }) => length >= limit);
  return groups.length === 0 ? [] : [groups.reduce((a, b) => (b.length > a.length ? b : a))];
}

function told(subject: string, shapes: readonly Shape[], snapshot: Snapshot, ledger: Ledger): Finding {
  const contact = latestContact(subject, ledger);
  const who = contact ?? { subject, role: 'other' as const };
  const lead = shapes[0]!;
  const isNearby = shapes.some((shape) => shape.isNear);
  const holder = snapshot.connections.findLast(
    ({ owner }) => owner !== undefined && owner.role !== 'other' && subjectOfOwner(owner) === subject,
  )?.owner;
  const isProgram = subject.startsWith('skill ') || subject === 'mcp' || subject === 'detached';
  const severity: Severity = isNearby || isProgram ? 'high' : 'medium';
  const skill = subject.startsWith('skill ') ? subject.slice(6) : undefined;
  const scope = skill === undefined ? `--role ${shellQuote(subject)}` : `--skill=${shellQuote(skill)}`;
  return finding({
    ruleId: ID,
    severity,
    title: `${contact === undefined ? subjectWords(subject) : windowSubject(who)} scans: ${lead.words}`,
    subject,
    why: 'A program with a task knows where it goes. One that tries address after address is looking for what there is.',
    evidence: [
      ...shapes.map(({ words }) => ({ label: 'scan', value: words })),
      ...endEvidence(lead.attempts),
      ...(holder === undefined ? programEvidence(contact) : ownerEvidence(holder)),
    ],
    fixes: [
      { text: 'See which process it is, and stop it.', command: 'clawwatch connections --live' },
      {
        text: 'If you started this scan yourself, mute the rule for a while and say why.',
        command: `clawwatch suppress ${ID} ${scope} --for 2h --reason 'what it is for'`,
      },
    ],
    confidence: 'certain',
    fingerprint: fingerprint(ID, subject),
    ...(contact?.gatewayId === undefined ? {} : { gatewayId: contact.gatewayId }),
    socketKeys: [],
    hints: { pids: holder === undefined ? (contact?.pids.toReversed() ?? []) : [holder.process.pid] },
  });
}

function subjectOfOwner({ role, skill }: { role: string; skill?: string }): string {
  return skill === undefined ? role : `skill ${skill}`;
}

function subjectWords(subject: string): string {
  return subject.startsWith('skill ') ? `Skill "${subject.slice(6)}"` : `A process of the agent (${subject})`;
}

function latestContact(subject: string, ledger: Ledger): ContactWindow | undefined {
  let latest: ContactWindow | undefined;
  for (const contact of ledger.contacts()) {
    if (contact.subject === subject && (latest === undefined || contact.lastAt >= latest.lastAt)) latest = contact;
  }
  return latest;
}

function programEvidence(contact: ContactWindow | undefined): Evidence[] {
  const pid = contact?.pids.at(-1);
  if (contact?.program === undefined) return [];
  return [
    { label: 'process', value: `${contact.program}${pid === undefined ? '' : ` (pid ${pid})`}, ${contact.role}` },
  ];
}

function endEvidence(attempts: readonly Attempt[]): Evidence[] {
  const last = attempts.at(-1);
  const ends = attempts.slice(-8).map(({ address, port }) => formatEndpoint(address, port));
  const answered = attempts.filter(({ failed }) => failed === false).slice(0, 8);
  return [
    {
      label: 'destination',
      value: `${ends.join(', ')}${attempts.length > 8 ? ` and ${attempts.length - 8} more` : ''}`,
    },
    ...(answered.length === 0
      ? []
      : [{ label: 'answered', value: answered.map(({ address, port }) => formatEndpoint(address, port)).join(', ') }]),
    ...(last === undefined ? [] : [{ label: 'last attempt', value: momentWords(last.at) }]),
  ];
}
