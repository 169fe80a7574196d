import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamBuffer } from '../../../src/sensor/names/stream-buffer.ts';
import { type ReassemblyLimits, TcpReassembly } from '../../../src/sensor/names/tcp-reassembly.ts';
import { numRuns } from './fuzz.ts';

const LIMITS: ReassemblyLimits = {
  maxFlows: 8,
  maxBytesPerFlow: 1000,
  maxBytes: 4000,
  maxSegmentsPerFlow: 20,
  idleMs: 3000,
};
const create = (limits: Partial<ReassemblyLimits> = {}) =>
  new TcpReassembly({ ...LIMITS, ...limits }, (payload) => payload[0] === 65);
const piece = (sequence: number, text: string, syn = false) => ({ sequence, payload: Buffer.from(text), syn });
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

describe('pieces of a stream', () => {
  test('of bytes that come twice the first are kept, in any order of coming', () => {
    const part = fc.tuple(fc.nat(60), fc.uint8Array({ minLength: 1, maxLength: 30 }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const buffer = new StreamBuffer(64);
        const model: (number | undefined)[] = Array(64).fill(undefined);
        for (const [offset, bytes] of parts) {
          expect(buffer.add(offset - 5, bytes)).toBe(true);
          for (const [index, byte] of bytes.entries()) {
            const at = offset - 5 + index;
            if (at >= 0 && at < 64) model[at] ??= byte;
          }
        }
        const gap = model.indexOf(undefined);
        expect([...buffer.prefix]).toEqual(model.slice(0, gap < 0 ? 64 : gap));
        expect(buffer.bytes).toBeLessThanOrEqual(64);
      }),
      { numRuns },
    );
  });

  test('a sender of gaps only is refused', () => {
    const buffer = new StreamBuffer(1000);
    const taken = Array.from({ length: 100 }, (_, index) => buffer.add(index * 2, Uint8Array.of(1)));
    expect(taken.filter(Boolean)).toHaveLength(64);
  });
});

describe('the beginning of a TCP stream', () => {
  test('is put together from segments in order, across the end of the sequence numbers', () => {
    const flows = create();
    expect(textOf(flows.add('f', piece(0xfffffffe, 'Abcd'), 0))).toBe('Abcd');
    expect(textOf(flows.add('f', piece(2, 'ef'), 1))).toBe('Abcdef');
  });

  test('waits for a gap, and takes a piece that came before the beginning', () => {
    const flows = create();
    expect(flows.add('f', piece(106, 'gh'), 0)).toBeUndefined();
    expect(textOf(flows.add('f', piece(100, 'Abc'), 1))).toBe('Abc');
    expect(textOf(flows.add('f', piece(103, 'def'), 2))).toBe('Abcdefgh');
  });

  test('is not changed by a repetition with other bytes', () => {
    const flows = create();
    flows.add('f', piece(100, 'Agood'), 0);
    expect(flows.add('f', piece(100, 'Aevil'), 1)).toBeUndefined();
    expect(textOf(flows.add('f', piece(102, 'XXXX!'), 2))).toBe('AgoodX!');
  });

  test('that was read is not read again, until its ports are used for another connection', () => {
    const flows = create();
    flows.add('f', piece(100, 'Aone'), 0);
    flows.finish('f');
    expect(flows.add('f', piece(100, 'Atwo'), 1)).toBeUndefined();
    expect(textOf(flows.add('f', piece(100 + 1_000_000, 'Atwo'), 2))).toBe('Atwo');
  });

  test('begins at a SYN whatever its first bytes are', () => {
    const flows = create();
    flows.add('f', piece(99, '', true), 0);
    expect(flows.add('f', piece(103, 'rest'), 1)).toBeUndefined();
    expect(textOf(flows.add('f', piece(100, 'xyz'), 2))).toBe('xyzrest');
  });

  test('can be consumed, and goes on behind', () => {
    const flows = create();
    flows.add('f', piece(100, 'Abcd'), 0);
    flows.consume('f', 3);
    expect(textOf(flows.add('f', piece(104, 'ef'), 1))).toBe('def');
  });

  test('that stays unfinished is told as cut, once', () => {
    const flows = create();
    flows.add('f', piece(100, 'Abc'), 1000);
    expect(flows.expire(3999)).toEqual([]);
    expect(flows.expire(4000)).toEqual([{ key: 'f', prefix: new Uint8Array(Buffer.from('Abc')), lastAt: 1000 }]);
    expect(flows.expire(9000)).toEqual([]);
    expect(flows.held).toEqual({ flows: 0, bytes: 0 });
  });

  test('with more segments than a hello has is given up', () => {
    const flows = create();
    const grown = Array.from({ length: 30 }, (_, index) => flows.add('f', piece(100 + index, 'A'), 0));
    expect(grown.filter(Boolean)).toHaveLength(20);
    expect(flows.expire(0)).toHaveLength(1);
  });

  test('holds no more than its limits under any traffic', () => {
    const step = fc.record({
      key: fc.nat(30),
      sequence: fc.oneof(fc.nat(3000), fc.nat(0xffffffff)),
      size: fc.nat(1500),
      first: fc.constantFrom(65, 66),
      syn: fc.boolean(),
      at: fc.nat(20_000),
      act: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const flows = create();
        for (const { key, sequence, size, first, syn, at, act } of steps) {
          const payload = Buffer.alloc(size, first);
          const prefix = flows.add(String(key), { sequence, payload, syn }, at);
          expect(prefix?.length ?? 0).toBeLessThanOrEqual(1000);
          if (act === 0) flows.finish(String(key));
          if (act === 1) flows.consume(String(key), 10);
          if (act === 2) flows.expire(at);
          expect(flows.held.bytes).toBeGreaterThanOrEqual(0);
          expect(flows.held.bytes).toBeLessThanOrEqual(4000);
        }
        flows.expire(10_000_000);
        flows.expire(10_000_000);
        expect(flows.held).toEqual({ flows: 0, bytes: 0 });
      }),
      { numRuns },
    );
  });
});
