/**
 * Pieces of a stream that come in any order. Of bytes that come twice the first are kept: the receiver of a TCP stream
 * does the same, and who repeats other bytes wants the two of us to read different names.
 */
export class StreamBuffer {
  readonly #limitBytes: number;
  #data: Buffer = Buffer.alloc(0);
  /** Covered parts as [start, end), in order and apart from each other. */
  #covered: [number, number][] = [];

  /** @param limitBytes what comes behind it is forgotten */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Adds a piece. False: there are more gaps than an honest sender makes, and the piece was not taken. */
  add(offset: number, bytes: Uint8Array): boolean {
    const from = Math.max(0, offset);
    const to = Math.min(this.#limitBytes, offset + bytes.length);
    if (from >= to) return true;
    if (this.#covered.length >= MAX_PARTS && !this.#touches(from, to)) return false;
    this.#reserve(to);
    let at = from;
    for (const [start, end] of this.#covered) {
      if (at < start && at < to) this.#data.set(bytes.subarray(at - offset, Math.min(start, to) - offset), at);
      at = Math.max(at, end);
    }
    if (at < to) this.#data.set(bytes.subarray(at - offset, to - offset), at);
    this.#cover(from, to);
    return true;
  }

  /** Everything from the beginning up to the first gap. A view: valid until the next `add`. */
  get prefix(): Uint8Array {
    const first = this.#covered[0];
    return first?.[0] === 0 ? this.#data.subarray(0, first[1]) : this.#data.subarray(0, 0);
  }

  /** Bytes that are kept in memory. */
  get bytes(): number {
    return this.#data.length;
  }

  /** The prefix has reached the limit, so nothing behind it can be read. */
  get isFull(): boolean {
    return this.prefix.length >= this.#limitBytes;
  }

  /** Forgets that many bytes at the beginning; offsets then count from there. */
  consume(count: number): void {
    const used = Math.min(count, this.prefix.length);
    this.#data = Buffer.from(this.#data.subarray(used));
    this.#covered = this.#covered
      .map(([start, end]): [number, number] => [Math.max(0, start - used), end - used])
      .filter(([start, end]) => end > start);
  }

  #touches(from: number, to: number): boolean {
    return this.#covered.some(([start, end]) => from <= end && to >= start);
  }

  #reserve(bytes: number): void {
    if (this.#data.length >= bytes) return;
    const grown = Buffer.alloc(Math.min(this.#limitBytes, Math.max(bytes, this.#data.length * 2)));
    grown.set(this.#data);
    this.#data = grown;
  }

  #cover(from: number, to: number): void {
    let [start, end] = [from, to];
    const apart = this.#covered.filter(([otherStart, otherEnd]) => {
      if (otherEnd < start || otherStart > end) return true;
      start = Math.min(start, otherStart);
      end = Math.max(end, otherEnd);
      return false;
    });
    this.#covered = [...apart, [start, end] as [number, number]].sort((a, b) => a[0] - b[0]);
  }
}

const MAX_PARTS = 64;
