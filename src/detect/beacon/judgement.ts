import type { HostCategory } from '../../types/indicators.ts';
import type { ContactWindow } from '../../types/ledger.ts';
import type { RuleContext } from '../../types/rule.ts';
import type { Role, Snapshot } from '../../types/snapshot.ts';
import { hasPrivateSuffix } from '../private-suffix.ts';
import { firstContactAt } from '../window-finding.ts';
import { strongestWindow, type WindowScore } from './windows.ts';

/** Tuned numbers of EGR-15; see the rule for the reason of each. */
export interface BeaconOptions {
  rawGate: number;
  medium: number;
  low: number;
  newDays: number;
  oldDays: number;
  scheduleTolerance: number;
  rescoreMs: number;
  perSubject: number;
}

export interface Judged {
  contact: ContactWindow;
  raw: WindowScore;
  /** Raw score after who it is and whom it talks to, 0 to 1. */
  score: number;
  /** What moved the score, as words for the reader. */
  reasons: string[];
  /** Signs of another kind than timing. */
  corroboration: string[];
  firstAt: number;
  isPopular: boolean;
}

/** How far regularity is a sign, by who does it: the gateway and its helpers keep many rhythms of their own. */
const BY_ROLE: Readonly<Record<Role, number>> = {
  skill: 1,
  detached: 1,
  exec: 0.9,
  mcp: 0.5,
  helper: 0.5,
  gateway: 0.85,
  browser: 0,
  other: 0,
};
const GATEWAY_TO_POPULAR = 0.3;

const MODIFIER = { new: 0.15, old: -0.15, place: 0.15, uniform: 0.05, popular: -0.15, strobe: 0.1 };
const SMALL_BYTES = 4096;
const STROBE_GAP_MS = 1000;
const DAY_MS = 86_400_000;
/** Memory of names is young until then; see the grace of the engine. */
const NAMES_SETTLE_MS = 1_800_000;

/** Kinds of hosts that are signs by themselves. */
const BAD_PLACES: ReadonlySet<HostCategory> = new Set<HostCategory>([
  ...(['webhook', 'paste', 'filedrop', 'tunnel', 'tunnel-control', 'dyndns', 'mining', 'tor'] as const),
]);

interface Scored {
  atMs: number;
  lastAt: number;
  result: WindowScore | undefined;
}

/**
 * Scores are remembered by contact, since they change only with a new event; and a busy contact is not scored at each of
 * them. It changes when a finding is told by `rescoreMs` at most.
 */
const scores = new WeakMap<ContactWindow, Scored>();

export function scoreOf(
  contact: ContactWindow,
  now: number,
  rescoreMs: number,
  foldLost: boolean,
): WindowScore | undefined {
  const lastAt = contact.activity.at(-1) ?? 0;
  const known = scores.get(contact);
  if (known !== undefined && (known.lastAt === lastAt || (now >= known.atMs && now - known.atMs < rescoreMs))) {
    return known.result;
  }
  const bytes = contact.activityBytes.map(({ bytesOut }) => bytesOut);
  const result = strongestWindow(contact.activity, bytes, foldLost);
  scores.set(contact, { atMs: now, lastAt, result });
  return result;
}

/** Puts a raw score into its context. */
export function judgeBeacon(
  contact: ContactWindow,
  raw: WindowScore,
  snapshot: Snapshot,
  context: RuleContext<BeaconOptions>,
): Judged {
  const { options, now, indicators } = context;
  const address = contact.addresses.at(-1);
  const end = {
    ...(contact.name !== undefined && { name: contact.name }),
    ...(address !== undefined && { address }),
    port: contact.port,
  };
  const categories = indicators?.categoriesOf(end) ?? [];
  const isPopular = categories.includes('popular');
  const firstAt = firstContactAt(contact, context);
  const reasons: string[] = [];
  const corroboration = corroborate(contact, snapshot, context, categories);
  let score = raw.score * (contact.role === 'gateway' && isPopular ? GATEWAY_TO_POPULAR : BY_ROLE[contact.role]);
  const move = (by: number, why: string) => {
    score += by;
    reasons.push(`${by > 0 ? '+' : '−'}${Math.abs(by).toFixed(2)} ${why}`);
  };
  const ageDays = (now - firstAt) / DAY_MS;
  if (ageDays <= options.newDays) move(MODIFIER.new, 'known for a few days only');
  else if (ageDays >= options.oldDays) move(MODIFIER.old, 'known for long');
  if (isOddPlace(contact)) move(MODIFIER.place, 'an address without a name, a part of a shared domain, or an odd port');
  if (raw.medianBytes > 0 && raw.bytesDeviation === 0 && raw.medianBytes < SMALL_BYTES) {
    move(MODIFIER.uniform, 'every message has the same small size');
  }
  if (isPopular) move(MODIFIER.popular, 'a host that everybody uses');
  if (raw.medianGapMs < STROBE_GAP_MS && raw.events > 1000) move(MODIFIER.strobe, 'more than one event each second');
  return { contact, raw, score: Math.max(0, Math.min(1, score)), reasons, corroboration, firstAt, isPopular };
}

function isOddPlace({ name, port }: ContactWindow): boolean {
  return name === undefined || hasPrivateSuffix(name) || (port !== 80 && port !== 443);
}

function corroborate(
  contact: ContactWindow,
  { telemetry }: Snapshot,
  { indicators, ledger, now }: RuleContext,
  categories: readonly HostCategory[],
): string[] {
  const { name, addresses, port, remoteClass } = contact;
  const seesNames = telemetry === 'T2' || telemetry === 'T3';
  const isSettled = ledger !== undefined && now - ledger.since() >= NAMES_SETTLE_MS;
  const listed = addresses
    .slice(-4)
    .some((address) => (indicators?.match({ address, port, ...(name !== undefined && { name }) }).length ?? 0) > 0);
  return [
    ...(listed ? ['it is a published indicator'] : []),
    ...categories.filter((each) => BAD_PLACES.has(each)).map((each) => `the host is of the kind "${each}"`),
    ...(name === undefined && remoteClass === 'public' && seesNames && isSettled
      ? ['no name server was asked for this address']
      : []),
  ];
}
