import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** What a tool of the system answered. A failed tool is not thrown: its lines up to then and the cause are both facts. */
export interface CommandOutput {
  /** Standard output in lines, without their line feeds. */
  lines: string[];
  /** `null`: it never ended by itself. */
  exitCode: number | null;
  /** Standard error, cut to 4 KiB; raw, so print through `safeText`. */
  stderr: string;
  /** Why the output is missing or ends early; absent when the tool ran to its end, with whatever exit code. */
  problem?: 'missing' | 'not-permitted' | 'timeout' | 'too-much-output' | 'not-started';
}

/** Runs one tool. Rejects only when aborted. Tests answer with recorded output instead. */
export type RunCommand = (command: string, args: readonly string[], signal: AbortSignal) => Promise<CommandOutput>;

export interface CommandLimits {
  /** Wall time in ms until the tool is killed. */
  timeoutMs?: number;
  /** Bytes of standard output; 50,000 sockets are about 7 MB. */
  maxBytes?: number;
  /** Replaces the whole environment, the search path included. */
  env?: Record<string, string>;
  /** The tool does not keep our process alive: its answer is worth nothing to a program that has nothing else to do. */
  background?: boolean;
}

/** How a supervised child ended, without its output. */
export type CommandEnd = Omit<CommandOutput, 'lines'>;

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_STDERR = 4096;

/**
 * The environment of every tool. A skill that writes into a folder of the user's PATH, or sets LD_PRELOAD or
 * DYLD_INSERT_LIBRARIES in a profile, would otherwise choose what we see; so only folders of the system are searched
 * and nothing is inherited. C words and UTC times keep the output free of translations.
 */
export function toolEnvironment(platform: NodeJS.Platform, systemRoot = 'C:\\Windows'): Record<string, string> {
  if (platform === 'win32') {
    return { SystemRoot: systemRoot, PATH: `${systemRoot}\\System32` };
  }
  return { PATH: '/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin', LC_ALL: 'C', TZ: 'UTC0' };
}

/** Windows looks into the current folder before PATH, so a tool there is named by its whole path. */
export function toolPath(tool: string, platform: NodeJS.Platform, systemRoot = 'C:\\Windows'): string {
  return platform === 'win32' ? `${systemRoot}\\System32\\${tool}.exe` : tool;
}

/**
 * Starts a tool and makes sure that it ends: timeout, abort and too much output kill it, and `ended` settles even
 * when the process cannot die (stuck in a dead network mount). Never rejects; the caller looks at the signal.
 */
export function superviseCommand(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  limits: CommandLimits = {},
): { child: ChildProcess; ended: Promise<CommandEnd> } {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: limits.env ?? toolEnvironment(process.platform, process.env.SystemRoot),
    windowsHide: true,
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    if (stderr.length < MAX_STDERR) stderr = (stderr + chunk.toString('utf8')).slice(0, MAX_STDERR);
  });
  const ended = new Promise<CommandEnd>((resolve) => {
    const finish = (end: { exitCode: number | null; problem?: NonNullable<CommandEnd['problem']> }) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve({ ...end, stderr });
    };
    const stop = (problem?: NonNullable<CommandEnd['problem']>) => {
      child.kill('SIGKILL');
      // A process in an uninterruptible sleep keeps its pipes open; it may not keep us.
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      finish({ exitCode: null, ...(problem && { problem }) });
    };
    const abort = () => stop();
    const timer = setTimeout(() => stop('timeout'), limits.timeoutMs ?? TIMEOUT_MS);
    if (limits.background === true) {
      timer.unref();
      child.unref();
      // Pipes of a child are sockets, which its type does not say.
      for (const pipe of [child.stdout, child.stderr]) (pipe as Socket | null)?.unref();
    }
    let bytes = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > (limits.maxBytes ?? MAX_BYTES)) stop('too-much-output');
    });
    child.on('error', (error) => finish({ exitCode: null, problem: startProblem(error) }));
    child.on('close', (exitCode) => finish({ exitCode }));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  return { child, ended };
}

/** The plain runner, for tools other than netstat. */
export function createCommandRunner(limits: CommandLimits = {}): RunCommand {
  return async (command, args, signal) => {
    signal.throwIfAborted();
    const { child, ended } = superviseCommand(command, args, signal, limits);
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    const end = await ended;
    signal.throwIfAborted();
    return { ...end, lines: splitLines(Buffer.concat(chunks).toString('utf8')) };
  };
}

function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function startProblem(error: Error): NonNullable<CommandEnd['problem']> {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'missing';
  return code === 'EACCES' || code === 'EPERM' ? 'not-permitted' : 'not-started';
}
