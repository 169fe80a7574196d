import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostNameOf, parseDnsMessage, splitDnsStream } from '../../../src/sensor/names/dns-message.ts';
import { damaged, numRuns } from './fuzz.ts';
import { a, addressList, cname, dns, framed, https, TYPE } from './packets.ts';

const QUESTION_NAME = Buffer.from([0xc0, 12]);

describe('a DNS message', () => {
  test('gives every address of the name that was asked for', () => {
    const message = parseDnsMessage(
      dns({ name: 'Example.COM', answers: [a(QUESTION_NAME, '203.0.113.7', 30), a('example.com', '203.0.113.8')] }),
    );
    expect(message).toMatchObject({ id: 0x1234, isReply: true, rcode: 0, isTruncated: false, isCut: false });
    expect(message!.question).toEqual({ name: 'example.com', type: TYPE.A });
    expect(message!.addresses).toEqual([
      { address: '203.0.113.7', ttlMs: 30_000 },
      { address: '203.0.113.8', ttlMs: 60_000 },
    ]);
  });

  test('follows the chain of aliases in any order, with the shortest life on the way', () => {
    const message = parseDnsMessage(
      dns({
        name: 'www.example.com',
        type: TYPE.AAAA,
        answers: [
          a('edge.cdn.example', '2001:db8::7', 300),
          cname('b.example.net', 'edge.cdn.example', 20),
          cname('www.example.com', 'b.example.net', 100),
        ],
      }),
    );
    expect(message!.addresses).toEqual([{ address: '2001:db8::7', ttlMs: 20_000 }]);
  });

  test('does not believe records beside the chain', () => {
    const message = parseDnsMessage(
      dns({
        name: 'asked.example',
        answers: [a('bank.example', '203.0.113.66'), cname('bank.example', 'asked.example')],
      }),
    );
    expect(message!.addresses).toEqual([]);
  });

  test('ends in a circle of aliases and in a chain without end', () => {
    const circle = [cname('a.example', 'b.example'), cname('b.example', 'a.example'), a('a.example', '203.0.113.1')];
    expect(parseDnsMessage(dns({ name: 'a.example', answers: circle }))!.addresses).toHaveLength(1);
    const long = Array.from({ length: 100 }, (_, index) => cname(`n${index}.example`, `n${index + 1}.example`));
    const answers = [...long, a('n100.example', '203.0.113.1')];
    expect(parseDnsMessage(dns({ name: 'n0.example', answers }))!.addresses).toEqual([]);
  });

  test('reads the hints of a service record, and that it offers encrypted hellos', () => {
    const parameters: [number, Buffer][] = [
      [1, Buffer.from('\x02h2')],
      [4, addressList('203.0.113.1', '203.0.113.2')],
      [5, Buffer.alloc(40)],
      [6, addressList('2001:db8::1')],
    ];
    const message = parseDnsMessage(
      dns({ name: 'ech.example', type: TYPE.HTTPS, answers: [https('ech.example', '', parameters)] }),
    );
    expect(message!.addresses.map(({ address }) => address)).toEqual(['203.0.113.1', '203.0.113.2', '2001:db8::1']);
    expect(message!.offersEch).toBe(true);
  });

  test('tells refusals, truncation and questions from answers', () => {
    expect(parseDnsMessage(dns({ name: 'a.example' }))).toMatchObject({ isReply: false });
    expect(parseDnsMessage(dns({ name: 'a.example', answers: [], rcode: 3 }))).toMatchObject({ rcode: 3 });
    expect(parseDnsMessage(dns({ name: 'a.example', answers: [], truncated: true }))).toMatchObject({
      isTruncated: true,
    });
  });

  test('keeps what came before a cut', () => {
    const answers = [a('a.example', '203.0.113.1'), a('a.example', '203.0.113.2')];
    const whole = dns({ name: 'a.example', answers });
    expect(parseDnsMessage(whole.subarray(0, -2))).toMatchObject({
      isCut: true,
      addresses: [{ address: '203.0.113.1' }],
    });
  });

  test('refuses pointers that go in circles, forwards, or are a chain of their own', () => {
    const loop = dns({ name: 'a.example', answers: [a(Buffer.from([0xc0, 27]), '203.0.113.1')] });
    expect(parseDnsMessage(loop)).toMatchObject({ isCut: true, addresses: [] });
    const many = Buffer.alloc(4096, 0xc0);
    many.set(dns({ name: 'a' }).subarray(0, 12));
    expect(parseDnsMessage(many)).toBeUndefined();
  });

  test('a life of more than a week, or with the highest bit, is cut down', () => {
    const lives = [0x7fffffff, 0xffffffff].map((ttlS) =>
      parseDnsMessage(dns({ name: 'a.example', answers: [a('a.example', '203.0.113.1', ttlS)] })),
    );
    expect(lives.map((message) => message!.addresses[0]!.ttlMs)).toEqual([604_800_000, 0]);
  });

  test('a label with a dot, a blank or another alphabet is no name', () => {
    for (const label of ['a.b', 'a b', 'ä', 'a\0b', '\x1b[2J']) {
      const name = Buffer.concat([Buffer.from([Buffer.byteLength(label)]), Buffer.from(label), Buffer.from([0])]);
      const bytes = dns({ name: '', answers: [] });
      expect(parseDnsMessage(Buffer.concat([bytes.subarray(0, 12), name, bytes.subarray(13)]))).toBeUndefined();
    }
    // What DNS may ask for and no host may be called.
    expect(hostNameOf(parseDnsMessage(dns({ name: '*.example' }))!)).toBeUndefined();
    expect(hostNameOf(parseDnsMessage(dns({ name: '10.0.0.1' }))!)).toBeUndefined();
  });

  test('never throws, and every name is in the message', () => {
    const valid = dns({
      name: 'www.example.com',
      answers: [
        cname(QUESTION_NAME, 'b.example.net'),
        a('b.example.net', '203.0.113.9'),
        https('b.example.net', 'c', [[4, addressList('203.0.113.1')]]),
      ],
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged(valid)), (bytes) => {
        const message = parseDnsMessage(bytes);
        if (message === undefined) return;
        const letters = Buffer.from(bytes).toString('latin1').toLowerCase();
        for (const label of message.question.name.split('.')) expect(letters).toContain(label);
        expect(message.addresses.length).toBeLessThanOrEqual(512);
      }),
      { numRuns },
    );
  });
});

describe('a stream of DNS messages', () => {
  test('is split at the length prefixes, and the beginning of the next one is left', () => {
    const [one, two] = [dns({ name: 'a.example' }), dns({ name: 'b.example' })];
    const stream = Buffer.concat([framed(one), framed(two), Buffer.from([0])]);
    expect(splitDnsStream(stream)).toEqual({ messages: [one, two], used: stream.length - 1 });
  });

  test('never uses more than there is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (stream) => {
        const { messages, used } = splitDnsStream(stream);
        expect(messages.reduce((sum, message) => sum + message.length + 2, 0)).toBe(used);
        expect(used).toBeLessThanOrEqual(stream.length);
      }),
      { numRuns },
    );
  });
});
