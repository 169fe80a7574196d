import type { Finding, FindingHints } from '../types/finding.ts';
import type { Ledger } from '../types/ledger.ts';

type Ground = NonNullable<FindingHints['restsOn']>[number];

/** For how long after looking began, or began again, a finding that rests on something young is only `info`. */
export const GRACES: readonly { ground: Ground; ms: number; reason: string }[] = [
  {
    ground: 'absent name',
    ms: 30 * 60_000,
    reason:
      'Programs and resolvers keep answers that they got before we listened. Most answers live for minutes and few for longer than half an hour, so from then on a host without a name has none.',
  },
  {
    ground: 'settled network',
    ms: 120_000,
    reason:
      'A machine that wakes up or changes its network gets name servers and addresses anew within seconds, and programs retry for a minute or two.',
  },
];

/**
 * Findings whose ground is too young become `info` and say so; they are told all the same, because an attacker who knows
 * the grace would wait for it. A single look (`ledger` absent) cannot know how young its ground is and gets none.
 *
 * @param now Unix ms.
 */
export function withGrace(findings: readonly Finding[], ledger: Ledger | undefined, now: number): Finding[] {
  if (ledger === undefined) return [...findings];
  const ageOf = (ground: Ground) =>
    now - ((ground === 'absent name' ? ledger.namesSince?.() : undefined) ?? ledger.since());
  return findings.map((finding) => {
    const grounds = finding.hints?.restsOn ?? [];
    const grace = GRACES.find(({ ground, ms }) => grounds.includes(ground) && ageOf(ground) >= 0 && ageOf(ground) < ms);
    if (grace === undefined || finding.verdict !== 'finding' || finding.severity === 'info') return finding;
    const evidence = [
      ...finding.evidence,
      {
        label: 'grace',
        value: `${finding.severity} from ${Math.round(grace.ms / 60_000)} min after looking began: ${grace.reason}`,
      },
    ];
    return { ...finding, severity: 'info', evidence };
  });
}
