import type { PageLayout } from './format.ts';

/** What a page says besides its events. */
export interface PageEnd {
  /** Events that the kernel overwrote before this page: how many, or `'unknown'` when the page had no room for the number. */
  missed?: number | 'unknown';
  /** Why the page cannot be believed. Then nothing that was told about it may be used. */
  malformed?: string;
  /** Time of the last event, ns since the base; of the page itself when it has none. */
  lastNs: number;
}

/** Takes one event. `offset` and `length` are its own bytes in the page; `false`: they are no event of this kind. */
export type Visit = (offset: number, length: number, timeNs: number) => boolean;

// The two flags above the length in the page's `commit` word. They are part of the interface that readers of raw pages rely
// on, although no file describes them.
const MISSED = 0x8000_0000;
const MISSED_STORED = 0x4000_0000;
const COMMIT_MASK = 0x3fff_ffff;

const TWO_32 = 2 ** 32;
const TWO_27 = 2 ** 27;

/**
 * Walks through one page of a per-CPU ring buffer as `trace_pipe_raw` gives it. Each event begins with a word of 5 bits
 * `type_len` and 27 bits time since the one before; little-endian only (see `requireLittleEndian`). Never throws and
 * always ends: every step moves forward by four bytes at least.
 *
 * @param size bytes that were read.
 * @param baseNs what times are counted from; a number holds the difference exactly for the next hundred days.
 */
export function walkPage(layout: PageLayout, page: DataView, size: number, baseNs: bigint, visit: Visit): PageEnd {
  const { dataOffset, padding, timeExtend, timeStamp, maxShortLength } = layout;
  const baseHigh = Number(baseNs >> 32n);
  const baseLow = Number(baseNs & 0xffff_ffffn);
  if (
    size < dataOffset ||
    size > page.byteLength ||
    layout.timestampOffset + 8 > size ||
    layout.commitOffset + 4 > size
  ) {
    return { malformed: 'a page shorter than its header', lastNs: 0 };
  }
  const high = page.getUint32(layout.timestampOffset + 4, true);
  let time = (high - baseHigh) * TWO_32 + (page.getUint32(layout.timestampOffset, true) - baseLow);
  const word = page.getUint32(layout.commitOffset, true);
  const committed = word & COMMIT_MASK;
  const end = dataOffset + committed;
  const bad = (why: string): PageEnd => ({ malformed: why, lastNs: time });
  if (committed > layout.dataSize || end > size) return bad('a page longer than it can be');
  let at = dataOffset;
  while (at + 4 <= end) {
    const header = page.getUint32(at, true);
    const type = header & 0x1f;
    const delta = header >>> 5;
    if (type === padding && delta === 0) break; // The rest of the page is empty.
    if (type <= maxShortLength && type !== 0) {
      time += delta;
      const length = type * 4;
      if (at + 4 + length > end || !visit(at + 4, length, time)) return bad('an event that does not fit its format');
      at += 4 + length;
      continue;
    }
    if (at + 8 > end) return bad('an event header that is cut');
    const extra = page.getUint32(at + 4, true);
    if (type === timeExtend) {
      time += extra * TWO_27 + delta;
      at += 8;
    } else if (type === timeStamp) {
      // 59 bits of absolute time; the five above are those of the page.
      const low = ((extra << 27) | delta) >>> 0;
      time = ((((extra >>> 5) | (high & 0xf800_0000)) >>> 0) - baseHigh) * TWO_32 + (low - baseLow);
      at += 8;
    } else if (type === padding) {
      time += delta;
      if (extra < 4 || at + 4 + extra > end) return bad('padding that is cut');
      at += align4(4 + extra);
    } else if (type === 0) {
      time += delta;
      if (extra < 8 || at + 4 + extra > end) return bad('a long event that is cut');
      if (!visit(at + 8, extra - 4, time)) return bad('an event that does not fit its format');
      at += align4(4 + extra);
    } else return bad('an event of an unknown type');
  }
  const missed = missedOf(layout, page, size, word, end);
  return { ...(missed === undefined ? {} : { missed }), lastNs: time };
}

function missedOf(layout: PageLayout, page: DataView, size: number, word: number, end: number): PageEnd['missed'] {
  if ((word & MISSED) === 0) return undefined;
  if ((word & MISSED_STORED) === 0 || end + layout.longSize > size) return 'unknown';
  const count = page.getUint32(end, true) + (layout.longSize === 8 ? page.getUint32(end + 4, true) * TWO_32 : 0);
  return Number.isSafeInteger(count) ? count : 'unknown';
}

function align4(length: number): number {
  return (length + 3) & ~3;
}
