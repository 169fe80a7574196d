import { ALL_RULES } from '../detect/rules/index.ts';
import { createDomainOf } from '../enrich/egress/domain.ts';
import { type HostPattern, parseHostPattern } from '../enrich/egress/host-pattern.ts';
import { NEVER_MUTED_FOR_GOOD } from '../types/contact.ts';
import { UserError } from '../types/error.ts';
import { classifyAddress } from '../types/ip.ts';
import { safeText } from '../types/text.ts';

/** Text that cannot be seen or that moves other text about. A reason is read by somebody else, months later. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * A host, `*.domain`, address or block, each optionally with `:port`, in the spelling that is stored.
 *
 * @throws UserError for what is no pattern, and for one that would silence a whole part of the internet.
 */
export function checkHostPattern(text: string): string {
  const shown = safeText(text, 80);
  if (INVISIBLE.test(text)) throw refused('the pattern holds control or invisible characters', 'type it by hand');
  const trimmed = text.trim().toLowerCase();
  if (/^\*?(?::\d+)?$/.test(trimmed) || /^\*(?:\.\*)+/.test(trimmed)) {
    throw refused(`${shown || 'an empty pattern'} would match every host`, `name the host, ${EXAMPLES}`);
  }
  const parsed = parseHostPattern(trimmed);
  if (!parsed.ok) throw refused(`${shown} cannot be used: ${parsed.problem}`, `give ${EXAMPLES}`);
  const width = tooWide(parsed.pattern);
  if (width !== undefined) throw refused(`${shown} is too wide: ${width}`, `name what is meant, ${EXAMPLES}`);
  return trimmed;
}

const EXAMPLES = 'such as api.example.com, *.example.com, 192.0.2.7:8443 or 192.0.2.0/24';

/** Narrowest blocks that one party may hold; wider ones hold a whole provider and its other customers. */
const LEAST_BITS = { ipv4: 16, ipv6: 32 } as const;

function tooWide(pattern: HostPattern): string | undefined {
  if (pattern.kind === 'labels') {
    // What follows the last "*": everybody may have a name below a public suffix.
    const fixed = pattern.labels.slice(pattern.labels.findLastIndex((label) => typeof label !== 'string') + 1);
    const base = fixed.join('.');
    const isSuffix = createDomainOf()(base) === undefined;
    return isSuffix ? `anybody can get a name below ${base}` : undefined;
  }
  if (pattern.kind !== 'block') return undefined;
  const kind = pattern.network.kind();
  const isPrivate = classifyAddress(pattern.network.toString()) === 'private' && pattern.bits >= 8;
  if (isPrivate || pattern.bits >= LEAST_BITS[kind]) return undefined;
  return `a block wider than /${LEAST_BITS[kind]} belongs to many parties`;
}

/** The id of a rule in its own spelling; `undefined` when the text does not look like one. @throws UserError if unknown. */
export function ruleIdOf(text: string): string | undefined {
  const id = text.trim().toUpperCase();
  if (!/^[A-Z]{3}-\d{2}$/.test(id)) return undefined;
  if (ALL_RULES.some((rule) => rule.id === id) || NEVER_MUTED_FOR_GOOD.has(id)) return id;
  throw refused(`there is no rule ${id}`, 'the rules are listed in docs/rules.md');
}

/** @throws UserError for a reason that is empty, too long or holds what cannot be seen. */
export function checkReason(text: string): string {
  const reason = text.trim();
  if (reason === '') throw refused('the reason is empty', 'say why in a few words: whoever reads it next was not here');
  if (INVISIBLE.test(reason)) throw refused('the reason holds control or invisible characters', 'type it by hand');
  if (reason.length > 500) throw refused(`the reason has ${reason.length} characters`, 'say it in 500 or fewer');
  return reason;
}

/** @throws UserError for a name that no skill directory has. */
export function checkSkillName(name: string): string {
  if (name !== '' && name.length <= 255 && !INVISIBLE.test(name)) return name;
  throw refused('the name of the skill is empty, too long or holds control characters', 'see: clawwatch learn review');
}

function refused(message: string, hint: string): UserError {
  return new UserError(message, { hint });
}
