import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDnsLookup } from '../../../src/collect/names/lookup.ts';

// A name server on loopback that answers A and AAAA for one name, NXDOMAIN for `no.test`, and nothing for `mute.test`.

const A = 1;
const AAAA = 28;

let server: Socket;
let asked: { name: string; type: number }[];
let muteAsked: () => void;
let whenMuteAsked: Promise<void>;

beforeEach(async () => {
  asked = [];
  ({ promise: whenMuteAsked, resolve: muteAsked } = Promise.withResolvers<void>());
  server = createSocket('udp4');
  server.on('message', (query, from) => {
    const question = readQuestion(query);
    asked.push({ name: question.name, type: question.type });
    if (question.name === 'mute.test') muteAsked();
    else server.send(answer(query, question), from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answer(query: Buffer, { name, type, end }: { name: string; type: number; end: number }): Buffer {
  const isKnown = name === 'api.example.test';
  const head = Buffer.from(query.subarray(0, end));
  head.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(isKnown ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  if (!isKnown) return head;
  const data = type === A ? [203, 0, 113, 20] : [0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 7];
  return Buffer.concat([head, Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data])]);
}

function lookup(name: string, signal = new AbortController().signal) {
  return createDnsLookup({ servers: [`127.0.0.1:${server.address().port}`] })(name, signal);
}

test('asks for A and AAAA and nothing else', async () => {
  expect(await lookup('api.example.test')).toEqual([
    { address: '203.0.113.20', ttlSeconds: 60 },
    { address: '2001:db8::7', ttlSeconds: 60 },
  ]);
  expect(asked.map(({ type }) => type).sort((a, b) => a - b)).toEqual([A, AAAA]);
  expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(['api.example.test']));
});

test('a name that does not exist has no addresses', async () => {
  expect(await lookup('no.test')).toEqual([]);
});

test('nobody answering is a failure, and ends when it is cancelled', async () => {
  const stop = new AbortController();
  const answered = lookup('mute.test', stop.signal);
  await whenMuteAsked;
  stop.abort();
  await expect(answered).rejects.toThrow();
  await expect(lookup('api.example.test', stop.signal)).rejects.toThrow();
});
