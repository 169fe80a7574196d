import * as zlib from 'node:zlib';
import type { ForeignDatabase, Row } from '../sqlite.ts';
import { MAX_EVENT_BYTES, parseToolEvent } from './event.ts';
import { type Ledger, WINDOW_MS } from './ledger.ts';
import { lastOf, type TableProgress } from './state-tables.ts';

/** Rows and bytes of one look; what is left waits for the next. A turn writes some ten rows. */
const MAX_ROWS = 500;
const MAX_LOOK_BYTES = 2 * 1024 ** 2;
/** How far before the end the first look begins. */
const FIRST_ROWS = 2_000;

export interface TranscriptProgress extends TableProgress {
  /** Rows that could not be unpacked, because this Node has no Zstandard (before 22.15). */
  packed: number;
}

/**
 * Reads what is new in `transcript_events` of one agent. The table's key is (session, seq), and nothing indexes the
 * time, so the cursor is the hidden row number: it grows with every insertion. Old rows are passed over without their
 * text, which may be megabytes.
 */
export function readTranscripts(
  database: ForeignDatabase,
  ledger: Ledger,
  cursor: number | undefined,
  now: number,
): TranscriptProgress {
  const columns = database.demand('transcript_events', ['session_id', 'event_json', 'created_at']);
  const hasPacked = columns.has('event_zstd');
  const packedColumn = hasPacked
    ? `CASE WHEN created_at > ? AND octet_length(event_zstd) <= ${MAX_EVENT_BYTES} THEN event_zstd END`
    : 'NULL';
  const last = lastOf(database, 'SELECT max(rowid) AS last FROM transcript_events LIMIT 1');
  const from = cursor === undefined || last < cursor ? Math.max(0, last - FIRST_ROWS) : cursor;
  const progress = { cursor: from, more: false, packed: 0 };
  const rows = database.rows(
    `SELECT rowid AS row, created_at, substr(session_id, 1, 200) AS session,
      CASE WHEN created_at > ? AND octet_length(event_json) <= ${MAX_EVENT_BYTES} THEN event_json END AS text,
      ${packedColumn} AS packed
      FROM transcript_events WHERE rowid > ? ORDER BY rowid LIMIT ${cursor === undefined ? FIRST_ROWS : MAX_ROWS}`,
    now - WINDOW_MS,
    ...(hasPacked ? [now - WINDOW_MS] : []),
    from,
  );
  let bytes = 0;
  for (const row of rows) {
    if (typeof row.row === 'number') progress.cursor = Math.max(progress.cursor, row.row);
    const text = textOf(row);
    if (text === 'packed') progress.packed++;
    else if (text !== undefined) {
      transcriptRow(row, text, ledger);
      bytes += text.length;
      if (bytes > MAX_LOOK_BYTES) break;
    }
  }
  progress.more = progress.cursor < last;
  return progress;
}

function transcriptRow(row: Row, text: string, ledger: Ledger): void {
  if (typeof row.created_at !== 'number' || typeof row.session !== 'string') return;
  const { calls, answered } = parseToolEvent(text);
  for (const call of calls) ledger.called(row.session, call, row.created_at);
  if (answered !== undefined) ledger.answered(row.session, answered, row.created_at);
}

/** The event, unpacked where it was put into cold storage; `'packed'` when this Node cannot. */
function textOf(row: Row): string | 'packed' | undefined {
  if (typeof row.text === 'string') return row.text;
  if (!(row.packed instanceof Uint8Array)) return undefined;
  if (typeof zlib.zstdDecompressSync !== 'function') return 'packed';
  try {
    return zlib.zstdDecompressSync(row.packed, { maxOutputLength: MAX_EVENT_BYTES }).toString('utf8');
  } catch {
    // Damaged, or a bomb. The audit table knows of the call, if it was one.
    return undefined;
  }
}
