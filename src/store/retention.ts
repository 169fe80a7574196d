import { CONFIG_SETTLES_MS } from './history.ts';
import { DAY_MS } from './learning.ts';
import { type Database, transaction } from './open.ts';
import { fileBytes, OVER_LIMIT } from './reader.ts';

/** Cycles in which nothing changed are kept this long; then only those that changed something tell the story. */
const UNCHANGED_CYCLES_MS = DAY_MS;
/** Rows per transaction: the agent's next cycle never waits longer than one batch. */
const BATCH = 2_000;
const CHECKPOINT_WAIT_MS = 100;

const NO_OPEN_CONNECTION = `NOT EXISTS
  (SELECT 1 FROM connections AS c WHERE c.destination_id = destinations.id AND c.closed_at IS NULL)`;

/** Contacts are what "first" is measured by, and few: they are kept for a year at least. */
const CONTACT_DAYS = 365;

/** What may go, oldest first, and the moment by which its age counts. Nothing open is ever named here. */
const DELETABLE = [
  { table: 'connections', where: 'closed_at IS NOT NULL', age: 'closed_at' },
  { table: 'cycles', where: 'id < (SELECT max(id) FROM cycles)', age: 'at' },
  { table: 'listeners', where: 'closed_at IS NOT NULL', age: 'closed_at' },
  { table: 'findings', where: "status = 'resolved'", age: 'resolved_at' },
  { table: 'blind_periods', where: 'true', age: 'to_at' },
  { table: 'gateways', where: 'gone_at IS NOT NULL', age: 'gone_at' },
  { table: 'skills', where: 'gone_at IS NOT NULL', age: 'gone_at' },
  {
    table: 'config_history',
    // The row that was current a day ago is what a change is measured against: all older ones may go, it may not.
    where: `id < (SELECT max(n.id) FROM config_history AS n WHERE n.gateway_id = config_history.gateway_id
      AND n.recorded_at <= (SELECT at FROM cycles ORDER BY id DESC LIMIT 1) - ${CONFIG_SETTLES_MS})`,
    age: 'recorded_at',
  },
  { table: 'connection_coverage', where: 'true', age: 'to_at' },
] as const;

/** What goes by age alone after a longer time, and by size only when everything above is gone. */
const LAST_RESORT = [
  { table: 'destinations', where: NO_OPEN_CONNECTION, age: 'last_at' },
  {
    // Between what is settled and what is now: a program that rewrites a configuration all day must not fill the disk.
    table: 'config_history',
    where: `id > (SELECT min(n.id) FROM config_history AS n WHERE n.gateway_id = config_history.gateway_id)
      AND id < (SELECT max(n.id) FROM config_history AS n WHERE n.gateway_id = config_history.gateway_id)`,
    age: 'recorded_at',
  },
] as const;

/** What only other rows refer to; goes when none is left. */
const ORPHANS = [
  `DELETE FROM processes WHERE NOT EXISTS (SELECT 1 FROM listeners AS s WHERE s.process_id = processes.id)
     AND NOT EXISTS (SELECT 1 FROM connections AS s WHERE s.process_id = processes.id)`,
  `DELETE FROM blind_sets WHERE NOT EXISTS (SELECT 1 FROM cycles AS c WHERE c.blind_set_id = blind_sets.id)
     AND NOT EXISTS (SELECT 1 FROM findings AS f WHERE f.blind_set_id = blind_sets.id)`,
  `DELETE FROM blind_spots WHERE id NOT IN
     (SELECT CAST(member.value AS INTEGER) FROM blind_sets, json_each('[' || blind_sets.members || ']') AS member)`,
  `DELETE FROM coverage WHERE last_at < (SELECT max(last_at) FROM coverage)
     AND NOT EXISTS (SELECT 1 FROM listeners AS s WHERE s.coverage_id = coverage.id)
     AND NOT EXISTS (SELECT 1 FROM connections AS s WHERE s.coverage_id = coverage.id)`,
];

