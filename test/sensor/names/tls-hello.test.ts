import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayBeHello, readHello, readHelloRecords } from '../../../src/sensor/names/tls-hello.ts';
import { damaged, numRuns } from './fuzz.ts';
import { hello, records } from './packets.ts';
import { RECORDED } from './recorded-hellos.ts';

const recorded = (client: keyof typeof RECORDED) => Buffer.from(RECORDED[client], 'base64');

describe('a client hello', () => {
  test.each([
    ['node24', 'api.node24.example'],
    ['node20', 'api.node20.example'],
    ['openssl', 'www.openssl.example'],
    ['openssl12', 'old.openssl.example'],
    ['python3', 'python.example'],
  ] as const)('of %s says %s', (client, name) => {
    expect(readHelloRecords(recorded(client))).toEqual({ state: 'complete', name, hasEch: false });
  });

  test('without a server name has none', () => {
    expect(readHelloRecords(recorded('nameless'))).toEqual({ state: 'complete', hasEch: false });
    expect(readHello(hello())).toEqual({ state: 'complete', hasEch: false });
  });

  test.each([1, 2, 3, 5, 40, 1000])('is the same in records of %i bytes', (size) => {
    const message = recorded('node24').subarray(5);
    const split = records(message, Math.max(size, Math.ceil(message.length / 60)));
    expect(readHelloRecords(split)).toMatchObject({ state: 'complete', name: 'api.node24.example' });
    expect(readHelloRecords(Buffer.concat([split, Buffer.from([23, 3, 3, 0, 1, 0])]))).toMatchObject({
      state: 'complete',
    });
  });

  test('is unfinished in each of its beginnings, which never say another name', () => {
    const stream = recorded('node24');
    for (let length = 1; length < stream.length; length++) {
      const part = readHelloRecords(stream.subarray(0, length));
      expect(part.state).toBe('more');
      expect(['api.node24.example', undefined]).toContain(part.name);
      expect(mayBeHello(stream.subarray(0, length))).toBe(true);
    }
  });

  test('is found whatever comes before and after its name', () => {
    for (const parts of [{ before: 1500 }, { after: 3000 }, { before: 9000, after: 3000 }]) {
      expect(readHello(hello({ name: 'a.example', ...parts }))).toMatchObject({ state: 'complete', name: 'a.example' });
    }
  });

  test('with an encrypted hello inside is marked', () => {
    expect(readHello(hello({ name: 'outer.example', ech: true }))).toMatchObject({
      hasEch: true,
      name: 'outer.example',
    });
    expect(readHelloRecords(recorded('node24')).hasEch).toBe(false);
  });

  test.each(['10.0.0.1', 'a b', 'ä.example', 'a\nb', '', 'a..b', '-a', `${'a'.repeat(64)}.x`, 'x'.repeat(300)])(
    'that says %j has no name',
    (name) => {
      expect(readHello(hello({ name })).name).toBeUndefined();
    },
  );

  test('with two names is malformed, so that we cannot be told another one than the server', () => {
    const one = hello({ name: 'good.example', before: 30 });
    // The padding in front becomes a second server name of the same size.
    const at = one.indexOf(Buffer.from([0xfa, 0xfa]));
    one.writeUInt16BE(0, at);
    expect(readHello(one).state).toBe('malformed');
  });

  test.each(['16030100000000', '160301ffff01', '1603010004020000000000', '17030300050102030405', '160201000101'])(
    'is not what begins with %s',
    (hex) => {
      expect(readHelloRecords(Buffer.from(hex, 'hex'))).toMatchObject({ state: 'malformed' });
    },
  );

  test('in more records than an honest client makes is malformed', () => {
    expect(readHelloRecords(records(recorded('node24').subarray(5), 1)).state).toBe('malformed');
  });

  test('never throws, and a name is in its bytes', () => {
    const valid = [recorded('openssl'), records(hello({ name: 'a.b.example', ech: true, before: 4 }), 30)];
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), ...valid.map(damaged)), (bytes) => {
        const letters = Buffer.from(bytes).toString('latin1').toLowerCase();
        const { name } = readHello(bytes.subarray(5));
        if (name !== undefined) expect(letters).toContain(name);
        // Over several records a name may be in two parts.
        const split = readHelloRecords(bytes).name;
        for (const label of split?.split('.') ?? []) for (const letter of label) expect(letters).toContain(letter);
      }),
      { numRuns },
    );
  });
});
