import { readFileSync } from 'node:fs';
import { type EventFormat, parseEventFormat, parsePageLayout } from '../../../src/sensor/tracefs/format.ts';
import { createDecoder, type Decoders, EVENTS, type EventName } from '../../../src/sensor/tracefs/records.ts';
import type { Stream } from '../../../src/sensor/tracefs/timeline.ts';

/** Inputs per property; `CLAWWATCH_FUZZ_RUNS=100000` for a long look. */
export const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1000);

export const PAGE_SIZE = 4096;

export const fixture = (file: string) => readFileSync(`test/fixtures/tracefs/${file}`);

export const LAYOUT = parsePageLayout(fixture('header_page').toString(), fixture('header_event').toString())!;

export const FORMATS = Object.fromEntries(
  Object.keys(EVENTS).map((name) => [name, parseEventFormat(fixture(`${name}.format`).toString())]),
) as Record<EventName, EventFormat>;

export const DECODERS: Decoders = new Map(
  Object.entries(FORMATS).map(([name, format]) => {
    const made = createDecoder(name as EventName, format);
    if (!('decode' in made) || made.decode === undefined) throw new Error(made.why);
    return [format.id, made.decode];
  }),
);

export function recordedPages(file: string): Buffer[] {
  const bytes = fixture(file);
  return Array.from({ length: bytes.length / PAGE_SIZE }, (_, i) =>
    Buffer.from(bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE)),
  );
}

export const viewOf = (page: Uint8Array) => new DataView(page.buffer, page.byteOffset, page.byteLength);

export function stream(source: Stream['source'] = 'kernel-events', lost: Stream['lost'] = () => undefined): Stream {
  return { source, layout: LAYOUT, decoders: DECODERS, lastNs: 0, lost, told: 0 };
}

/** A field's value: a number, or bytes as they are. */
export type Values = Record<string, number | bigint | Uint8Array>;

/** The bytes of one event, without its header, padded to a multiple of four; `extra` is what a text location points to. */
export function eventBytes(name: EventName, values: Values, extra: Uint8Array = new Uint8Array()): Buffer {
  const { id, fields } = FORMATS[name];
  const size = Math.max(...[...fields.values()].map((field) => field.offset + field.size));
  const bytes = Buffer.alloc((size + extra.length + 3) & ~3);
  bytes.set(extra, size);
  for (const [key, value] of Object.entries({ common_type: id, ...values } as Values)) {
    const { offset, size: width } = fields.get(key)!;
    if (value instanceof Uint8Array) bytes.set(value.subarray(0, width), offset);
    else if (width === 8) bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), offset);
    else bytes.writeUIntLE(Number(BigInt.asUintN(width * 8, BigInt(value))), offset, width);
  }
  return bytes;
}

/** An execution of a file with any name. */
export function execBytes(values: Values, filename: Uint8Array): Buffer {
  const { fields } = FORMATS.exec;
  const offset = Math.max(...[...fields.values()].map((field) => field.offset + field.size));
  const extra = Buffer.concat([filename, Buffer.from([0])]);
  return eventBytes('exec', { ...values, filename: offset | (extra.length << 16) }, extra);
}

/** Bytes of a page, from the bytes of its entries. `missed`: what the kernel adds when events were overwritten. */
export function pageBytes(timestampNs: bigint, entries: readonly Uint8Array[], missed?: number | 'unknown'): Buffer {
  const page = Buffer.alloc(PAGE_SIZE);
  const data = Buffer.concat(entries);
  page.writeBigUInt64LE(timestampNs, LAYOUT.timestampOffset);
  data.copy(page, LAYOUT.dataOffset);
  let commit = BigInt(data.length);
  if (missed !== undefined) commit |= 0x8000_0000n;
  if (typeof missed === 'number') {
    commit |= 0x4000_0000n;
    page.writeBigUInt64LE(BigInt(missed), LAYOUT.dataOffset + data.length);
  }
  page.writeBigUInt64LE(commit, LAYOUT.commitOffset);
  return page;
}

/** An event with its header, as the kernel writes those of up to 112 bytes. */
export function short(deltaNs: number, event: Uint8Array): Buffer {
  return Buffer.concat([word((deltaNs << 5) | (event.length / 4)), event]);
}

/** An event of any length: its header's type is 0 and a word with the length follows. */
export function long(deltaNs: number, event: Uint8Array): Buffer {
  return Buffer.concat([word(deltaNs << 5), word(event.length + 4), event]);
}

export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

/** One event per page, which is the shortest way to say who did what when. */
export function single(timeNs: number, event: Uint8Array, baseNs = 0n): Buffer {
  return pageBytes(baseNs + BigInt(timeNs), [long(0, event)]);
}
