/** Exit codes of every command. */
export const EXIT = {
  /** Nothing at or above `--fail-on`. */
  ok: 0,
  findings: 1,
  /** Usage or configuration. */
  usage: 2,
  /** Something essential could not be seen, and there were no findings. */
  blind: 3,
  /** A bug, or a file of ours that cannot be used. */
  internal: 4,
  /** The environment cannot run us: Node too old, no SQLite for this system. */
  environment: 78,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error for the person at the terminal: one line, one hint, no stack. Everything else is a bug and keeps its stack. */
export class UserError extends Error {
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor(message: string, options: { hint: string; exitCode?: ExitCode; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'UserError';
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? EXIT.usage;
  }
}
