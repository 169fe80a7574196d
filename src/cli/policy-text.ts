import { isInForce } from '../types/contact.ts';
import type { PolicyRule, PolicyScope } from '../types/egress.ts';
import { dateTime } from './format.ts';
import type { Paint } from './paint.ts';

/** `skill weather`, `role exec`, `everybody`, inert. */
export function scopeText({ kind, name }: PolicyScope, paint: Paint): string {
  return kind === 'everywhere' ? 'everybody' : `${kind} ${paint.text(name ?? '', 60)}`;
}

/** `allow api.example.com for skill weather until 2026-12-20 14:02:31`. */
export function ruleText(rule: Omit<PolicyRule, 'id'>, paint: Paint): string {
  const until = rule.expiresAt === undefined ? 'for ever' : `until ${dateTime(rule.expiresAt)}`;
  return `${rule.action} ${paint.text(rule.pattern, 120)} for ${scopeText(rule.scope, paint)}, ${until}`;
}

/** How a rule stands now. */
export function ruleState(rule: PolicyRule, now: number): 'in force' | 'expired' | 'removed' {
  if (rule.removedAt !== undefined) return 'removed';
  return isInForce(rule, now) ? 'in force' : 'expired';
}

/** Fields of a rule in JSON answers. */
export function ruleAnswer(rule: PolicyRule, now: number) {
  const { id, action, scope, pattern, reason, origin, createdAt, expiresAt, removedAt, removedReason } = rule;
  const state = ruleState(rule, now);
  return { id, state, action, scope, pattern, reason, origin, createdAt, expiresAt, removedAt, removedReason };
}
