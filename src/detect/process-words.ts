import type { Evidence } from '../types/finding.ts';
import type { ProcessFact } from '../types/process.ts';
import type { Snapshot } from '../types/snapshot.ts';

const INTERPRETER = /^(node|nodejs|bun|deno|python[\d.]*|ruby|perl)$/;

/**
 * File names by which a program may be known: of its file, of its first argument, and of the script that an interpreter
 * runs. All but the first are the process's own word, so they are a reason to look and never one to trust.
 */
export function programNames(process: ProcessFact): string[] {
  const [first = '', second = ''] = process.argv;
  const names = [
    process.exe?.replace(/ \(deleted\)$/, ''),
    first,
    process.argv.length === 0 ? process.comm : undefined,
  ];
  if (INTERPRETER.test(baseName(first))) names.push(second);
  return [...new Set(names.flatMap((path) => (path === undefined || path === '' ? [] : [baseName(path)])))];
}

/** `nginx` also of the title `nginx: worker process`; `lt` of `lt.js`. */
function baseName(path: string): string {
  const title = path.slice(0, 4096).split(/:\s/)[0]!;
  return (title.split(/[\\/]/).at(-1) ?? title).replace(/\.(?:exe|[cm]?js|py)$/i, '').toLowerCase();
}

const SECRET_FLAG = /token|secret|passw|auth|credential|api-?key/i;
/** Tokens of tunnel services are such words; paths and URLs have separators before they get as long. */
const LONG_WORD = /^[A-Za-z0-9_=+-]{40,}$/;

/** Arguments for evidence: what tunnel programs get as a secret is left out, and 64 KiB become 400 characters. */
export function safeArguments(argv: readonly string[]): string {
  const words = argv.slice(0, 64).map((word, index) => {
    const flag = argv[index - 1] ?? '';
    if (LONG_WORD.test(word)) return '(secret)';
    if (flag.startsWith('-') && !flag.includes('=') && SECRET_FLAG.test(flag)) return '(secret)';
    const [name, ...value] = word.split('=');
    return value.length > 0 && SECRET_FLAG.test(name!) ? `${name}=(secret)` : word;
  });
  return words.join(' ').slice(0, 400);
}

/** What the process is and who started it, for a process that need not hold a socket. */
export function processEvidence(process: ProcessFact, snapshot: Snapshot): Evidence[] {
  const byPid = new Map(snapshot.processes.map((each) => [each.pid, each]));
  const line = [process];
  for (let at = byPid.get(process.ppid); at !== undefined && line.length < 8; at = byPid.get(at.ppid)) {
    if (line.includes(at)) break;
    line.push(at);
  }
  return [
    { label: 'process', value: `${process.comm} (pid ${process.pid})` },
    ...(process.exe === undefined ? [] : [{ label: 'program', value: process.exe }]),
    ...(process.argv.length === 0 ? [] : [{ label: 'arguments', value: safeArguments(process.argv) }]),
    {
      label: 'started by',
      value: line
        .reverse()
        .map(({ comm, pid }) => `${comm} ${pid}`)
        .join(' › '),
    },
  ];
}
