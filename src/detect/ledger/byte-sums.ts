const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** So far back sums are kept to the minute. */
const FINE_MS = 2 * HOUR_MS;
const KEEP_MS = 8 * 86_400_000;
/** Entries from which on old minutes are put together. At most 120 minutes and 192 hours remain. */
const COMPACT_FROM = 240;

/** Bytes by minute for two hours and by hour for eight days; some 24 bytes for each entry that is not empty. */
export class ByteSums {
  #startAts: number[] = [];
  #out: number[] = [];
  #in: number[] = [];
  /** Entries before this moment stand for an hour each. */
  #coarseBefore = 0;
  /** After the compaction so many entries were left: without this, eight full days would be compacted at each minute. */
  #compactAt = COMPACT_FROM;

  get entries(): number {
    return this.#startAts.length;
  }

  add(at: number, bytesOut: number, bytesIn: number): void {
    const step = at < this.#coarseBefore ? HOUR_MS : MINUTE_MS;
    const startAt = Math.floor(at / step) * step;
    let index = this.#startAts.length - 1;
    while (index >= 0 && this.#startAts[index]! > startAt) index--;
    if (index < 0 || this.#startAts[index] !== startAt) {
      index++;
      this.#startAts.splice(index, 0, startAt);
      this.#out.splice(index, 0, 0);
      this.#in.splice(index, 0, 0);
    }
    this.#out[index]! += bytesOut;
    this.#in[index]! += bytesIn;
    if (this.#startAts.length >= this.#compactAt) this.compact(FINE_MS);
  }

  /** Sums of everything at or after that moment; of the entry that it lies in, all. */
  since(sinceAt: number): { bytesOut: number; bytesIn: number } {
    let bytesOut = 0;
    let bytesIn = 0;
    for (let index = this.#startAts.length - 1; index >= 0; index--) {
      const startAt = this.#startAts[index]!;
      if (startAt + (startAt < this.#coarseBefore ? HOUR_MS : MINUTE_MS) <= sinceAt) break;
      bytesOut += this.#out[index]!;
      bytesIn += this.#in[index]!;
    }
    return { bytesOut, bytesIn };
  }

  /** Puts minutes older than `fineMs` together to hours, and drops what no window reaches. */
  compact(fineMs: number): void {
    const lastAt = this.#startAts.at(-1) ?? 0;
    const coarseBefore = Math.max(this.#coarseBefore, Math.floor((lastAt - fineMs) / HOUR_MS) * HOUR_MS);
    const [startAts, out, received] = [this.#startAts, this.#out, this.#in];
    [this.#startAts, this.#out, this.#in] = [[], [], []];
    for (const [index, startAt] of startAts.entries()) {
      if (startAt < lastAt - KEEP_MS) continue;
      const start = startAt < coarseBefore ? Math.floor(startAt / HOUR_MS) * HOUR_MS : startAt;
      const last = this.#startAts.length - 1;
      if (this.#startAts[last] === start) {
        this.#out[last]! += out[index]!;
        this.#in[last]! += received[index]!;
      } else {
        this.#startAts.push(start);
        this.#out.push(out[index]!);
        this.#in.push(received[index]!);
      }
    }
    this.#coarseBefore = coarseBefore;
    this.#compactAt = Math.max(COMPACT_FROM, this.#startAts.length + 60);
  }
}
