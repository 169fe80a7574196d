import { createRequire } from 'node:module';

/** A key as it was pressed. */
export interface Pressed {
  /** `enter`, `S-tab`, `C-l`, or the character itself. */
  name: string;
  /** The character that it writes, where it writes one. */
  text?: string;
}

export interface Clicked {
  kind: 'press' | 'wheel-up' | 'wheel-down';
  column: number;
  line: number;
}

/** A terminal that is ours until `close`. The only layer that knows blessed, so that tests draw into memory. */
export interface Screen {
  size(): { columns: number; rows: number };
  /** Lines for the whole window, top first, with colours in them. */
  draw(lines: readonly string[]): void;
  onKey(listener: (key: Pressed) => void): void;
  onMouse(listener: (click: Clicked) => void): void;
  onResize(listener: () => void): void;
  /** Sends an escape sequence past what is drawn: the clipboard. */
  send(sequence: string): void;
  /** Draws everything anew. */
  redraw(): void;
  /** Gives the terminal back as it was. Twice does nothing more. */
  close(): void;
}

// Terminals whose own description is right and which know less than xterm does.
const PLAIN_TERMINALS = /^(linux|vt\d+)/;

/** Takes the terminal. blessed is loaded here and nowhere else: it costs 50 ms and old habits. */
export async function openScreen(terminal: string): Promise<Screen> {
  const { default: blessed } = await import('blessed');
  const isPlain = PLAIN_TERMINALS.test(terminal);
  if (!isPlain) {
    // It cannot read the newer form of terminal descriptions and then draws eight colours and noise: all that are not
    // plain get the description of xterm that it brings along.
    const description = createRequire(import.meta.url).resolve('blessed/usr/xterm-256color');
    blessed.Tput.prototype._prefix = () => description;
  }
  const screen = blessed.screen({
    smartCSR: true,
    fullUnicode: true,
    title: 'ClawWatch',
    ...(isPlain ? {} : { terminal: 'xterm-256color' }),
  });
  // One box with the visible lines: blessed's own tables draw all rows, also those out of sight.
  const box = blessed.box({ parent: screen, top: 0, left: 0, width: '100%', height: '100%', tags: false, wrap: false });
  let drawn = '';
  let isOpen = true;
  return {
    size: () => ({ columns: screen.width, rows: screen.height }),
    draw(lines) {
      const content = lines.join('\n');
      if (!isOpen || content === drawn) return;
      drawn = content;
      box.setContent(content);
      screen.render();
    },
    onKey: (listener) =>
      screen.on('keypress', (character, key) => {
        // Enter comes twice, by both of its names.
        if (key.name === 'return' || key.name === 'linefeed') return;
        const isText = character !== undefined && !key.ctrl && !key.meta && /^[^\p{C}]+$/u.test(character);
        listener({ name: key.name === 'enter' ? 'enter' : key.full, ...(isText ? { text: character } : {}) });
      }),
    onMouse: (listener) =>
      screen.on('mouse', ({ action, x, y }) => {
        if (action === 'mousedown') listener({ kind: 'press', column: x, line: y });
        else if (action === 'wheelup' || action === 'wheeldown') {
          listener({ kind: action === 'wheelup' ? 'wheel-up' : 'wheel-down', column: x, line: y });
        }
      }),
    onResize: (listener) =>
      screen.on('resize', () => {
        drawn = '';
        listener();
      }),
    send(sequence) {
      if (!isOpen) return;
      screen.program.flush();
      screen.program._write(sequence);
    },
    redraw() {
      drawn = '';
      screen.realloc();
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      screen.destroy();
    },
  };
}
