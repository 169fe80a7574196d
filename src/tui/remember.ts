import { chmodSync, closeSync, constants, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PANES } from './keys.ts';
import type { Remembered } from './state.ts';
import type { Sorting } from './table.ts';

const LARGEST = 64 * 1024;

/** `$XDG_STATE_HOME/clawwatch/tui.json`, else below `~/.local/state`: filters name hosts, so it is nobody else's. */
export function rememberPath(env: NodeJS.ProcessEnv, home: string): string {
  const state = env.XDG_STATE_HOME?.startsWith('/') ? env.XDG_STATE_HOME : join(home, '.local', 'state');
  return join(state, 'clawwatch', 'tui.json');
}

/** What the last run left. A file that is missing, damaged or not one of ours is as good as none. */
export function recall(path: string): Partial<Remembered> {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > LARGEST) return {};
    return checked(JSON.parse(text));
  } catch {
    return {};
  }
}

function checked(value: unknown): Partial<Remembered> {
  const from = (value ?? {}) as Record<string, unknown>;
  const remembered: Partial<Remembered> = { filters: {}, sortings: {} };
  const pane = PANES.find((one) => one === from.pane);
  if (pane) remembered.pane = pane;
  if (from.everybody === true) remembered.everybody = true;
  for (const one of PANES) {
    const filter = (from.filters as Record<string, unknown> | undefined)?.[one];
    if (typeof filter === 'string' && filter.length <= 200) remembered.filters![one] = filter;
    const sorting = (from.sortings as Record<string, unknown> | undefined)?.[one] as Partial<Sorting> | undefined;
    if (typeof sorting?.column === 'string' && typeof sorting.descending === 'boolean') {
      remembered.sortings![one] = { column: sorting.column, descending: sorting.descending };
    }
  }
  return remembered;
}

/** Writes it for the next run; whole or not at all, mode 0600. What fails is not worth a word at the end of a run. */
export function remember(path: string, remembered: Remembered): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(
      draft,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0),
      0o600,
    );
    try {
      writeFileSync(file, `${JSON.stringify(remembered, undefined, 2)}\n`);
    } finally {
      closeSync(file);
    }
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch {
    // A full disk or a read-only home: the next run starts as the first did.
  }
}
