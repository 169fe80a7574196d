import type { DnsQuestion } from '../../types/dns.ts';
import { type Finding, fingerprint, type Severity, shiftSeverity } from '../../types/finding.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { shellQuote } from '../../types/text.ts';
import { disableSkill } from '../agent-fixes.ts';
import { measureTunnel, type ReadQuestion, type TunnelMeasure } from '../dns-tunnel/measure.ts';
import { type QuestionName, questionName } from '../dns-tunnel/question-name.ts';
import { finding, momentWords, programName } from '../subjects.ts';

interface Options {
  windowMs: number;
  shortMs: number;
  unique: number;
  labelLength: number;
  entropy: number;
  bytes: number;
  carriers: number;
  carrierUnique: number;
  missingShare: number;
  missingUnique: number;
  burstUnique: number;
}

const ID = 'EGR-17';
/** Virus scanners that ask for hashes of files by name. Whoever wants to abuse one must be its owner. */
const EXEMPT: ReadonlySet<string> = new Set(['avqs.net', 'e5.sk', 'mcafee.com', 'sophosxl.net']);
/** Domains told in one look; a generator of names makes one for each. */
const MAX_TOLD = 20;

export const egr17: Rule<Options> = {
  id: ID,
  title: 'DNS tunnelling or exfiltration by names',
  what: 'Questions to name servers about ever new names below one registrable domain: long random labels, many bytes in names, answers that carry data, names that do not exist, or a burst of them. Names of the family, and those of which a stub resolver hides who asked.',
  why: 'DNS passes where everything else is blocked: the name carries data out, the answer carries orders back.',
  falsePositives: `Medians over different names are judged and never a single name, since object stores, clusters and virus scanners have long random ones. Questions of block lists about addresses are not counted, and of one domain twenty service names such as _domainkey. An existing name with a search domain behind it is what resolvers try by themselves. A private suffix separates the customers of one cloud. Domains of virus scanners that look up hashes by name are exempt: ${[...EXEMPT].join(', ')}.`,
  whatToDo: 'See who asks and stop it. Take it that data of the size named has left.',
  severity: 'high',
  severityRange:
    'high for long random labels and for many bytes in names, medium for the weaker signs; one step down where it is hidden who asked, and for domains that everybody uses',
  needs: 'T2',
  attack: ['T1071.004', 'T1048.003', 'T1568.002'],
  defaults: {
    windowMs: 600_000,
    shortMs: 300_000,
    unique: 30,
    labelLength: 24,
    entropy: 0.8,
    bytes: 4096,
    carriers: 20,
    carrierUnique: 15,
    missingShare: 0.5,
    missingUnique: 20,
    burstUnique: 200,
  },
  optionNotes: {
    windowMs: 'Span in ms in which names of one domain are put together.',
    shortMs: 'Span in ms of bytes and bursts.',
    unique: 'Different names needed for the median to mean anything.',
    labelLength: 'Median length of the longest label. Of the ten thousand most used domains nine have one as long.',
    entropy:
      'Median entropy as a share of what alphabet and length allow. Random labels lie at 0.80 to 0.96, natural ones at 0.67 to 0.79.',
    bytes: 'Characters of different names in the short span; catches data in many short labels.',
    carriers: 'Answers of types that carry data (TXT, NULL, CNAME, MX).',
    carrierUnique: 'Different names among those.',
    missingShare: 'Share of answers that say there is no such name.',
    missingUnique: 'Different names needed for that share to mean anything.',
    burstUnique: 'Different names in the short span.',
  },
  judge(snapshot, context) {
    const { ledger, now, options } = context;
    const groups = new Map<string, ReadQuestion[]>();
    const questions = ledger?.questions(now - options.windowMs) ?? [];
    const answered = new Set(questions.flatMap(({ name, rcode }) => (rcode === 'NOERROR' ? [name] : [])));
    for (const question of questions) {
      const parts = partsOf(question);
      if (question.rcode === 'NXDOMAIN' && hasSearchDomain(question.name, answered)) continue;
      if (parts === undefined || parts.exempt === 'never' || EXEMPT.has(parts.domain)) continue;
      const key = JSON.stringify([question.subject ?? '', parts.domain]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [{ question, parts }]);
      else group.push({ question, parts });
    }
    return [...groups.values()]
      .filter(({ length }) => length >= Math.min(options.unique, options.carrierUnique, options.missingUnique))
      .flatMap((group) => {
        const measure = measureTunnel(group, now - options.shortMs);
        const signs = signsOf(measure, options);
        return signs.length === 0 ? [] : [told(group, measure, signs, snapshot, context)];
      })
      .slice(0, MAX_TOLD);
  },
};

/** Labels that a resolver may add from the search list of this host. */
const MAX_SEARCH_LABELS = 4;

/**
 * True for an existing name with a search domain behind it (`www.example.com.lan`): resolvers try these by themselves.
 * Data cannot hide so, since the name in front would have to exist, and is counted where it does.
 */
