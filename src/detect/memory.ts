import type { Finding, Severity } from '../types/finding.ts';
import { momentWords } from './subjects.ts';

/** A finding as its rule last said it, with its life in this process. Times are Unix ms. */
export interface Remembered {
  finding: Finding;
  firstAt: number;
  /** Last look in which its rule said it. */
  seenAt: number;
  /** Last look in which something happened, and not only was remembered: see `isActive` of `note`. */
  activeAt: number;
  /** Moments at which it came back after a look without it, newest last. */
  returnedAt: number[];
  /** What joins it to others, see `linksOf`. */
  links: readonly string[];
  incidentId?: string;
  /** Once raised it stays raised, because up and down would be two alerts a minute. */
  raised?: { to: Severity; why: string };
}

export const MEMORY = {
  /** How long a finding counts for corroboration after its last activity: the catalogue's window. */
  windowMs: 600_000,
  /** From so many returns within the window on a finding is told without a break, until it was away for all of it. */
  returns: 2,
  /** A rule tells at most some hundred findings; this is room for all rules and the last ten minutes. */
  entries: 4096,
} as const;

/** What was told lately. It lives as long as the engine: after a restart every finding is new once. */
export interface Memory {
  get(fingerprint: string): Remembered | undefined;
  entries(): Iterable<Remembered>;
  /** Before the first look. */
  isFresh(): boolean;
  /**
   * Takes in what the rules say now, and returns it with those findings that come and go and are away at the moment.
   *
   * @param describe links of a finding, and whether something happened in this look.
   */
  note(
    findings: readonly Finding[],
    now: number,
    describe: (finding: Finding, isNew: boolean) => { links: readonly string[]; isActive: boolean },
  ): Finding[];
}

export function createMemory(): Memory {
  const known = new Map<string, Remembered>();
  let lastLookAt: number | undefined;

  function take(finding: Finding, now: number, links: readonly string[], isActive: boolean): void {
    const before = known.get(finding.fingerprint);
    // Away for at least one look, and not merely not yet asked for.
    const returned = before !== undefined && lastLookAt !== undefined && before.seenAt < lastLookAt;
    const returnedAt = (before?.returnedAt ?? []).filter((at) => now - at < MEMORY.windowMs);
    known.delete(finding.fingerprint);
    known.set(finding.fingerprint, {
      ...before,
      finding,
      firstAt: before?.firstAt ?? now,
      seenAt: now,
      activeAt: isActive ? now : (before?.activeAt ?? 0),
      returnedAt: returned ? [...returnedAt, now].slice(-MEMORY.returns) : returnedAt,
      // A short connection is gone in the next look, and what it joined stays joined.
      links: [...new Set([...links, ...(before?.links ?? [])])].slice(0, 48),
    });
  }

  function forget(now: number): void {
    for (const [fingerprint, { seenAt }] of known) {
      // A clock that was set back would keep its future for ever.
      if (Math.abs(now - seenAt) >= MEMORY.windowMs || known.size > MEMORY.entries) known.delete(fingerprint);
    }
  }

  return {
    get: (fingerprint) => known.get(fingerprint),
    entries: () => known.values(),
    isFresh: () => lastLookAt === undefined,
    note(findings, now, describe) {
      for (const finding of findings) {
        const { links, isActive } = describe(finding, !known.has(finding.fingerprint));
        take(finding, now, links, isActive);
      }
      forget(now);
      lastLookAt = now;
      const held = [...known.values()].filter(
        ({ seenAt, returnedAt }) => seenAt !== now && returnedAt.length >= MEMORY.returns,
      );
      return [...findings, ...held.map(awayForNow)];
    },
  };
}

function awayForNow({ finding, seenAt }: Remembered): Finding {
  const value = `it comes and goes; last seen ${momentWords(seenAt)}, and kept until it was away for ${MEMORY.windowMs / 60_000} min`;
  return { ...finding, evidence: [...finding.evidence, { label: 'not seen now', value }] };
}
