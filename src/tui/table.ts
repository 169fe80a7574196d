import { cut, displayWidth, pad } from '../cli/width.ts';
import { type Line, type Span, span, type Tone } from './line.ts';
import type { LookOfScreen } from './look.ts';

/** A column of a pane. Widths depend on the window alone, so that nothing jumps while rows come and go. */
export interface Column<Row> {
  id: string;
  title: string;
  width: number;
  /** Share of the columns that are left over; 0 keeps its width. */
  grow: number;
  /** Columns with the highest number are left out first; 0 is never left out. */
  drop: number;
  right?: boolean;
  cell(row: Row, look: LookOfScreen, now: number): string;
  tone?(row: Row): Tone | undefined;
  /** What sorting goes by; numbers start with the largest, words with the first. */
  sort(row: Row): number | string;
}

export interface Sorting {
  column: string;
  descending: boolean;
}

export interface Placed<Row> {
  column: Column<Row>;
  width: number;
}

const GAP = 1;
/** Cursor and sign of life in front of each row. */
const MARGIN = 2;

/** Columns that fit, with their widths. */
export function placeColumns<Row>(columns: readonly Column<Row>[], total: number): Placed<Row>[] {
  let shown = [...columns];
  const needed = () => MARGIN + shown.reduce((sum, { width }) => sum + width + GAP, -GAP);
  while (needed() > total) {
    const last = shown.reduce((a, b) => (b.drop > a.drop ? b : a));
    if (last.drop === 0) break;
    shown = shown.filter((one) => one !== last);
  }
  const left = Math.max(0, total - needed());
  const shares = shown.reduce((sum, { grow }) => sum + grow, 0);
  let given = 0;
  const placed = shown.map((column) => {
    const more = shares === 0 ? 0 : Math.floor((left * column.grow) / shares);
    given += more;
    return { column, width: column.width + more };
  });
  const last = placed.findLast(({ column }) => column.grow > 0);
  if (last) last.width += left - given;
  return placed;
}

export function headLine<Row>(placed: readonly Placed<Row>[], sorting: Sorting | undefined, look: LookOfScreen): Line {
  const titles = placed.map(({ column, width }) => {
    const mark = sorting?.column === column.id ? (sorting.descending ? look.signs.down : look.signs.up) : '';
    return cell(column.title + mark, width, column.right === true, look);
  });
  return [span(' '.repeat(MARGIN) + titles.join(' '), 'dim')];
}

/** How a row stands among the others. */
export interface Standing {
  isSelected: boolean;
  /** `fresh`: not long here; `closed`: gone, and shown for a moment more. */
  life?: 'fresh' | 'closed' | undefined;
}

export function rowLine<Row>(
  row: Row,
  placed: readonly Placed<Row>[],
  { isSelected, life }: Standing,
  look: LookOfScreen,
  now: number,
): Line {
  const { signs } = look;
  const whole: Tone | undefined = isSelected ? 'selected' : life === 'closed' ? 'dim' : undefined;
  const sign = life === 'fresh' ? signs.fresh : life === 'closed' ? signs.closed : ' ';
  const spans: Span[] = [
    span((isSelected ? signs.cursor : ' ') + sign, whole ?? (life === 'fresh' ? 'fresh' : undefined)),
  ];
  placed.forEach(({ column, width }, index) => {
    const text = cell(column.cell(row, look, now), width, column.right === true, look);
    if (index > 0) spans.push(span(' ', whole));
    spans.push(span(text, whole ?? column.tone?.(row) ?? (life === 'fresh' ? 'strong' : undefined)));
  });
  return spans;
}

function cell(text: string, width: number, right: boolean, { paint }: LookOfScreen): string {
  const shown = cut(text, width, paint.cutMark);
  return right ? ' '.repeat(Math.max(0, width - displayWidth(shown))) + shown : pad(shown, width);
}

/** Column to sort by at a click or with the keys `<` and `>`: the next one that is there, or none after the last. */
export function nextSorting<Row>(
  placed: readonly Pick<Placed<Row>, 'column'>[],
  sorting: Sorting | undefined,
  step: 1 | -1,
): Sorting | undefined {
  const ids = [undefined, ...placed.map(({ column }) => column.id)];
  const at = ids.indexOf(sorting?.column);
  const column = ids[(Math.max(0, at) + step + ids.length) % ids.length];
  return column === undefined ? undefined : { column, descending: sorting?.descending ?? true };
}

export function compareBy<Row>(column: Pick<Column<Row>, 'sort'>, descending: boolean): (a: Row, b: Row) => number {
  const direction = descending ? -1 : 1;
  return (a, b) => {
    const left = column.sort(a);
    const right = column.sort(b);
    if (typeof left === 'number' && typeof right === 'number') return direction * (left - right);
    const [one, other] = [String(left), String(right)];
    return one === other ? 0 : direction * (one < other ? -1 : 1);
  };
}