function hasSearchDomain(name: string, answered: ReadonlySet<string>): boolean {
  let end = name.length;
  for (let labels = 0; labels < MAX_SEARCH_LABELS; labels++) {
    end = name.lastIndexOf('.', end - 1);
    if (end <= 0) return false;
    if (answered.has(name.slice(0, end))) return true;
  }
  return false;
}

/** Names are taken apart once: the same questions come back in each look for ten minutes. */
const parts = new WeakMap<DnsQuestion, QuestionName | 'none'>();

function partsOf(question: DnsQuestion): QuestionName | undefined {
  let known = parts.get(question);
  if (known === undefined) {
    known = questionName(question.name) ?? 'none';
    parts.set(question, known);
  }
  return known === 'none' ? undefined : known;
}

interface Sign {
  severity: Severity;
  words: string;
}

function signsOf(measure: TunnelMeasure, options: Options): Sign[] {
  const { unique, labelLength, entropy, bytesShort, carriers, missing, uniqueShort } = measure;
  const signs: [boolean, Severity, string][] = [
    [
      unique >= options.unique && labelLength >= options.labelLength && entropy >= options.entropy,
      'high',
      `${unique} names with long random labels, median ${labelLength} characters at ${entropy.toFixed(2)} of the possible entropy`,
    ],
    [bytesShort >= options.bytes, 'high', `${bytesShort} characters of different names within five minutes`],
    [
      carriers >= options.carriers && unique >= options.carrierUnique,
      'medium',
      `${carriers} answers of types that carry data`,
    ],
    [
      missing >= options.missingShare && unique >= options.missingUnique,
      'medium',
      `${Math.round(missing * 100)} % of the answers say that there is no such name`,
    ],
    [uniqueShort >= options.burstUnique, 'medium', `${uniqueShort} different names within five minutes`],
  ];
  return signs.filter(([holds]) => holds).map(([, severity, words]) => ({ severity, words }));
}

function told(
  group: readonly ReadQuestion[],
  measure: TunnelMeasure,
  signs: readonly Sign[],
  snapshot: Snapshot,
  { indicators }: RuleContext<Options>,
): Finding {
  const { question, parts: name } = group.at(-1)!;
  const { subject } = question;
  const { domain } = name;
  const isPopular = indicators?.categoriesOf({ name: domain }).includes('popular') === true;
  const steps = (subject === undefined ? -1 : 0) + (isPopular ? -1 : 0);
  const strongest = signs[0]!.severity;
  const asker = snapshot.processes.find(({ pid }) => pid === question.pid);
  return finding({
    ruleId: ID,
    severity: shiftSeverity(strongest, steps, 'low'),
    title: `${askerWords(subject)} ${measure.unique} names below ${domain} within ten minutes, as a DNS tunnel does`,
    subject: subject ?? 'this host',
    why: 'Names that are asked for only once carry data to whoever runs the name servers of that domain.',
    evidence: [
      ...signs.map(({ words }) => ({ label: 'sign', value: words })),
      ...measure.samples.map((value) => ({ label: 'name', value })),
      {
        label: 'destination',
        value: `name servers of ${domain}${question.server === undefined ? '' : `, asked through ${question.server}`}`,
      },
      { label: 'first and last', value: `${momentWords(group[0]!.question.at)}, ${momentWords(question.at)}` },
      ...(asker === undefined || subject === undefined
        ? [
            {
              label: 'process',
              value: subject === undefined ? 'hidden by the resolver of this host' : `pid ${question.pid}, ended`,
            },
          ]
        : [
            {
              label: 'process',
              value: `${programName(asker)} (pid ${asker.pid}), ${asker.argv.join(' ').slice(0, 200)}`,
            },
          ]),
    ],
    fixes: fixes(domain, subject),
    confidence: subject === undefined ? 'possible' : 'likely',
    fingerprint: fingerprint(ID, subject ?? '', domain),
    socketKeys: [],
    hints: {
      destination: domain,
      ...(question.pid === undefined || subject === undefined ? {} : { pids: [question.pid] }),
    },
  });
}

function askerWords(subject: string | undefined): string {
  if (subject === undefined) return 'Somebody on this host asked for';
  return subject.startsWith('skill ')
    ? `Skill "${subject.slice(6)}" asked for`
    : `A process of the agent (${subject}) asked for`;
}

function fixes(domain: string, subject: string | undefined) {
  const skill = subject?.startsWith('skill ') ? subject.slice(6) : undefined;
  const scope =
    subject === undefined
      ? ''
      : skill === undefined
        ? ` --role ${shellQuote(subject)}`
        : ` --skill=${shellQuote(skill)}`;
  return [
    {
      text: `See who is at work, and stop it; then block ${domain} at your resolver.`,
      command: 'clawwatch connections --live',
    },
    ...disableSkill({ skill }),
    {
      text: 'If it is meant to be so, mute the rule for a while and say why.',
      command: `clawwatch suppress ${ID}${scope} --for 24h --reason 'what it is for'`,
    },
  ];
}
