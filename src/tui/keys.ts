/** Panes in the order of their numbers. */
export const PANES = ['overview', 'exposure', 'connections', 'findings', 'skills', 'timeline'] as const;
export type PaneId = (typeof PANES)[number];

export type Action =
  | 'pane'
  | 'next-pane'
  | 'previous-pane'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'open'
  | 'close'
  | 'filter'
  | 'clear-filter'
  | 'sort-next'
  | 'sort-previous'
  | 'sort-turn'
  | 'freeze'
  | 'everybody'
  | 'copy'
  | 'allow'
  | 'suppress'
  | 'evidence'
  | 'flight'
  | 'look'
  | 'redraw'
  | 'help'
  | 'quit';

export interface Key {
  /** Names as the terminal layer gives them; the first one is shown. */
  names: readonly string[];
  /** As it is written in help, where the name is not what is printed on the key. */
  shown: string;
  action: Action;
  does: string;
}

/** Every key of the screen: what `?` shows and what the README lists is made from this. */
export const KEYS: readonly Key[] = [
  { names: ['1', '2', '3', '4', '5', '6'], shown: '1-6', action: 'pane', does: 'go to a pane' },
  { names: ['tab', 'right'], shown: 'Tab Right', action: 'next-pane', does: 'next pane' },
  { names: ['S-tab', 'left'], shown: 'Shift-Tab Left', action: 'previous-pane', does: 'previous pane' },
  { names: ['up', 'k'], shown: 'Up k', action: 'up', does: 'one row up' },
  { names: ['down', 'j'], shown: 'Down j', action: 'down', does: 'one row down' },
  { names: ['pageup', 'C-b'], shown: 'PgUp', action: 'page-up', does: 'one page up' },
  { names: ['pagedown', 'C-f', 'space'], shown: 'PgDn Space', action: 'page-down', does: 'one page down' },
  { names: ['home', 'g'], shown: 'Home g', action: 'first', does: 'first row' },
  { names: ['end', 'S-g'], shown: 'End G', action: 'last', does: 'last row' },
  {
    names: ['enter', 'return'],
    shown: 'Enter',
    action: 'open',
    does: 'explain the row: evidence, lineage, what to do',
  },
  { names: ['escape'], shown: 'Esc', action: 'close', does: 'close what lies over the pane' },
  { names: ['/'], shown: '/', action: 'filter', does: 'filter rows (see below)' },
  { names: ['backspace'], shown: 'Backspace', action: 'clear-filter', does: 'take the filter away' },
  { names: ['>'], shown: '>', action: 'sort-next', does: 'sort by the next column' },
  { names: ['<'], shown: '<', action: 'sort-previous', does: 'sort by the previous column' },
  { names: ['r'], shown: 'r', action: 'sort-turn', does: 'turn the order around' },
  { names: ['p'], shown: 'p', action: 'freeze', does: 'freeze the rows, and go on; the header stays live' },
  { names: ['o'], shown: 'o', action: 'everybody', does: 'connections of OpenClaw only, or of the whole machine' },
  { names: ['y'], shown: 'y', action: 'copy', does: 'copy the command of the fix (OSC 52)' },
  { names: ['a'], shown: 'a', action: 'allow', does: 'allow this contact: scope, reason, expiry, after a preview' },
  { names: ['s'], shown: 's', action: 'suppress', does: 'suppress this finding or contact, after a preview' },
  { names: ['e'], shown: 'e', action: 'evidence', does: 'write an evidence bundle of the finding to a folder' },
  { names: ['f'], shown: 'f', action: 'flight', does: 'freeze, and write the last five minutes to a folder' },
  { names: ['l'], shown: 'l', action: 'look', does: 'look at the machine now, where no agent runs' },
  { names: ['C-l'], shown: 'Ctrl-L', action: 'redraw', does: 'draw the screen anew' },
  { names: ['?', 'h'], shown: '? h', action: 'help', does: 'this help' },
  { names: ['q', 'C-c'], shown: 'q Ctrl-C', action: 'quit', does: 'leave' },
];

const ACTIONS: ReadonlyMap<string, Action> = new Map(
  KEYS.flatMap(({ names, action }) => names.map((name) => [name, action] as const)),
);

export function actionOf(name: string): Action | undefined {
  return ACTIONS.get(name);
}

export const FILTER_HELP: readonly (readonly [string, string])[] = [
  ['port:443 port:8000-9000', 'local or remote port'],
  ['host:example.com', 'name or address of the far end'],
  ['skill: role: pid:', 'who it is'],
  ['verdict:unknown', 'expected, approved, learned, unknown, suppressed'],
  ['severity:high', 'this severity or worse'],
  ['weather', 'anything on the row'],
  ['/beacon.*com/', 'a regular expression with at most two repetitions'],
  ['-host:example.com', 'all but these'],
];

/** The keys and the filter language as Markdown tables, for the README. */
export function keysAsMarkdown(): string {
  const code = (words: string) =>
    words
      .split(' ')
      .map((word) => `\`${word}\``)
      .join(' ');
  return [
    '| Key | Does |',
    '|---|---|',
    ...KEYS.map(({ shown, does }) => `| ${code(shown)} | ${does} |`),
    '',
    '| Filter | Keeps; all terms must hold |',
    '|---|---|',
    ...FILTER_HELP.map(([form, does]) => `| ${code(form)} | ${does} |`),
  ].join('\n');
}
