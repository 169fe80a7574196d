import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Library from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { ProcessTable } from '../../../../src/types/collector.ts';
import type { GatewayFact } from '../../../../src/types/gateway.ts';

const RECORDED = join(import.meta.dirname, '../../../fixtures/openclaw-state/recorded');

/** Just after the recording. */
export const RECORDED_AT = 1_795_180_675_000;

export const NO_PROCESSES: ProcessTable = { processes: new Map(), ownNetns: '1', blindSpots: [] };
export const NEVER = new AbortController().signal;

type Row = Record<string, string | number | Buffer | null>;

/** An open database of a state directory, as the gateway would hold it. */
export interface Written {
  path: string;
  handle: Library.Database;
  insert(table: string, row: Row): void;
  close(): void;
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'clawwatch-state-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A WAL database at a path, with this schema. */
export function database(path: string, schema: string): Written {
  mkdirSync(dirname(path), { recursive: true });
  const handle = new Library(path);
  handle.pragma('journal_mode = WAL');
  handle.pragma('foreign_keys = OFF');
  handle.exec(schema);
  const close = () => {
    if (handle.open) handle.close();
  };
  onTestFinished(close);
  return {
    path,
    handle,
    close,
    insert(table, row) {
      const columns = Object.keys(row);
      handle
        .prepare(`INSERT INTO ${table} (${columns.join(',')}) VALUES (${columns.map(() => '?').join(',')})`)
        .run(...Object.values(row));
    },
  };
}

export function recordedRows(name: 'state' | 'agent-main'): Record<string, Row[]> {
  return JSON.parse(readFileSync(join(RECORDED, `${name}.rows.json`), 'utf8')) as Record<string, Row[]>;
}

export function recordedSchema(name: 'state' | 'agent-main'): string {
  return readFileSync(join(RECORDED, `${name}.schema.sql`), 'utf8');
}

/** The state directory of the recorded gateway, its databases open; `empty` leaves the rows out. */
export function recordedState(stateDir: string, options: { empty?: boolean } = {}): { state: Written; agent: Written } {
  const state = database(join(stateDir, 'state/openclaw.sqlite'), recordedSchema('state'));
  const agent = database(join(stateDir, 'agents/main/agent/openclaw-agent.sqlite'), recordedSchema('agent-main'));
  if (options.empty) return { state, agent };
  for (const [written, name] of [
    [state, 'state'],
    [agent, 'agent-main'],
  ] as const) {
    for (const [table, rows] of Object.entries(recordedRows(name))) {
      for (const row of rows) written.insert(table, row);
    }
  }
  return { state, agent };
}

export function gateway(stateDir: string, extra: Partial<GatewayFact> = {}): GatewayFact {
  const uid = process.getuid?.();
  return {
    id: 'default',
    profile: 'default',
    running: true,
    confidence: 'certain',
    stateDir,
    workspaces: [`${stateDir}/workspace`],
    locks: [],
    evidence: [],
    config: { status: 'read', files: [], value: {}, unknownKeys: [], problems: [], networkSubset: {} },
    markers: {},
    version: {},
    ...(uid === undefined ? {} : { uid }),
    ...extra,
  };
}
