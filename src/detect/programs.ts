import { posix } from 'node:path';
import type { ProcessFact } from '../types/process.ts';

// Names are what programs go by and prove nothing alone: rules ask for a shape as well.

const SHELL = /^(?:ba|da|z|k|fi|a|c|tc)?sh$|^busybox$/;
const INTERPRETER =
  /^(?:python[\d.]*|pypy[\d.]*|perl[\d.]*|ruby[\d.]*|php[\d.]*|lua[\d.]*|node|nodejs|bun|deno|pwsh|powershell|osascript)$/i;
const DOWNLOADER = /^(?:curl|wget|wget2|fetch|http|https|httpie|xh|aria2c|axel|lwp-request|iwr|irm)$/i;
const DECODER = /^(?:base64|gbase64|base32|basenc|openssl|uudecode|xxd|gpg)$/;
/** Programs that run another one: what follows their options is the program. */
const CARRIER =
  /^(?:sudo|doas|env|exec|command|builtin|nohup|setsid|time|nice|ionice|stdbuf|timeout|unbuffer|busybox|then|do|else|!)$/;

/** File name of a path, of either kind, without what the kernel adds to a deleted program. */
export function baseName(path: string): string {
  return posix.basename(path.replace(/ \(deleted\)$/, '').replaceAll('\\', '/')).replace(/\.exe$/i, '');
}

/** What the program is by its file, which it cannot choose freely, else by its own telling. A login shell has a dash. */
export function programOf(process: Pick<ProcessFact, 'exe' | 'argv' | 'comm'>): string {
  return baseName(process.exe ?? process.argv[0] ?? process.comm).replace(/^-/, '');
}

export function isShell(name: string): boolean {
  return SHELL.test(baseName(name).replace(/^-/, ''));
}

/** Shells included. */
export function isInterpreter(name: string): boolean {
  return isShell(name) || INTERPRETER.test(baseName(name));
}

export function isDownloader(name: string): boolean {
  return DOWNLOADER.test(baseName(name));
}

/** `base64 -d`, `openssl enc -d` and the like: what comes out is not what anybody read. */
export function isDecoder(words: readonly string[]): boolean {
  const [name = '', ...rest] = words;
  if (!DECODER.test(baseName(name))) return false;
  return rest.some((word) => /^(?:-d|-D|-r|--decode|-di|-id|-dA|-d[a-z]?|-rp|--decrypt)$/.test(word));
}

/** The command behind `sudo -E`, `env X=1`, `timeout 5` and the like. Bounded by the number of words. */
export function withoutCarriers(words: readonly string[]): readonly string[] {
  let at = 0;
  while (at < words.length) {
    const word = words[at]!;
    if (/^[A-Za-z_]\w*=/.test(word)) at += 1;
    else if (CARRIER.test(baseName(word)) && at + 1 < words.length) {
      at += 1;
      // Options, a duration for `timeout`, a user for `sudo -u`.
      while (at < words.length - 1 && /^(?:-.*|\d+[smhd]?)$/.test(words[at]!)) {
        at += /^-[ugp]$/.test(words[at]!) ? 2 : 1;
      }
    } else break;
  }
  return words.slice(Math.min(at, Math.max(0, words.length - 1)));
}

/**
 * True when an interpreter was given neither a script nor a command: it does what it reads. `-s`, `-` and `/dev/stdin` say
 * just that. Options with a value of their own are few, and a wrong guess makes a script of it, which accuses nobody.
 */
export function readsItsProgram(words: readonly string[]): boolean {
  const [name = '', ...rest] = words;
  if (!isInterpreter(name)) return false;
  for (const word of rest) {
    if (word === '-' || word === '/dev/stdin' || word === '/dev/fd/0') return true;
    if (/^-[a-z]*s$/i.test(word) && isShell(name)) return true;
    if (word === '--' || word.startsWith('--rcfile') || word === '--noprofile' || word === '--norc') continue;
    if (/^-[a-zA-Z]*[cem]$/.test(word) || /^--(?:eval|command|print)\b/.test(word)) return false;
    if (!word.startsWith('-') && !word.startsWith('+')) return false;
  }
  return true;
}

/** The string that a shell or interpreter runs (`-c`, `-lc`, `-e`, `-Command`). Options come before it. */
export function commandString(words: readonly string[]): string | undefined {
  const [name = '', ...rest] = words;
  if (!isInterpreter(name)) return undefined;
  for (const [index, word] of rest.slice(0, 8).entries()) {
    const isCommand = isShell(name) ? /^-[a-zA-Z]*c$/.test(word) : /^(?:-[a-zA-Z]*[cer]|--eval|-command)$/i.test(word);
    if (isCommand) return rest[index + 1];
    if (!word.startsWith('-') && !word.startsWith('+')) return undefined;
  }
  return undefined;
}
