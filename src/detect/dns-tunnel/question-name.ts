import { registrableDomain } from '../registrable.ts';
import { normalisedEntropy } from './entropy.ts';

/** What of a name can carry data. */
export interface QuestionName {
  domain: string;
  /** Left of the registrable domain, without the dot between; empty for the domain itself. */
  left: string;
  /** Of the longest label of it. */
  labelLength: number;
  entropy: number;
  /** `never`: its form leaves no room for data worth speaking of; `few`: a service name, of which a domain has few. */
  exempt?: 'never' | 'few';
}

/** Longest name that DNS can carry; what is longer did not come from the wire. */
const MAX_NAME = 255;

/** Service names with a label longer than this carry more than a service and a selector. */
const MAX_SERVICE_LABEL = 32;

/** Splits a question name at its registrable domain. `undefined` for what is no name, or has only one label. */
export function questionName(name: string): QuestionName | undefined {
  if (name.length > MAX_NAME || !name.includes('.')) return undefined;
  const text = name.toLowerCase();
  const domain = registrableDomain(text);
  const left = text.length > domain.length ? text.slice(0, -domain.length - 1) : '';
  const labels = left.split('.');
  const longest = labels.reduce((best, label) => (label.length > best.length ? label : best), '');
  const exempt = exemptionOf(text, labels, longest);
  return {
    domain,
    left,
    labelLength: longest.length,
    entropy: normalisedEntropy(longest),
    ...(exempt !== undefined && { exempt }),
  };
}

function exemptionOf(name: string, labels: readonly string[], longest: string): QuestionName['exempt'] {
  // Reverse look-ups, and block lists that are asked about an address: 32 bits of it, or 128 in nibbles.
  if (/\.(?:in-addr|ip6)\.arpa$/.test(name) || isReversedAddress(labels)) return 'never';
  const isService = labels.some((label) => label.startsWith('_'));
  return isService && longest.length <= MAX_SERVICE_LABEL ? 'few' : undefined;
}

function isReversedAddress(labels: readonly string[]): boolean {
  const isQuad = labels.length >= 4 && labels.slice(0, 4).every((label) => /^\d{1,3}$/.test(label));
  if (isQuad) return labels.slice(0, 4).every((label) => Number(label) <= 255);
  return labels.length >= 32 && labels.slice(0, 32).every((label) => /^[0-9a-f]$/.test(label));
}
