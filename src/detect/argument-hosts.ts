import { canonicalHostName } from '../types/host-name.ts';
import { canonicalAddress } from '../types/ip.ts';
import type { ProcessFact } from '../types/process.ts';
import { baseName, commandString } from './programs.ts';

/** A far end that the arguments of a program name. Only its own word, like everything in arguments. */
export interface ArgumentTarget {
  /** Canonical name or address. */
  host: string;
  isAddress: boolean;
  port?: number;
  /** Where it stood in a URL. */
  url?: string;
}

/** Programs whose purpose is to reach the host that they are given. */
const CLIENTS =
  /^(?:curl|wget2?|fetch|https?|httpie|xh|aria2c|axel|lynx|nc|netcat|ncat|socat|telnet|openssl|ssh|autossh|scp|sftp|rsync|git|bore|chisel|torsocks|torify|proxychains4?|xmrig)$/;
// In a shell's own line a host counts beside a program that goes there: `grep evil.example log` does not.
const CLIENT_WORD = /(?:^|[\s;&|(`/])(?:curl|wget2?|aria2c|nc|ncat|netcat|socat|openssl|ssh)\s/;
const URL_TEXT = /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s'"`<>|;&()\\]{1,500}/gi;

/** Arguments can be megabytes and are the attacker's: this much of them is read. */
const LIMITS = { characters: 8192, words: 64, targets: 16 } as const;

/**
 * Far ends in the arguments of a program that reaches out; none for any other program, since an editor or a search
 * that names a host has nothing to do with it.
 */
export function argumentTargets({ argv, exe }: Pick<ProcessFact, 'argv' | 'exe'>): ArgumentTarget[] {
  if (argv.length < 2) return [];
  const isClient = CLIENTS.test(baseName(exe ?? '')) || CLIENTS.test(baseName(argv[0]!));
  const line = isClient ? undefined : commandString(argv.slice(0, 12))?.slice(0, LIMITS.characters);
  if (!isClient && (line === undefined || !CLIENT_WORD.test(line))) return [];
  const words = line === undefined ? argv.slice(1, LIMITS.words) : [];
  const text = (line ?? words.join(' ')).slice(0, LIMITS.characters);
  const urls = [...text.matchAll(URL_TEXT)].slice(0, LIMITS.targets).map(([url]) => targetOfUrl(url));
  const bare = words.filter((word) => word.length <= 300 && !word.includes('://')).map(targetOfWord);
  return [...urls, ...bare].filter((target) => target !== undefined).slice(0, LIMITS.targets);
}

function targetOfUrl(url: string): ArgumentTarget | undefined {
  // `stratum+tcp` and the like have no known parser; as http their authority reads the same.
  const readable = url.replace(/^[a-z][a-z0-9+.-]*:/i, 'http:');
  if (!URL.canParse(readable)) return undefined;
  const { hostname, port } = new URL(readable);
  const target = targetOf(hostname.replace(/^\[|\]$/g, ''));
  return target && { ...target, ...(port === '' ? {} : { port: Number(port) }), url };
}

function targetOfWord(word: string): ArgumentTarget | undefined {
  if (word.startsWith('-')) return undefined;
  const [, host = '', port] = /^(?:[^@/\s]{1,64}@)?([^:/?#\s@]+)(?::(\d{1,5}))?(?:[/?#:]|$)/.exec(word) ?? [];
  const target = targetOf(host);
  return target && { ...target, ...(port === undefined ? {} : { port: Number(port) }) };
}

function targetOf(text: string): Pick<ArgumentTarget, 'host' | 'isAddress'> | undefined {
  const address = canonicalAddress(text);
  if (address !== undefined) return { host: address, isAddress: true };
  const name = canonicalHostName(text);
  return name?.includes('.') ? { host: name, isAddress: false } : undefined;
}
