import type { Attempt } from '../../types/ledger.ts';
import type { LedgerLimits } from './limits.ts';

interface Tried {
  /** Ends in networks of our own (loopback too), and all others: a flood of one kind pushes out none of the other. */
  near: Map<string, Attempt>;
  far: Map<string, Attempt>;
}

/** The latest attempt of each subject at each end; a map keeps them in the order of their moments. */
export class AttemptLog {
  readonly #subjects = new Map<string, Tried>();
  readonly #limits: LedgerLimits;
  #size = 0;

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  subjects(): Iterable<string> {
    return this.#subjects.keys();
  }

  add(subject: string, attempt: Attempt): void {
    let tried = this.#subjects.get(subject);
    if (tried === undefined) {
      tried = { near: new Map(), far: new Map() };
      this.#subjects.set(subject, tried);
    }
    const ends = attempt.remoteClass === undefined || attempt.remoteClass === 'public' ? tried.far : tried.near;
    const key = `${attempt.protocol} ${attempt.port} ${attempt.address}`;
    const before = ends.get(key);
    // Late news of an older attempt.
    if (before !== undefined && before.at > attempt.at) return;
    if (ends.delete(key)) this.#size--;
    ends.set(key, attempt);
    this.#size++;
    if (ends.size > this.#limits.attemptsPerSubject) this.#dropOldest(ends, 1);
    if (this.#size > this.#limits.attempts) this.#makeRoom();
  }

  since(subject: string, sinceAt: number): Attempt[] {
    const tried = this.#subjects.get(subject);
    if (tried === undefined) return [];
    return [...tried.near.values(), ...tried.far.values()]
      .filter(({ at }) => at >= sinceAt)
      .sort((a, b) => a.at - b.at);
  }

  forgetBefore(at: number): void {
    for (const [subject, { near, far }] of this.#subjects) {
      for (const ends of [near, far]) {
        for (const [key, attempt] of ends) {
          if (attempt.at >= at) break;
          ends.delete(key);
          this.#size--;
        }
      }
      if (near.size + far.size === 0) this.#subjects.delete(subject);
    }
  }

  #dropOldest(ends: Map<string, Attempt>, count: number): void {
    let left = count;
    for (const key of ends.keys()) {
      if (left-- <= 0) return;
      ends.delete(key);
      this.#size--;
    }
  }

  /** From the longest list, whoever it belongs to; subjects that have nothing left are none. */
  #makeRoom(): void {
    const all = [...this.#subjects.values()].flatMap(({ near, far }) => [near, far]);
    const longest = all.reduce((a, b) => (b.size > a.size ? b : a));
    this.#dropOldest(longest, Math.ceil(longest.size / 10));
    for (const [subject, { near, far }] of this.#subjects) {
      if (near.size + far.size === 0) this.#subjects.delete(subject);
    }
  }
}
