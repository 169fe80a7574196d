import { wrap } from '../cli/width.ts';
import { type HeaderFacts, headerLines } from './header.ts';
import { FILTER_HELP, KEYS, PANES, type PaneId } from './keys.ts';
import { fit, type Line, span } from './line.ts';
import type { LookOfScreen } from './look.ts';
import type { TablePane } from './panes/pane.ts';
import type { Row } from './rows.ts';
import { type Form, type UiState, windowOf } from './state.ts';
import { headLine, type Placed, placeColumns, rowLine } from './table.ts';

export interface Size {
  columns: number;
  rows: number;
}

/** A pane's content, ready to be drawn. */
export type PaneContent = { kind: 'lines'; draw(width: number, height: number): Line[] } | TableContent<Row>;

export interface TableContent<Each extends Row> {
  kind: 'table';
  pane: TablePane<Each>;
  /** Rows that the filter lets through, in order. */
  rows: readonly Each[];
  total: number;
  waiting: number;
  beyond: number;
  lifeOf(row: number): 'fresh' | 'closed' | undefined;
  /** Lines above the rows. */
  above: readonly Line[];
}

/** What is on the screen and where, for the mouse. */
export interface Frame {
  lines: Line[];
  tabs: { line: number; pane: PaneId; from: number; to: number }[];
  head?: { line: number; placed: readonly Placed<Row>[] };
  body: { line: number; height: number; top: number; rows: readonly number[] };
}

const NAMES: Readonly<Record<PaneId, string>> = {
  overview: 'Overview',
  exposure: 'Exposure',
  connections: 'Connections',
  findings: 'Findings',
  skills: 'Skills',
  timeline: 'Timeline',
};

/** The whole screen as lines of exactly the window's width. Changes nothing and asks nobody. */
export function drawFrame(
  state: UiState,
  header: HeaderFacts,
  content: PaneContent,
  size: Size,
  look: LookOfScreen,
  now: number,
): Frame {
  const { columns, rows } = size;
  const above = headerLines(header, look, columns, Math.max(1, Math.floor(rows / 12)), now);
  const { line: tabLine, tabs } = tabsOf(state, look, above.length, columns);
  const lines: Line[] = [...above, tabLine];
  const height = Math.max(1, rows - lines.length - 1);
  const frame: Frame = { lines, tabs, body: { line: lines.length, height, top: 0, rows: [] } };
  if (state.over?.kind === 'reading' || state.over?.kind === 'form')
    lines.push(...overLines(state.over, look, columns, height));
  else if (content.kind === 'lines') lines.push(...content.draw(columns, height));
  else drawTable(frame, state, content, look, columns, height, now);
  while (lines.length < rows - 1) lines.push([]);
  lines.length = rows - 1;
  lines.push(footLine(state, content, look, now));
  frame.lines = lines.map((line) => fit(line, columns, look.paint.cutMark));
  return frame;
}

function tabsOf(
  state: UiState,
  { signs }: LookOfScreen,
  line: number,
  width: number,
): { line: Line; tabs: Frame['tabs'] } {
  const tabs: Frame['tabs'] = [];
  const spans = [span(signs.bar, 'dim')];
  let at = 1;
  PANES.forEach((pane, index) => {
    const text = ` ${index + 1} ${NAMES[pane]} `;
    tabs.push({ line, pane, from: at, to: at + text.length - 1 });
    spans.push(span(text, pane === state.pane ? 'selected' : undefined), span(signs.bar, 'dim'));
    at += text.length + 1;
  });
  spans.push(span(signs.bar.repeat(Math.max(0, width - at)), 'dim'));
  return { line: spans, tabs };
}

