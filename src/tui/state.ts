import { PANES, type PaneId } from './keys.ts';
import type { Sorting } from './table.ts';

/** Where a person is in a pane. */
export interface PlaceInPane {
  /** Row that the cursor is on; rows come and go, so it is no position. */
  selected?: number | undefined;
  /** First row on the screen. */
  top: number;
  sorting?: Sorting | undefined;
  filter: string;
}

/** Text that lies over the pane and can be scrolled. */
export interface Reading {
  kind: 'reading';
  title: string;
  lines: readonly string[];
  top: number;
  /** What `y` copies. */
  command?: string | undefined;
}

export interface FormField {
  id: 'pattern' | 'scope' | 'for' | 'reason';
  label: string;
  value: string;
  hint: string;
}

/** The form of `a` and `s`: filled in, then previewed, then confirmed. */
export interface Form {
  kind: 'form';
  action: 'allow' | 'suppress';
  fields: readonly FormField[];
  at: number;
  problem?: string | undefined;
  /** What the rule would silence; set once it was asked for. */
  preview?: readonly string[] | undefined;
}

export interface Typing {
  kind: 'filter';
  text: string;
  problem?: string | undefined;
}

export interface UiState {
  pane: PaneId;
  places: Record<PaneId, PlaceInPane>;
  over?: Reading | Form | Typing | undefined;
  /** Unix ms at which the rows were frozen. */
  frozenAt?: number | undefined;
  /** Connections of the whole machine and not of OpenClaw alone. */
  everybody: boolean;
  /** Said in the last line for a while. */
  message?: { text: string; isBad: boolean; until: number } | undefined;
}

/** What is remembered between two runs. */
export interface Remembered {
  pane: PaneId;
  everybody: boolean;
  filters: Partial<Record<PaneId, string>>;
  sortings: Partial<Record<PaneId, Sorting>>;
}

export function initialState(remembered?: Partial<Remembered>): UiState {
  const place = (pane: PaneId): PlaceInPane => ({
    top: 0,
    filter: remembered?.filters?.[pane] ?? '',
    ...(remembered?.sortings?.[pane] ? { sorting: remembered.sortings[pane] } : {}),
  });
  return {
    pane: remembered?.pane ?? 'overview',
    places: Object.fromEntries(PANES.map((pane) => [pane, place(pane)])) as UiState['places'],
    everybody: remembered?.everybody ?? false,
  };
}

export function rememberedOf(state: UiState): Remembered {
  const filters: Remembered['filters'] = {};
  const sortings: Remembered['sortings'] = {};
  for (const pane of PANES) {
    const { filter, sorting } = state.places[pane];
    if (filter !== '') filters[pane] = filter;
    if (sorting) sortings[pane] = sorting;
  }
  return { pane: state.pane, everybody: state.everybody, filters, sortings };
}

/** The window of rows that keeps the cursor in sight: position of the cursor and first row shown. */
export function windowOf(
  rows: readonly { row: number }[],
  { selected, top }: Pick<PlaceInPane, 'selected' | 'top'>,
  height: number,
): { at: number; top: number } {
  const found = selected === undefined ? -1 : rows.findIndex(({ row }) => row === selected);
  // Where the row has gone, the cursor stays at the place on the screen.
  const at = Math.max(0, Math.min(found >= 0 ? found : top, rows.length - 1));
  const last = Math.max(0, rows.length - height);
  return { at, top: Math.max(0, Math.min(Math.max(Math.min(top, at), at - height + 1), last)) };
}