/**
 * Deletes what is older than `days`, then the oldest until main file and `-wal` together are under `megabytes`. Open
 * sockets, open findings and muted findings stay. Where that does not suffice, or a reader pins the `-wal`, it stops
 * and leaves the excess for `size()`.
 *
 * @returns rows deleted.
 */
export function retain(
  database: Database,
  path: string,
  limits: { days: number; megabytes: number },
  now: number,
): number {
  const limitBytes = limits.megabytes * 1024 * 1024;
  let deleted = deleteUnchangedCycles(database, now - Math.min(UNCHANGED_CYCLES_MS, limits.days * DAY_MS));
  for (const each of DELETABLE) deleted += deleteOlder(database, each, now - limits.days * DAY_MS);
  deleted += deleteOlder(database, LAST_RESORT[0], now - Math.max(CONTACT_DAYS, limits.days) * DAY_MS);
  deleted += deleteOrphans(database);
  let shrunk = shrink(database);
  while (shrunk && fileBytes(path) > limitBytes) {
    let batch = 0;
    for (const each of DELETABLE) batch += deleteBatch(database, each, now + DAY_MS, BATCH);
    if (batch === 0) for (const each of LAST_RESORT) batch += deleteBatch(database, each, now + DAY_MS, BATCH);
    if (batch === 0) break;
    deleted += batch + deleteOrphans(database);
    shrunk = shrink(database);
  }
  noteExcess(database, fileBytes(path) - limitBytes);
  return deleted;
}

type Deletable = (typeof DELETABLE)[number] | (typeof LAST_RESORT)[number];

function deleteBatch(database: Database, { table, where, age }: Deletable, before: number, batch: number): number {
  const key = ['gateways', 'skills', 'connection_coverage'].includes(table) ? 'rowid' : 'id';
  const sql = `DELETE FROM ${table} WHERE ${key} IN
    (SELECT ${key} FROM ${table} WHERE ${where} AND ${age} < ? ORDER BY ${age} LIMIT ?)`;
  return transaction(database, () => database.prepare(sql).run(before, batch).changes);
}

function deleteOlder(database: Database, each: Deletable, before: number): number {
  let total = 0;
  for (;;) {
    const batch = deleteBatch(database, each, before, BATCH);
    total += batch;
    if (batch < BATCH) return total;
  }
}

function deleteUnchangedCycles(database: Database, before: number): number {
  const sql = `DELETE FROM cycles WHERE id IN (SELECT id FROM cycles
    WHERE changes = 0 AND at < ? AND id < (SELECT max(id) FROM cycles) LIMIT ?)`;
  let total = 0;
  for (;;) {
    const batch = transaction(database, () => database.prepare(sql).run(before, BATCH).changes);
    total += batch;
    if (batch < BATCH) return total;
  }
}

function deleteOrphans(database: Database): number {
  return transaction(database, () => ORPHANS.reduce((total, sql) => total + database.prepare(sql).run().changes, 0));
}

/** Gives free pages back to the file system. False when a reader holds the `-wal`, so that deleting more is in vain. */
function shrink(database: Database): boolean {
  database.exec('PRAGMA incremental_vacuum');
  const busyTimeoutMs = Number(database.pragma('busy_timeout'));
  try {
    // A reader may hold the -wal for as long as it likes: the agent must not miss looks for it.
    database.pragma(`busy_timeout = ${CHECKPOINT_WAIT_MS}`);
    return Number(database.pragma('wal_checkpoint(TRUNCATE)')) === 0;
  } finally {
    database.pragma(`busy_timeout = ${busyTimeoutMs}`);
  }
}

function noteExcess(database: Database, bytes: number): void {
  if (bytes > 0) {
    database.prepare('INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)').run(OVER_LIMIT, String(bytes));
  } else database.prepare('DELETE FROM state WHERE key = ?').run(OVER_LIMIT);
}