function drawTable(
  frame: Frame,
  state: UiState,
  content: TableContent<Row>,
  look: LookOfScreen,
  width: number,
  height: number,
  now: number,
): void {
  const place = state.places[state.pane];
  const placed = placeColumns(content.pane.columns, width);
  frame.lines.push(...content.above);
  frame.head = { line: frame.lines.length, placed };
  frame.lines.push(headLine(placed, place.sorting, look));
  const room = Math.max(1, height - 1 - content.above.length);
  const { at, top } = windowOf(content.rows, place, room);
  const visible = content.rows.slice(top, top + room);
  frame.body = { line: frame.lines.length, height: room, top, rows: visible.map(({ row }) => row) };
  if (visible.length === 0) {
    const isFiltered = place.filter !== '' && content.total > 0;
    frame.lines.push([
      span(`  ${isFiltered ? 'No row matches the filter (Backspace takes it away).' : content.pane.empty}`, 'dim'),
    ]);
  }
  visible.forEach((row, index) => {
    const standing = { isSelected: top + index === at, life: content.lifeOf(row.row) };
    frame.lines.push(rowLine(row, placed, standing, look, now));
  });
}

function overLines(
  over: Exclude<UiState['over'], undefined>,
  look: LookOfScreen,
  width: number,
  height: number,
): Line[] {
  if (over.kind === 'filter') return [];
  const lines: Line[] = [[span(` ${over.kind === 'reading' ? over.title : formTitle(over)}`, 'strong')]];
  if (over.kind === 'reading') {
    const room = height - 2;
    const top = Math.max(0, Math.min(over.top, over.lines.length - room));
    lines.push([], ...over.lines.slice(top, top + room).map((text) => [span(` ${text}`)]));
    return lines;
  }
  lines.push([]);
  over.fields.forEach(({ label, value, hint }, index) => {
    const isAt = index === over.at && over.preview === undefined;
    lines.push([
      span(`${isAt ? look.signs.cursor : ' '} ${label.padEnd(9)}`, isAt ? 'accent' : undefined),
      span(look.paint.text(value, 300), isAt ? 'selected' : 'strong'),
      span(isAt ? '_' : ''),
      span(`  ${hint}`, 'dim'),
    ]);
  });
  lines.push([]);
  if (over.problem !== undefined) {
    for (const text of wrap(look.paint.text(over.problem, 400), width - 3)) lines.push([span(` ${text}`, 'bad')]);
  }
  for (const text of over.preview ?? []) lines.push([span(` ${text}`)]);
  return lines.slice(0, height);
}

function formTitle({ action, preview }: Form): string {
  const what = action === 'allow' ? 'Allow a contact' : 'Suppress: do not tell me';
  return preview === undefined
    ? `${what}: Tab next field, Enter preview, Esc cancel`
    : `${what}: Enter puts this rule in force, Esc goes back`;
}

function footLine(state: UiState, content: PaneContent, look: LookOfScreen, now: number): Line {
  const { over, message } = state;
  if (over?.kind === 'filter') {
    const problem = over.problem === undefined ? '' : `   ${over.problem}`;
    return [
      span(` / ${look.paint.text(over.text, 200)}_`, 'accent'),
      span(problem, 'bad'),
      span('   Enter keeps, Esc cancels', 'dim'),
    ];
  }
  if (message && now < message.until)
    return [span(` ${look.paint.text(message.text, 400)}`, message.isBad ? 'bad' : 'good')];
  if (over?.kind === 'reading')
    return [span(' Esc back  Up/Down scroll  y copy the command  e evidence  a allow  s suppress', 'dim')];
  if (over?.kind === 'form') return [span(' a rule stays on record: clawwatch policy list', 'dim')];
  const { filter } = state.places[state.pane];
  const spans = [];
  if (content.kind === 'table') {
    spans.push(span(` ${content.rows.length} of ${content.total}`, 'dim'));
    if (content.waiting > 0) spans.push(span(`, ${content.waiting} still being read`, 'accent'));
    if (content.beyond > 0) spans.push(span(`, ${content.beyond} beyond what is held`, 'warn'));
    if (filter !== '') spans.push(span(`  filter ${look.paint.text(filter, 80)}`, 'accent'));
  }
  spans.push(span('  / filter  Enter explain  p freeze  < > sort  ? keys  q quit', 'dim'));
  return spans;
}

/** Lines of the help, from the table of keys. */
export function helpLines(): string[] {
  return [
    ...KEYS.map(({ shown, does }) => `${shown.padEnd(16)}${does}`),
    'mouse           click a pane, a column or a row; the wheel scrolls',
    '',
    'Filter: all terms must hold',
    ...FILTER_HELP.map(([form, does]) => `${form.padEnd(28)}${does}`),
  ];
}
