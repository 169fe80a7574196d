import type { DnsQuestion } from '../../types/dns.ts';
import { medianOf } from '../beacon/statistics.ts';
import type { QuestionName } from './question-name.ts';

/** A question with its name taken apart. */
export interface ReadQuestion {
  question: DnsQuestion;
  parts: QuestionName;
}

/** What the questions of one asker about one registrable domain amount to. */
export interface TunnelMeasure {
  questions: number;
  /** Different names below the domain in the window, and in the newest short part of it. */
  unique: number;
  uniqueShort: number;
  /** Medians over the different names. */
  labelLength: number;
  entropy: number;
  /** Characters of the different names below the domain in the short part: the most that they can have carried out. */
  bytesShort: number;
  /** Answered questions of types that carry data back. */
  carriers: number;
  /** Share of answered questions that were told that there is no such name, 0 to 1; counted with their answers only. */
  missing: number;
  answered: number;
  samples: string[];
}

/** Types whose answers hold text or names. */
const CARRIERS: ReadonlySet<string> = new Set(['TXT', 'NULL', 'CNAME', 'MX']);

/** Service names (`_domainkey` and the like) of one domain that are counted as such; what is beyond is no service. */
const FEW = 20;
const SAMPLES = 3;

/**
 * Medians over different names, never a single one: one object in a store or one hash of a virus scanner is as long and
 * as random as any tunnel.
 *
 * @param shortSinceAt start of the short part, Unix ms.
 */
export function measureTunnel(read: readonly ReadQuestion[], shortSinceAt: number): TunnelMeasure {
  const services = new Set(read.flatMap(({ parts }) => (parts.exempt === 'few' ? [parts.left] : [])));
  const counted = read.filter(
    ({ parts }) => parts.exempt === undefined || (parts.exempt === 'few' && services.size > FEW),
  );
  const names = new Map<string, QuestionName>();
  const short = new Set<string>();
  let carriers = 0;
  let answered = 0;
  let missing = 0;
  for (const { question, parts } of counted) {
    if (parts.left === '') continue;
    names.set(parts.left, parts);
    if (question.at >= shortSinceAt) short.add(parts.left);
    if (question.rcode === undefined) continue;
    answered++;
    if (question.rcode === 'NXDOMAIN') missing++;
    if (question.rcode === 'NOERROR' && CARRIERS.has(question.type)) carriers++;
  }
  let bytesShort = 0;
  for (const left of short) bytesShort += left.length;
  const values = [...names.values()];
  return {
    questions: counted.length,
    unique: names.size,
    uniqueShort: short.size,
    labelLength: medianOf(Float64Array.from(values, ({ labelLength }) => labelLength).sort()),
    entropy: medianOf(Float64Array.from(values, ({ entropy }) => entropy).sort()),
    bytesShort,
    carriers,
    missing: answered === 0 ? 0 : missing / answered,
    answered,
    samples: values.slice(-SAMPLES).map(({ left, domain }) => `${left}.${domain}`),
  };
}
