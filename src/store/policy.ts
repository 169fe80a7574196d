import type { PolicyRule } from '../types/egress.ts';
import { EXIT, UserError } from '../types/error.ts';
import type { Database } from './open.ts';

interface PolicyRow {
  id: number;
  action: PolicyRule['action'];
  scope_kind: PolicyRule['scope']['kind'];
  scope_name: string | null;
  pattern: string;
  reason: string;
  origin: PolicyRule['origin'];
  created_at: number;
  expires_at: number | null;
  removed_at: number | null;
  removed_reason: string | null;
}

function toPolicyRule(row: PolicyRow): PolicyRule {
  return {
    id: row.id,
    action: row.action,
    scope: { kind: row.scope_kind, ...(row.scope_name === null ? {} : { name: row.scope_name }) },
    pattern: row.pattern,
    reason: row.reason,
    origin: row.origin,
    createdAt: row.created_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.removed_at === null ? {} : { removedAt: row.removed_at }),
    ...(row.removed_reason === null ? {} : { removedReason: row.removed_reason }),
  };
}

/** Every rule there ever was, oldest first. */
export function listPolicy(database: Database): PolicyRule[] {
  return database.prepare<PolicyRow>('SELECT * FROM policy_rules ORDER BY id').all().map(toPolicyRule);
}

/** Runs inside a transaction. */
export function addPolicyRule(
  database: Database,
  rule: Omit<PolicyRule, 'id' | 'removedAt' | 'removedReason'>,
): PolicyRule {
  const { action, scope, pattern, reason, origin, createdAt, expiresAt } = rule;
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO policy_rules (action, scope_kind, scope_name, pattern, reason, origin, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(action, scope.kind, scope.name ?? null, pattern, reason, origin, createdAt, expiresAt ?? null);
  return { ...rule, id: Number(lastInsertRowid) };
}

/** Runs inside a transaction. @throws UserError when no rule with this id is there to be removed. */
export function removePolicyRule(database: Database, id: number, at: number, reason: string): PolicyRule {
  const row = database.prepare<PolicyRow>('SELECT * FROM policy_rules WHERE id = ?').get(id);
  if (row === undefined || row.removed_at !== null) {
    throw new UserError(row === undefined ? `there is no rule ${id}` : `rule ${id} is removed already`, {
      hint: 'see all rules: clawwatch policy list --all',
      exitCode: EXIT.usage,
    });
  }
  database.prepare('UPDATE policy_rules SET removed_at = ?, removed_reason = ? WHERE id = ?').run(at, reason, id);
  return toPolicyRule({ ...row, removed_at: at, removed_reason: reason });
}
