import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, UserError } from '../types/error.ts';
import { APPLICATION_ID } from './application-id.ts';
import { damaged } from './errors.ts';
import { type Database, openDatabase, transaction } from './open.ts';

/** One step of the schema: a file of `db/migrations`, frozen once released. */
export interface Migration {
  name: string;
  sql: string;
}

/** The migrations that came with this program, from `db/migrations` of the checkout or of the package. */
export function loadMigrations(
  directory = fileURLToPath(new URL('../../db/migrations/', import.meta.url)),
): Migration[] {
  const names = readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name) => ({ name, sql: readFileSync(`${directory}/${name}`, 'utf8') }));
}

/**
 * Brings a database to the newest schema, each migration in one transaction.
 *
 * @throws UserError when the file is newer than the program, of another program, or made by changed migrations.
 */
export function migrate(database: Database, migrations: Migration[], path: string, now: number): void {
  checkNames(migrations);
  checkOrigin(database, path);
  for (const [index, migration] of migrations.entries()) {
    if (version(database) > index) continue;
    transaction(database, () => {
      // Another process may have done it while we waited for the lock.
      if (version(database) > index) return;
      database.exec(migration.sql);
      database
        .prepare('INSERT INTO migrations (version, name, sha256, applied_at) VALUES (?, ?, ?, ?)')
        .run(index + 1, migration.name, sha256(migration), now);
      database.pragma(`application_id = ${APPLICATION_ID}`);
      database.pragma(`user_version = ${index + 1}`);
    });
  }
  checkSchema(database, migrations, path);
}

/** Refuses a schema that is not exactly the one that these migrations make. */
export function checkSchema(database: Database, migrations: Migration[], path: string): void {
  checkOrigin(database, path);
  const have = version(database);
  if (have > migrations.length) {
    throw new UserError(
      `the record was written by a newer ClawWatch (schema ${have}, ours ${migrations.length}): ${path}`,
      {
        hint: 'update ClawWatch, or give another file with --db',
        exitCode: EXIT.internal,
      },
    );
  }
  if (have < migrations.length) {
    throw new UserError(
      `the record was written by an older ClawWatch (schema ${have}, ours ${migrations.length}): ${path}`,
      {
        hint: 'run clawwatch scan once, or restart the agent: that updates it',
        exitCode: EXIT.internal,
      },
    );
  }
  const rows = database
    .prepare<{ name: string; sha256: string }>('SELECT name, sha256 FROM migrations ORDER BY version')
    .all();
  for (const [index, migration] of migrations.entries()) {
    const row = rows[index];
    if (row === undefined) throw damaged(path, `migration ${index + 1} is not on record`);
    if (row.name !== migration.name || row.sha256 !== sha256(migration)) {
      throw new UserError(`the record was made with another ${basename(row.name)} than this program has: ${path}`, {
        hint: 'a released migration must never change: reinstall ClawWatch, or go back to the version that wrote the record',
        exitCode: EXIT.internal,
      });
    }
  }
}

/** The sum of the migrations as one readable SQL text: the content of `db/schema.sql`. Touches no file. */
export function renderSchema(migrations: Migration[]): string {
  const database = openDatabase(':memory:');
  try {
    migrate(database, migrations, ':memory:', 0);
    const rows = database
      .prepare<{ sql: string }>(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
      )
      .all();
    const head = '-- The sum of db/migrations, written by `npm run generate`. Read this, change those.\n';
    return `${head}\n${rows.map((row) => `${row.sql};\n`).join('\n')}`;
  } finally {
    database.close();
  }
}

function version(database: Database): number {
  return Number(database.pragma('user_version'));
}

function checkOrigin(database: Database, path: string): void {
  const id = Number(database.pragma('application_id'));
  const tables = database.prepare<{ n: number }>('SELECT count(*) AS n FROM sqlite_schema').get()?.n ?? 0;
  if (id === APPLICATION_ID || (id === 0 && tables === 0)) return;
  throw new UserError(`this database belongs to another program: ${path}`, {
    hint: 'give another file with --db',
    exitCode: EXIT.internal,
  });
}

function checkNames(migrations: Migration[]): void {
  for (const [index, { name }] of migrations.entries()) {
    const number = String(index + 1).padStart(4, '0');
    if (!new RegExp(`^${number}-[a-z0-9-]+\\.sql$`).test(name)) {
      throw new Error(`migration ${index + 1} must be named ${number}-….sql, not ${name}`);
    }
  }
}

function sha256(migration: Migration): string {
  return createHash('sha256').update(migration.sql.replaceAll('\r\n', '\n')).digest('hex');
}
