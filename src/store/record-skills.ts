import type { SkillFact } from '../types/egress.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { parsePayload } from './errors.ts';
import type { Database } from './open.ts';

/** Stores the skills of the gateways that a look saw. Returns how many rows changed. */
export type RecordSkills = (snapshot: Pick<Snapshot, 'at' | 'gateways' | 'skills' | 'blindSpots'>) => number;

interface SkillRow {
  gatewayId: string;
  directory: string;
  payload: string;
}

export function createRecordSkills(database: Database): RecordSkills {
  const present = database.prepare<SkillRow>(
    'SELECT gateway_id AS gatewayId, directory, payload FROM skills WHERE gone_at IS NULL',
  );
  const put = database.prepare(
    `INSERT INTO skills (gateway_id, directory, payload, first_at, gone_at) VALUES (?, ?, ?, ?, NULL)
     ON CONFLICT (gateway_id, directory) DO UPDATE SET payload = excluded.payload, gone_at = NULL`,
  );
  const gone = database.prepare('UPDATE skills SET gone_at = ? WHERE gateway_id = ? AND directory = ?');

  return ({ at, gateways, skills, blindSpots }) => {
    if (skills === undefined) return 0;
    let touched = 0;
    const rows = present.all();
    const before = new Map(rows.map((row) => [keyOf(row), row]));
    for (const skill of skills) {
      const payload = JSON.stringify(skill);
      const row = before.get(keyOf(skill));
      before.delete(keyOf(skill));
      if (row?.payload === payload) continue;
      put.run(skill.gatewayId, skill.directory, payload, at);
      touched++;
    }
    // A skill is gone only where its gateway was looked at with eyes that could see it.
    const seen = new Set(gateways.map(({ id }) => id));
    const isBlind = blindSpots.some(({ id }) => id.startsWith('openclaw.skills'));
    for (const row of isBlind ? [] : before.values()) {
      if (!seen.has(row.gatewayId)) continue;
      gone.run(at, row.gatewayId, row.directory);
      touched++;
    }
    return touched;
  };
}

function keyOf({ gatewayId, directory }: Pick<SkillRow, 'gatewayId' | 'directory'>): string {
  return JSON.stringify([gatewayId, directory]);
}

/** Skills that are installed now. */
export function listSkills(database: Database, path: string): SkillFact[] {
  return database
    .prepare<{ payload: string }>('SELECT payload FROM skills WHERE gone_at IS NULL ORDER BY gateway_id, directory')
    .all()
    .map(({ payload }) => parsePayload(payload, path));
}
