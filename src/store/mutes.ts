import { isInForce, mutes } from '../types/contact.ts';
import type { PolicyRule } from '../types/egress.ts';
import { type FindingRow, SELECT_FINDINGS, toFindingRecord } from './finding-rows.ts';
import type { Database } from './open.ts';
import { listPolicy } from './policy.ts';

/**
 * Brings the status of findings in step with the user's `suppress` rules: what one names becomes `suppressed`, what none
 * names any more (removed, expired) opens again. What was muted by hand stays muted. Runs inside a transaction.
 *
 * @returns findings whose status changed.
 */
export function applyMutes(database: Database, at: number, path: string): number {
  const rules = listPolicy(database).filter((rule) => rule.action === 'suppress' && isInForce(rule, at));
  let changed = 0;
  for (const row of affected(database, rules.length > 0)) {
    const finding = toFindingRecord(row, path);
    const rule = rules.find((each) => mutes(each, finding)) ?? mutingContact(database, rules, row.fingerprint);
    if (row.status === 'suppressed' && rule === undefined) {
      unmute(database, row, at);
      changed++;
    } else if (row.status !== 'suppressed' && rule !== undefined) {
      mute(database, row, at, rule);
      changed++;
    }
  }
  return changed;
}

/** Present findings that could be muted, where there is a rule at all, and those that a rule muted. */
function affected(database: Database, hasRules: boolean): FindingRow[] {
  const open = hasRules ? `OR (f.resolved_at IS NULL AND f.status IN ('open', 'acknowledged'))` : '';
  return database
    .prepare<FindingRow>(`${SELECT_FINDINGS} WHERE (f.status = 'suppressed' AND f.muted_by_policy = 1) ${open}`)
    .all();
}

/** The rule behind a first contact that was judged `suppressed`: the judgement knows patterns, we only know scopes. */
function mutingContact(database: Database, rules: readonly PolicyRule[], fingerprint: string): PolicyRule | undefined {
  if (rules.length === 0) return undefined;
  const contact = database
    .prepare<{ role: string; skill: string | null }>(
      `SELECT role, skill FROM destinations WHERE fingerprint = ? AND verdict = 'suppressed'`,
    )
    .get(fingerprint);
  if (contact === undefined) return undefined;
  return rules.find(({ scope: { kind, name } }) =>
    kind === 'everywhere' ? true : name === (kind === 'skill' ? contact.skill : contact.role),
  );
}

function mute(database: Database, row: FindingRow, at: number, rule: PolicyRule): void {
  database.prepare(`UPDATE findings SET status = 'suppressed', muted_by_policy = 1 WHERE id = ?`).run(row.id);
  addEvent(database, row, at, 'suppressed', `rule ${rule.id}: ${rule.reason}`);
}

function unmute(database: Database, row: FindingRow, at: number): void {
  const status = row.resolved_at === null ? 'open' : 'resolved';
  database.prepare('UPDATE findings SET status = ?, muted_by_policy = 0 WHERE id = ?').run(status, row.id);
  const event = status === 'open' ? 'reopened' : 'resolved';
  addEvent(database, row, at, event, 'the rule that suppressed it is removed or expired');
}

function addEvent(database: Database, row: FindingRow, at: number, event: string, reason: string): void {
  database
    .prepare('INSERT INTO finding_events (finding_id, at, event, reason) VALUES (?, ?, ?, ?)')
    .run(row.id, at, event, reason);
}
