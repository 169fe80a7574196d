import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SensorEvent } from '../../src/types/sensor.ts';
import { createFrameDecoder, encodeFrame, MAX_FRAME_BYTES, type SensorMessage } from '../../src/types/sensor-wire.ts';

const numRuns = Math.min(Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 500), 20_000);

/** A frame around any body. */
function framed(body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(bytes.length, 0);
  return Buffer.concat([header, bytes]);
}

/** A stream cut where `cuts` say. */
function* cut(stream: Buffer, cuts: readonly number[]): Generator<Buffer> {
  let from = 0;
  for (const size of cuts) {
    if (from >= stream.length) return;
    yield stream.subarray(from, from + size);
    from += size;
  }
  if (from < stream.length) yield stream.subarray(from);
}

const exec: fc.Arbitrary<SensorEvent> = fc.record({
  kind: fc.constant('exec' as const),
  at: fc.nat(),
  pid: fc.nat(),
  filename: fc.string({ unit: 'grapheme', maxLength: 40 }),
});
const message: fc.Arbitrary<SensorMessage> = fc.record({ events: fc.array(exec, { maxLength: 8 }) });

describe('frames', () => {
  test('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 }),
        (messages, cuts) => {
          const decoder = createFrameDecoder();
          const stream = Buffer.concat(messages.map(encodeFrame));
          const got = [...cut(stream, cuts)].flatMap((piece) => decoder.push(piece));
          expect(got).toEqual(messages);
        },
      ),
      { numRuns },
    );
  });

  test('come byte by byte, each when its last byte is there', () => {
    const decoder = createFrameDecoder();
    const frame = encodeFrame({ events: [{ kind: 'exit', at: 1, pid: 2 }] });
    const counts = [...cut(frame, frame.map(() => 1) as unknown as number[])].map(
      (piece) => decoder.push(piece).length,
    );
    expect(counts).toEqual([...new Array(frame.length - 1).fill(0), 1]);
  });

  test('of other bytes end in an error or in messages, and in nothing else', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array)),
      fc.json().map(framed),
      fc.uint8Array({ maxLength: 32 }).map((array) => framed(Buffer.from(array))),
    );
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 4 }), (pieces) => {
        const decoder = createFrameDecoder();
        try {
          for (const got of pieces.flatMap((piece) => decoder.push(piece)))
            expect('events' in got ? Array.isArray(got.events) : typeof got.status === 'object').toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect((error as Error).name).toMatch(/^(Error|SyntaxError)$/);
        }
      }),
      { numRuns },
    );
  });
});

describe('what is no stream of ours', () => {
  test.each([
    ['no JSON', framed('{"events":['), SyntaxError],
    ['an empty frame', framed(''), SyntaxError],
    ['a number', framed('7'), /another kind/],
    ['null', framed('null'), /another kind/],
    ['a list', framed('[]'), /another kind/],
    ['another kind', framed('{"findings":[]}'), /another kind/],
    ['events that are none', framed('{"events":{"length":3}}'), /another kind/],
    ['a status that is none', framed('{"status":null}'), /another kind/],
    ['a status in one word', framed('{"status":"OK"}'), /another kind/],
    ['a frame beyond the limit', Buffer.from([0x7f, 0xff, 0xff, 0xff]), /a frame of 2147483647 bytes/],
    ['a line of text', Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), /a frame of/],
  ])('%s is an error', (_, bytes, problem) => {
    expect(() => createFrameDecoder().push(bytes)).toThrow(problem);
  });

  test('a length beyond the limit is refused before its bytes come', () => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(MAX_FRAME_BYTES + 1, 0);
    expect(() => createFrameDecoder().push(header)).toThrow(`a frame of ${MAX_FRAME_BYTES + 1} bytes`);
    header.writeUInt32BE(MAX_FRAME_BYTES, 0);
    expect(createFrameDecoder().push(header)).toEqual([]);
  });
});

describe('a decoder', () => {
  test('takes the longest frame in small pieces without copying all of it for each', () => {
    const body = `{"events":[],"x":"${'a'.repeat(MAX_FRAME_BYTES - 20)}"}`;
    const stream = framed(body);
    expect(stream.length).toBe(MAX_FRAME_BYTES + 4);
    const decoder = createFrameDecoder();
    const before = process.cpuUsage();
    const got = [...cut(stream, new Array<number>(MAX_FRAME_BYTES / 1_024).fill(1_024))].flatMap((piece) =>
      decoder.push(piece),
    );
    const { user, system } = process.cpuUsage(before);
    expect(got).toHaveLength(1);
    // 8,192 copies of 4 MB on average would take some ten seconds.
    expect((user + system) / 1_000).toBeLessThan(4_000);
  });

  test('holds no more than the frame that is not whole yet', () => {
    const decoder = createFrameDecoder();
    const frame = encodeFrame({ events: [{ kind: 'exec', at: 1, pid: 2, filename: 'x'.repeat(100_000) }] });
    const half = frame.length >> 1;
    decoder.push(frame.subarray(0, half));
    const held = () => process.memoryUsage().arrayBuffers;
    const before = held();
    for (let round = 0; round < 2_000; round++) {
      decoder.push(Buffer.concat([frame.subarray(half), frame.subarray(0, half)]));
    }
    // 200 MB went through; the collector of garbage may be late with some of it.
    expect(held() - before).toBeLessThan(100 * 1024 * 1024);
    expect(decoder.push(frame.subarray(half))).toHaveLength(1);
  });
});
