/**
 * Keys and when they were last added, for a limited time and in a limited number. Kept in two halves, of which the older one
 * is dropped whole: taking the oldest entry out of a large `Map` again and again costs several µs each.
 */
export class RecentKeys {
  readonly #half: number;
  readonly #lifeMs: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  /** @param limit of all keys; the last half of it is always kept */
  constructor(limit: number, lifeMs: number) {
    this.#half = Math.floor(limit / 2);
    this.#lifeMs = lifeMs;
  }

  /** A clock that was set back makes a key old, not eternal. */
  has(key: string, at: number): boolean {
    const since = this.#young.get(key) ?? this.#old.get(key);
    return since !== undefined && Math.abs(at - since) < this.#lifeMs;
  }

  add(key: string, at: number): void {
    this.#young.set(key, at);
    if (this.#young.size < this.#half) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** Removes a key; true when it was there and not too old. */
  take(key: string, at: number): boolean {
    const was = this.has(key, at);
    this.#young.delete(key);
    this.#old.delete(key);
    return was;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
