import type { ProposedRule } from '../agent/policy-change.ts';
import { checkHostPattern, checkReason, checkSkillName, ruleIdOf } from '../agent/policy-pattern.ts';
import { DURATION_FORM, parseDuration } from '../config/duration.ts';
import { NEVER_MUTED_FOR_GOOD } from '../types/contact.ts';
import type { PolicyScope } from '../types/egress.ts';
import { UserError } from '../types/error.ts';
import type { FindingRecord } from '../types/store.ts';

/** Options of `allow`, `suppress` and `policy test`, as commander gives them. */
export interface PolicyOptions {
  skill?: string;
  role?: string;
  everywhere?: boolean;
  for?: string;
  reason?: string;
}

const ROLES = ['gateway', 'helper', 'exec', 'skill', 'mcp', 'browser', 'detached'] as const;
const LONGEST_MS = 3650 * 86_400_000;

/** An `allow` rule from what was typed. @throws UserError for anything that is missing, unclear or too wide. */
export function allowRule(pattern: string, options: PolicyOptions, now: number): ProposedRule {
  if (ruleIdOf(pattern) !== undefined) {
    throw new UserError(`${pattern.toUpperCase()} is a rule, and only a host can be allowed`, {
      hint: `to hear nothing of the rule: clawwatch suppress ${pattern.toUpperCase()} …`,
    });
  }
  return { action: 'allow', pattern: checkHostPattern(pattern), ...common(options, now, scopeOf(options)) };
}

/**
 * A `suppress` rule from what was typed: a finding id, a rule id, or a pattern of hosts. A finding names its subject, so
 * it needs no scope.
 *
 * @param find finding by what was typed.
 * @throws UserError as above, and for what may not be muted for good.
 */
export function suppressRule(
  pattern: string,
  options: PolicyOptions,
  now: number,
  find: (id: string) => FindingRecord | undefined,
): ProposedRule {
  const ruleId = ruleIdOf(pattern);
  if (ruleId !== undefined) {
    const rule = common(options, now, scopeOf(options));
    if (NEVER_MUTED_FOR_GOOD.has(ruleId)) refuseForGood(rule, ruleId);
    return { action: 'suppress', pattern: ruleId, ...rule };
  }
  if (/^f-[0-9a-z]+$/i.test(pattern.trim())) {
    const finding = find(pattern);
    if (finding === undefined) {
      throw new UserError(`there is no finding ${pattern.slice(0, 80)}`, {
        hint: 'all ids: clawwatch findings --status all',
      });
    }
    const rule = common(options, now, hasScope(options) ? scopeOf(options) : { kind: 'everywhere' });
    const isLimited = finding.ruleId !== 'EXP-02' || finding.severity === 'critical';
    if (NEVER_MUTED_FOR_GOOD.has(finding.ruleId) && isLimited) refuseForGood(rule, `${finding.id} (${finding.ruleId})`);
    return { action: 'suppress', pattern: finding.id, ...rule };
  }
  return { action: 'suppress', pattern: checkHostPattern(pattern), ...common(options, now, scopeOf(options)) };
}

function refuseForGood({ expiresAt, scope }: Pick<ProposedRule, 'expiresAt' | 'scope'>, what: string): void {
  if (expiresAt !== undefined || scope.kind !== 'everywhere') return;
  throw new UserError(`${what} cannot be suppressed everywhere and for ever`, {
    hint: 'give it a time (--for 24h) or a place (--skill, --role); better, do what clawwatch explain says',
  });
}

function common(options: PolicyOptions, now: number, scope: PolicyScope): Omit<ProposedRule, 'action' | 'pattern'> {
  if (options.reason === undefined) {
    throw new UserError('no reason given', { hint: "say why: --reason 'the weather skill needs it'" });
  }
  const expiresAt = expiryOf(options.for ?? '30d', now);
  return {
    scope,
    reason: checkReason(options.reason),
    createdAt: now,
    origin: 'user',
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function expiryOf(text: string, now: number): number | undefined {
  if (text === 'never') return undefined;
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0 || ms > LONGEST_MS) {
    throw new UserError(`--for ${text.slice(0, 80)} is not possible`, {
      hint: `give 1h, 24h, 30d or never (${DURATION_FORM}, ten years at most)`,
    });
  }
  return now + ms;
}

function hasScope({ skill, role, everywhere }: PolicyOptions): boolean {
  return skill !== undefined || role !== undefined || everywhere === true;
}

function scopeOf(options: PolicyOptions): PolicyScope {
  const { skill, role, everywhere } = options;
  const given = [skill, role, everywhere === true ? 'everywhere' : undefined].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new UserError(given.length === 0 ? 'no scope given' : 'more than one scope given', {
      hint: `say for whom: --skill <name>, --role <${ROLES.join('|')}> or --everywhere`,
    });
  }
  if (skill !== undefined) return { kind: 'skill', name: checkSkillName(skill) };
  if (role === undefined) return { kind: 'everywhere' };
  const known = ROLES.find((each) => each === role);
  if (known === undefined) {
    throw new UserError(`there is no role ${role.slice(0, 80)}`, { hint: `give one of ${ROLES.join(', ')}` });
  }
  return { kind: 'role', name: known };
}
