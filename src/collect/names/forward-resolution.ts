import { setTimeout as delay } from 'node:timers/promises';
import type { ExpectedHost } from '../../types/egress.ts';
import { canonicalHostName } from '../../types/host-name.ts';
import { canonicalAddress, classifyAddress } from '../../types/ip.ts';
import { createDnsLookup, type Lookup } from './lookup.ts';

export interface ForwardResolutionOptions {
  lookup?: Lookup;
  /** Unix ms. */
  now?: () => number;
  /** Waits between questions; tests pass one that does not. */
  wait?: (ms: number) => Promise<unknown>;
  /** 0 up to 1, for the jitter. */
  random?: () => number;
  /** A host that must not be asked for even when the configuration names it, such as one on a list of bad hosts. */
  neverAsk?: (name: string) => boolean;
}

/** Addresses of expected names, asked for in the background. */
export interface ForwardResolution {
  /**
   * Says which names are expected now and which addresses nobody could explain. Starts questions and returns at once.
   * Every name is asked once; again only after its answer ran out and when a new unexplained address has appeared.
   */
  refresh(names: readonly string[], unexplained: ReadonlySet<string>): void;
  /** Names that resolved to this address in the last 24 hours, with the moment of the latest such answer. */
  namesOf(address: string): ReadonlyMap<string, number>;
  /** Names asked for or waiting, and those whose last question nobody answered. */
  status(): { pending: number; failed: number };
  /** Resolves when nothing is pending any more. */
  settled(): Promise<void>;
  /** Ends running questions and starts no other. */
  close(): void;
}

const CONCURRENCY = 4;
// At most some 40 names a second, and no rhythm by which a resolver's log would show us.
const SPACING_MS = 60;
const JITTER_MS = 80;
const MIN_HOLD_MS = 60_000;
const HISTORY_MS = 24 * 60 * 60_000;
const RETRY_MS = 5 * 60_000;
const MAX_NAMES = 500;
const MAX_ANSWER_ADDRESSES = 64;
const MAX_ADDRESSES = 8_192;

// Names that no name server of the internet has, or that the hosts file answers.
const NOT_ASKED = /^[^.]+$|\.(?:local|localhost|internal|onion|invalid|arpa)$/;

/** Exact names among what is expected, canonical, without wildcards and addresses; at most 500. */
export function askableNames(expected: readonly Pick<ExpectedHost, 'pattern'>[]): { names: string[]; leftOut: number } {
  const names = new Set<string>();
  for (const { pattern } of expected) {
    const name = canonicalAddress(pattern) === undefined ? canonicalHostName(pattern) : undefined;
    if (name !== undefined && !NOT_ASKED.test(name)) names.add(name);
  }
  const list = [...names];
  return { names: list.slice(0, MAX_NAMES), leftOut: Math.max(0, list.length - MAX_NAMES) };
}

interface Question {
  askedAt: number;
  /** When the answer ran out or a failed question may be repeated. */
  holdsUntil: number;
  failed: boolean;
}

export function createForwardResolution(options: ForwardResolutionOptions = {}): ForwardResolution {
  const {
    lookup = createDnsLookup(),
    now = Date.now,
    wait = (ms: number) => delay(ms, undefined, { ref: false }),
    random = Math.random,
    neverAsk = () => false,
  } = options;
  const questions = new Map<string, Question>();
  const answers = new Map<string, Map<string, number>>();
  const waiting = new Set<string>();
  const unexplainedSince = new Map<string, number>();
  const stop = new AbortController();
  let asking = 0;
  let settle: PromiseWithResolvers<void> | undefined;

  function refresh(names: readonly string[], unexplained: ReadonlySet<string>): void {
    const at = now();
    for (const address of unexplainedSince.keys()) if (!unexplained.has(address)) unexplainedSince.delete(address);
    for (const address of unexplained) if (!unexplainedSince.has(address)) unexplainedSince.set(address, at);
    let newestAt = Number.NEGATIVE_INFINITY;
    for (const since of unexplainedSince.values()) newestAt = Math.max(newestAt, since);
    const expected = new Set(names);
    for (const name of questions.keys()) if (!expected.has(name) && !waiting.has(name)) questions.delete(name);
    for (const name of expected) {
      const asked = questions.get(name);
      const isDue = asked === undefined || (at >= asked.holdsUntil && newestAt > asked.askedAt);
      if (isDue && !neverAsk(name)) enqueue(name, at);
    }
    forgetOld(at);
  }

  function enqueue(name: string, at: number): void {
    if (stop.signal.aborted || waiting.has(name)) return;
    questions.set(name, { askedAt: at, holdsUntil: Number.POSITIVE_INFINITY, failed: false });
    waiting.add(name);
    settle ??= Promise.withResolvers();
    if (asking < CONCURRENCY) void work();
  }

  /** One of up to four that take names until none is left. */
  async function work(): Promise<void> {
    asking += 1;
    try {
      for (const name of waiting) {
        waiting.delete(name);
        await wait(SPACING_MS + random() * JITTER_MS);
        if (stop.signal.aborted) break;
        await ask(name);
      }
    } finally {
      asking -= 1;
      if (asking === 0) {
        waiting.clear();
        settle?.resolve();
        settle = undefined;
      }
    }
  }

  async function ask(name: string): Promise<void> {
    const askedAt = now();
    try {
      const found = (await lookup(name, stop.signal)).slice(0, MAX_ANSWER_ADDRESSES);
      for (const { address } of found) remember(address, name, now());
      const shortest = Math.min(HISTORY_MS, ...found.map(({ ttlSeconds }) => ttlSeconds * 1_000));
      const holdMs = found.length === 0 ? RETRY_MS : Math.max(MIN_HOLD_MS, shortest);
      questions.set(name, { askedAt, holdsUntil: askedAt + holdMs, failed: false });
    } catch {
      questions.set(name, { askedAt, holdsUntil: askedAt + RETRY_MS, failed: true });
    }
  }

  function remember(text: string, name: string, at: number): void {
    const address = canonicalAddress(text);
    // What a blocking resolver answers (0.0.0.0, 127.0.0.1) is no address of that name.
    if (address === undefined || ['unspecified', 'loopback'].includes(classifyAddress(address))) return;
    const known = answers.get(address);
    if (known !== undefined) known.set(name, at);
    else if (answers.size < MAX_ADDRESSES) answers.set(address, new Map([[name, at]]));
  }

  function forgetOld(at: number): void {
    for (const [address, names] of answers) {
      for (const [name, seenAt] of names) if (at - seenAt > HISTORY_MS) names.delete(name);
      if (names.size === 0) answers.delete(address);
    }
  }

  return {
    refresh,
    namesOf: (address) => answers.get(address) ?? new Map(),
    status: () => ({
      pending: waiting.size + asking,
      failed: [...questions.values()].filter(({ failed }) => failed).length,
    }),
    settled: () => settle?.promise ?? Promise.resolve(),
    close: () => stop.abort(),
  };
}
