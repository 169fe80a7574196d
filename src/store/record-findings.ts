import type { BlindSpot } from '../types/blind-spot.ts';
import { type Finding, findingId } from '../types/finding.ts';
import type { FindingRecord, FindingStatus } from '../types/store.ts';
import type { BlindSets } from './blind-sets.ts';
import { parsePayload } from './errors.ts';
import { type FindingLife, withLife } from './finding-rows.ts';
import type { Look } from './look.ts';
import type { Memory } from './memory.ts';
import { applyMutes } from './mutes.ts';
import type { Database } from './open.ts';

/** What findings need of the cycle around them. */
export interface FindingLook extends Look {
  blindSpots: readonly BlindSpot[];
  blindSetId: number;
}

/** Brings stored findings in step with a look; returns the records of this look's findings and how many rows changed. */
export type RecordFindings = (
  memory: Memory,
  look: FindingLook,
  findings: readonly Finding[],
) => { records: FindingRecord[]; changes: number };

/** Looks without a finding that another origin had reported, until it counts as gone. See `mayResolve`. */
const MISSES_OF_ANOTHER_ORIGIN = 3;
/** An origin that has not looked for this long is not watching, and the one that looks decides alone. */
const ABSENT_ORIGIN_MS = 60_000;

/** The life of findings: new, seen again, gone, back. Runs inside the transaction of the cycle. */
export function createRecordFindings(database: Database, blindSets: BlindSets, path: string): RecordFindings {
  // Without what they say: a hundred findings of some kilobytes each are not read in every look.
  const byFingerprint = database.prepare<FindingLife>('SELECT * FROM findings WHERE fingerprint = ?');
  const present = database.prepare<FindingLife>('SELECT * FROM findings WHERE resolved_at IS NULL');
  const details = database.prepare<{ payload: string }>('SELECT payload FROM finding_details WHERE finding_id = ?');
  const taken = database.prepare<{ id: number }>('SELECT id FROM findings WHERE short_id = ?');
  const insert = database.prepare(
    `INSERT INTO findings (fingerprint, short_id, rule_id, verdict, severity, gateway_id, status, first_at, last_at,
       count, missed, origin, uid, blind_set_id) VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?, 1, 0, ?, ?, ?)`,
  );
  const see = database.prepare(
    `UPDATE findings SET verdict = ?, severity = ?, gateway_id = ?, status = ?, last_at = max(first_at, ?),
       resolved_at = NULL, count = count + 1, missed = 0, origin = ?, uid = ?, blind_set_id = ? WHERE id = ?`,
  );
  const putDetails = database.prepare(
    'INSERT INTO finding_details (finding_id, payload) VALUES (?, ?) ON CONFLICT (finding_id) DO UPDATE SET payload = excluded.payload',
  );
  const miss = database.prepare('UPDATE findings SET missed = missed + 1 WHERE id = ?');
  const resolve = database.prepare('UPDATE findings SET status = ?, resolved_at = max(last_at, ?) WHERE id = ?');
  const addEvent = database.prepare('INSERT INTO finding_events (finding_id, at, event, reason) VALUES (?, ?, ?, ?)');
  const lastOf = database.prepare<{ at: number }>('SELECT at FROM cycles WHERE origin = ? ORDER BY id DESC LIMIT 1');

  function shortId(fingerprint: string): string {
    for (let digits = 6; digits < 12; digits++) {
      const id = findingId(fingerprint, digits);
      if (taken.get(id) === undefined) return id;
    }
    return `F-${fingerprint.toUpperCase()}`;
  }

  function storedOf(memory: Memory, row: FindingLife): string {
    const payload = memory.findings.get(row.fingerprint) ?? details.get(row.id)?.payload ?? '';
    memory.findings.set(row.fingerprint, payload);
    return payload;
  }

  function put(memory: Memory, id: number, fingerprint: string, payload: string): void {
    putDetails.run(id, payload);
    memory.findings.set(fingerprint, payload);
  }

  function add(memory: Memory, look: FindingLook, finding: Finding): void {
    const { fingerprint, ruleId, verdict, severity, gatewayId } = finding;
    const { lastInsertRowid } = insert.run(
      fingerprint,
      shortId(fingerprint),
      ruleId,
      verdict,
      severity,
      gatewayId ?? null,
      look.at,
      look.at,
      look.origin,
      look.uid,
      look.blindSetId,
    );
    put(memory, Number(lastInsertRowid), fingerprint, JSON.stringify(finding));
    addEvent.run(Number(lastInsertRowid), look.at, 'new', '');
  }

  /** "We cannot tell any more" must not take the place of a finding that was there. */
  function staysAsItWas(row: FindingLife, finding: Finding): boolean {
    return finding.verdict === 'unknown' && row.verdict === 'finding' && row.resolved_at === null;
  }

  /** Returns whether more changed than its count. */
  function seeAgain(memory: Memory, look: FindingLook, row: FindingLife, finding: Finding): boolean {
    if (staysAsItWas(row, finding)) return false;
    const back = row.status === 'resolved';
    const status: FindingStatus = back ? 'open' : row.status;
    const { verdict, severity, gatewayId } = finding;
    see.run(verdict, severity, gatewayId ?? null, status, look.at, look.origin, look.uid, look.blindSetId, row.id);
    const payload = JSON.stringify(finding);
    const isNews = payload !== storedOf(memory, row);
    if (isNews) put(memory, row.id, row.fingerprint, payload);
    if (back) addEvent.run(row.id, look.at, 'reopened', '');
    return back || isNews;
  }

  /** Whether this look was able to see the finding at all, so that not seeing it means something. */
  function couldJudge(look: FindingLook, row: FindingLife, unknowns: readonly Finding[]): boolean {
    if (look.uid !== 0 && look.uid !== row.uid) return false;
    const silenced = unknowns.some(
      (each) =>
        each.ruleId === row.rule_id &&
        (each.gatewayId === undefined || row.gateway_id === null || each.gatewayId === row.gateway_id),
    );
    if (silenced) return false;
    const blinder = look.blindSpots.filter(
      (spot) =>
        spot.essential &&
        (spot.gatewayId === undefined || row.gateway_id === null || spot.gatewayId === row.gateway_id),
    );
    if (blinder.length === 0) return true;
    const before = new Set(blindSets.read(row.blind_set_id).map((spot) => spot.id));
    return blinder.every((spot) => before.has(spot.id));
  }

  /**
   * The agent knows more of the past than a single look, and a single look reports at once what the agent first confirms.
   * So a finding of the other origin is resolved at once only when that origin is not watching; else the agent needs
   * three looks, and a scan leaves the decision to the agent.
   */
  function mayResolve(look: FindingLook, row: FindingLife): boolean {
    if (row.origin === look.origin) return true;
    if (look.origin === 'agent') return row.missed + 1 >= MISSES_OF_ANOTHER_ORIGIN;
    return Math.abs(look.at - (lastOf.get(row.origin)?.at ?? 0)) > ABSENT_ORIGIN_MS;
  }

  function settleAbsent(look: FindingLook, seen: ReadonlySet<string>, unknowns: readonly Finding[]): number {
    let changes = 0;
    for (const row of present.all()) {
      if (seen.has(row.fingerprint) || !couldJudge(look, row, unknowns)) continue;
      if (!mayResolve(look, row)) {
        miss.run(row.id);
        continue;
      }
      // A muted finding stays muted when it comes back, so it keeps its status and only notes its absence.
      resolve.run(row.status === 'suppressed' ? 'suppressed' : 'resolved', look.at, row.id);
      addEvent.run(row.id, look.at, 'resolved', 'not seen any more');
      changes++;
    }
    return changes;
  }

  return (memory, look, findings) => {
    const unique = new Map<string, Finding>();
    for (const finding of findings) {
      if (unique.get(finding.fingerprint)?.verdict !== 'finding') unique.set(finding.fingerprint, finding);
    }
    let changes = 0;
    const kept = new Map<string, Finding>();
    for (const finding of unique.values()) {
      const row = byFingerprint.get(finding.fingerprint);
      if (row === undefined) add(memory, look, finding);
      else if (staysAsItWas(row, finding)) kept.set(row.fingerprint, parsePayload(storedOf(memory, row), path));
      if (row === undefined || seeAgain(memory, look, row, finding)) changes++;
    }
    // Before what is absent is settled: a muted finding that its rule leaves out from now on is muted and not resolved.
    changes += applyMutes(database, look.at, path);
    const unknowns = [...unique.values()].filter((finding) => finding.verdict === 'unknown');
    changes += settleAbsent(look, new Set(unique.keys()), unknowns);
    for (const fingerprint of memory.findings.keys()) {
      if (!unique.has(fingerprint)) memory.findings.delete(fingerprint);
    }
    const records = [...unique].map(([fingerprint, finding]) =>
      withLife(kept.get(fingerprint) ?? finding, byFingerprint.get(fingerprint)!),
    );
    return { records, changes };
  };
}
