import type { BlindSpot } from '../types/blind-spot.ts';
import { parsePayload } from './errors.ts';
import type { Database } from './open.ts';

/** Blind spots repeat in each cycle, so they are stored once and named by set. */
export interface BlindSets {
  /** Number of the set with exactly these members; runs inside a transaction. */
  idOf(spots: readonly BlindSpot[]): number;
  read(setId: number): BlindSpot[];
}

export function createBlindSets(database: Database, path: string): BlindSets {
  const findSpot = database.prepare<{ id: number }>('SELECT id FROM blind_spots WHERE payload = ?');
  const findSet = database.prepare<{ id: number }>('SELECT id FROM blind_sets WHERE members = ?');
  const getSpot = database.prepare<{ payload: string }>('SELECT payload FROM blind_spots WHERE id = ?');
  const getSet = database.prepare<{ members: string }>('SELECT members FROM blind_sets WHERE id = ?');

  function idIn(table: 'blind_spots' | 'blind_sets', text: string): number {
    const [find, column] = table === 'blind_spots' ? [findSpot, 'payload'] : [findSet, 'members'];
    const found = find.get(text);
    if (found !== undefined) return found.id;
    return Number(database.prepare(`INSERT INTO ${table} (${column}) VALUES (?)`).run(text).lastInsertRowid);
  }

  return {
    idOf(spots) {
      const ids = spots.map((spot) => idIn('blind_spots', JSON.stringify(spot)));
      return idIn('blind_sets', [...new Set(ids)].sort((a, b) => a - b).join(','));
    },
    read(setId) {
      const members = getSet.get(setId)?.members ?? '';
      return members
        .split(',')
        .filter((id) => id !== '')
        .flatMap((id) => {
          const row = getSpot.get(Number(id));
          return row === undefined ? [] : [parsePayload<BlindSpot>(row.payload, path)];
        });
    },
  };
}
