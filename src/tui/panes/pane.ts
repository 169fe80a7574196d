import type { Row } from '../rows.ts';
import type { Column } from '../table.ts';

/** A pane that is a table of rows from the database. */
export interface TablePane<Each extends Row> {
  columns: readonly Column<Each>[];
  /** Order until somebody asks for another one. */
  compare?: (a: Each, b: Each) => number;
  /** Said in the place of rows where there are none. */
  empty: string;
}

/** Words of a row for searching: what stands on its line, in lower case. */
export function searchText(...words: (string | number | undefined)[]): string {
  return words
    .filter((word) => word !== undefined && word !== '')
    .join(' ')
    .slice(0, 600)
    .toLowerCase();
}

/** Numbers sort with the largest first and text with the first letter first when a column is chosen. */
export function secondsOf(ms: number): string {
  if (ms < 0) return '0 s';
  if (ms < 120_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} d`;
}
