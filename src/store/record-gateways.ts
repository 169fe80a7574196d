import type { Gateway } from '../types/gateway.ts';
import type { Look } from './look.ts';
import type { Database } from './open.ts';

/** Stores gateways as they are now, and their configuration whenever it differs from the time before. */
export type RecordGateways = (look: Look, gateways: readonly Gateway[]) => number;

export function createRecordGateways(database: Database): RecordGateways {
  const present = database.prepare<{ id: string; payload: string; uid: number }>(
    'SELECT id, payload, uid FROM gateways WHERE gone_at IS NULL',
  );
  const put = database.prepare(
    `INSERT INTO gateways (id, payload, uid, first_at, gone_at) VALUES (?, ?, ?, ?, NULL)
     ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, uid = excluded.uid, gone_at = NULL`,
  );
  const gone = database.prepare('UPDATE gateways SET gone_at = ? WHERE id = ?');
  const lastHash = database.prepare<{ hash: string }>(
    'SELECT hash FROM config_history WHERE gateway_id = ? ORDER BY id DESC LIMIT 1',
  );
  const addConfig = database.prepare(
    'INSERT INTO config_history (gateway_id, hash, subset, recorded_at) VALUES (?, ?, ?, ?)',
  );

  return (look, gateways) => {
    let touched = 0;
    const before = new Map(present.all().map((row) => [row.id, row]));
    for (const gateway of gateways) {
      const payload = JSON.stringify(gateway);
      const row = before.get(gateway.id);
      before.delete(gateway.id);
      if (row === undefined || row.payload !== payload || row.uid !== look.uid) {
        put.run(gateway.id, payload, look.uid, look.at);
        touched++;
      }
      const { networkHash, networkSubset, status } = gateway.config;
      if (status === 'read' && networkHash !== undefined && lastHash.get(gateway.id)?.hash !== networkHash) {
        addConfig.run(gateway.id, networkHash, JSON.stringify(networkSubset), look.at);
        touched++;
      }
    }
    for (const row of before.values()) {
      // Another ordinary user does not see this one's gateways: not seeing them says nothing.
      if (look.uid !== 0 && row.uid !== look.uid) continue;
      gone.run(look.at, row.id);
      touched++;
    }
    return touched;
  };
}
