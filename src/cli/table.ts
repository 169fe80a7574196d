import type { Paint } from './paint.ts';
import { cut, displayWidth, pad } from './width.ts';

export interface Column<Row> {
  title: string;
  /** The cell's text, inert already. */
  cell(row: Row): string;
  /** Columns with the highest number are left out first when the line is too short; 0 is never left out. */
  dropOrder: number;
  /** A column that may be cut shrinks no further than this; others keep their full width. */
  shrinkTo?: number;
  style?(row: Row): Parameters<Paint['style']>[0] | undefined;
}

const GAP = '  ';

/** Lines of a table that fits the paint's width: columns are dropped first, then cut, the widest first. */
export function renderTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], paint: Paint): string[] {
  let shown = columns.map((column) => {
    const cells = rows.map((row) => column.cell(row));
    const width = Math.max(displayWidth(column.title), ...cells.map(displayWidth));
    return { column, cells, width, least: Math.min(width, column.shrinkTo ?? width) };
  });
  const total = (key: 'width' | 'least') => shown.reduce((sum, one) => sum + one[key], GAP.length * (shown.length - 1));
  while (total('least') > paint.width) {
    const last = shown.reduce((a, b) => (b.column.dropOrder > a.column.dropOrder ? b : a));
    if (last.column.dropOrder === 0) break;
    shown = shown.filter((one) => one !== last);
  }
  // Even the columns that are never dropped can be too wide; then everything may be cut.
  if (total('least') > paint.width) for (const one of shown) one.least = Math.min(one.least, 4);
  while (total('width') > paint.width) {
    const widest = shown.filter((one) => one.width > one.least).sort((a, b) => b.width - a.width)[0];
    if (!widest) break;
    widest.width--;
  }
  const line = (cell: (one: (typeof shown)[number]) => string, row?: Row) => {
    const parts = shown.map((one) => {
      const style = row === undefined ? 'dim' : one.column.style?.(row);
      const text = pad(cut(cell(one), one.width, paint.cutMark), one === shown.at(-1) ? 0 : one.width);
      return style ? paint.style(style, text) : text;
    });
    return parts.join(GAP).trimEnd();
  };
  return [line((one) => one.column.title), ...rows.map((row, index) => line((one) => one.cells[index]!, row))];
}
