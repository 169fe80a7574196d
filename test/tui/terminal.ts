/** A real terminal: a pty with a program in it, and an emulator that reads what it draws. */
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

/** Deadline of one wait, ms: a busy machine starts Node slowly. */
const PATIENCE_MS = 30_000;

export interface RealTerminal {
  pty: IPty;
  /** What is on the screen. */
  text(): string;
  /** Everything that was written, escape codes included. */
  raw(): string;
  /** Resolves when the screen matches. */
  shows(wanted: RegExp | string): Promise<void>;
  write(keys: string): void;
  resize(columns: number, rows: number): void;
  /** True when the program has left the other buffer and wants no mouse. */
  isRestored(): boolean;
  exited: Promise<{ exitCode: number; signal?: number }>;
  end(): void;
}

export function startInTerminal(
  file: string,
  argv: string[],
  { columns = 100, rows = 30, env = {} }: { columns?: number; rows?: number; env?: Record<string, string> } = {},
): RealTerminal {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const pty = spawn(file, argv, {
    cols: columns,
    rows,
    name: 'xterm-256color',
    env: {
      PATH: process.env.PATH ?? '',
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      NCURSES_NO_UTF8_ACS: '1',
      ...env,
    },
  });
  let raw = '';
  pty.onData((data) => {
    raw += data;
    terminal.write(data);
  });
  const exited = new Promise<{ exitCode: number; signal?: number }>((resolve) => pty.onExit(resolve));
  let hasExited = false;
  void exited.then(() => {
    hasExited = true;
  });
  const text = () =>
    Array.from(
      { length: terminal.rows },
      (_, index) =>
        terminal.buffer.active.getLine(terminal.buffer.active.viewportY + index)?.translateToString(true) ?? '',
    ).join('\n');
  return {
    pty,
    text,
    raw: () => raw,
    async shows(wanted) {
      const deadline = Date.now() + PATIENCE_MS;
      while (Date.now() < deadline) {
        const now = text();
        if (typeof wanted === 'string' ? now.includes(wanted) : wanted.test(now)) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`never shown: ${wanted}\n${text()}`);
    },
    write: (keys) => pty.write(keys),
    resize(columns, rows) {
      terminal.resize(columns, rows);
      pty.resize(columns, rows);
    },
    isRestored: () => terminal.buffer.active.type === 'normal' && terminal.modes.mouseTrackingMode === 'none',
    exited,
    end() {
      if (!hasExited) pty.kill('SIGKILL');
    },
  };
}
