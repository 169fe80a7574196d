import type { Finding } from '../types/finding.ts';
import type { Snapshot } from '../types/snapshot.ts';
import type { FindingRecord } from '../types/store.ts';
import type { BlindSets } from './blind-sets.ts';
import { recordClock } from './clock.ts';
import { createRecordCoverage } from './connection-coverage.ts';
import { beginLearning, DAY_MS } from './learning.ts';
import { covers, describeLook, type Look } from './look.ts';
import type { Memory } from './memory.ts';
import type { Database } from './open.ts';
import { createRecordDestinations } from './record-destinations.ts';
import { createRecordFindings } from './record-findings.ts';
import { createRecordGateways } from './record-gateways.ts';
import { createRecordSkills } from './record-skills.ts';
import { createRecordSockets } from './record-sockets.ts';

export type RecordCycle = (
  memory: Memory,
  snapshot: Snapshot,
  findings: readonly Finding[],
  origin: 'agent' | 'scan',
) => { cycleId: number; findings: FindingRecord[] };

/** Everything that one look leaves behind. Runs inside one transaction; `memory` is void when that fails. */
export function createRecordCycle(
  database: Database,
  blindSets: BlindSets,
  path: string,
  { uid, learnDays }: { uid: number; learnDays: number },
): RecordCycle {
  const destinations = createRecordDestinations(database);
  const recordListeners = createRecordSockets(database, 'listeners');
  const recordConnections = createRecordSockets(database, 'connections', destinations);
  const recordConnectionCoverage = createRecordCoverage(database);
  const recordGateways = createRecordGateways(database);
  const recordSkills = createRecordSkills(database);
  const recordFindings = createRecordFindings(database, blindSets, path);
  const touchCoverage = database.prepare('UPDATE coverage SET last_at = ?, observer = ? WHERE id = ?');
  const addCycle = database.prepare(
    `INSERT INTO cycles (at, duration_ms, origin, blind_set_id, connections, connections_owned, changes)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );

  function recordCoverage(memory: Memory, look: Look): void {
    for (const coverage of memory.coverage.values()) {
      if (!covers(look, coverage)) continue;
      coverage.lastAt = look.at;
      coverage.observer = look.observer;
      touchCoverage.run(look.at, look.observer, coverage.id);
    }
  }

  return (memory, snapshot, findings, origin) => {
    const look = describeLook(snapshot, origin, uid);
    memory.tick++;
    let changes = recordClock(database, memory.lastCycle?.at, snapshot);
    const learningUntil = beginLearning(database, look.at) + learnDays * DAY_MS;
    destinations.begin(memory, look.at, look.at < learningUntil);
    changes += recordListeners(memory, look, snapshot.listeners);
    changes += recordConnections(memory, look, snapshot.connections);
    changes += destinations.end(memory, findings);
    if (snapshot.coverage !== undefined) recordConnectionCoverage(snapshot.coverage, look.at);
    // After the sockets: those that closed were last seen at the look before.
    recordCoverage(memory, look);
    changes += recordGateways(look, snapshot.gateways);
    changes += recordSkills(snapshot);
    const blindSetId = blindSets.idOf(snapshot.blindSpots);
    if (memory.lastCycle !== undefined && memory.lastCycle.blindSetId !== blindSetId) changes++;
    const lives = recordFindings(memory, { ...look, blindSpots: snapshot.blindSpots, blindSetId }, findings);
    changes += lives.changes;
    const owned = snapshot.connections.filter((each) => each.owner !== undefined).length;
    const { at, durationMs, connections } = snapshot;
    const cycle = addCycle.run(at, durationMs, origin, blindSetId, connections.length, owned, changes);
    memory.lastCycle = { id: Number(cycle.lastInsertRowid), at, blindSetId };
    return { cycleId: memory.lastCycle.id, findings: lives.records };
  };
}
