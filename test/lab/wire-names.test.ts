import type { ChildProcess } from 'node:child_process';
import { existsSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openNameCapture } from '../../src/sensor/names/open-name-capture.ts';
import { TCPDUMP_PATHS } from '../../src/sensor/names/tcpdump-arguments.ts';
import type { LossEvent, NameBlindness, NameEvent, QuestionEvent } from '../../src/types/sensor.ts';
import { lab } from './gate.ts';
import { NODE } from './install.ts';
import { collect, runIn, spawnIn } from './machine.ts';
import { ADDRESS, createNetwork, type Network } from './namespaces.ts';

const NAMES = 300;
const TCPDUMP = [process.env.CLAWWATCH_LAB_TCPDUMP ?? '', ...TCPDUMP_PATHS].find((path) => path && existsSync(path));

/**
 * A name server and a port that takes hellos. Of three names one has plain addresses, one a chain of aliases, and one sixty
 * addresses, which makes the resolver ask again over TCP.
 */
const SERVER = `
const [own, prefix] = process.argv.slice(1);
const name = (text) => Buffer.concat([...text.split('.').map((l) => Buffer.from([l.length, ...Buffer.from(l)])), Buffer.from([0])]);
const record = (owner, type, data) =>
  Buffer.concat([owner, Buffer.from([0, type, 0, 1, 0, 0, 0, 60, 0, data.length]), data]);
function answer(question, overTcp) {
  let at = 12;
  while (question[at] !== 0) at += question[at] + 1;
  const asked = question.subarray(12, at + 1);
  const index = Number(/^n(\\d+)/i.exec(question.toString('latin1', 13, at))?.[1]);
  const reply = Buffer.from(question.subarray(0, at + 5));
  reply.set([0x81, 0x80], 2);
  reply.fill(0, 6, 12);
  if (index % 3 === 2 && !overTcp) {
    reply[2] |= 2;
    return reply;
  }
  const address = (offset) => Buffer.from([...prefix.split('.').map(Number), 64 + ((index + offset) % 64)]);
  const records = [];
  let owner = asked;
  if (index % 3 === 1) {
    for (const step of ['one.lab.example', 'two.cdn.example']) {
      records.push(record(owner, 5, name(step)));
      owner = name(step);
    }
  }
  for (let n = 0; n < (index % 3 === 2 ? 60 : 2); n++) records.push(record(owner, 1, address(n)));
  reply.writeUInt16BE(records.length, 6);
  return Buffer.concat([reply, ...records]);
}
const udp = require('dgram').createSocket('udp4');
udp.on('message', (message, from) => udp.send(answer(message, false), from.port, from.address)).bind(53, own);
require('net').createServer((socket) => {
  // A resolver asks several questions at once over one connection.
  let rest = Buffer.alloc(0);
  socket.on('error', () => {}).on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length > 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      const reply = answer(rest.subarray(2, end), true);
      rest = rest.subarray(end);
      socket.write(Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 255]), reply]));
    }
  });
}).listen(53, own);
require('net').createServer((socket) => socket.on('error', () => {}).once('data', () => socket.destroy()))
  .listen(443, '0.0.0.0', () => console.log('ready'));
`;

/** Resolves and says hello to every name, and prints which end was whose. */
const CLIENT = `
const [server, count, suffix] = process.argv.slice(1);
const resolver = new (require('dns').promises.Resolver)({ timeout: 3000, tries: 3 });
resolver.setServers([server]);
async function visit(index) {
  const name = 'n' + index + '.' + suffix;
  const addresses = await resolver.resolve4(name);
  const address = addresses[0];
  const port = await new Promise((resolve, reject) => {
    const socket = require('tls').connect({ host: address, port: 443, servername: name, timeout: 5000 });
    let local;
    socket.on('connect', () => { local = socket.localPort; });
    socket.on('error', () => resolve(local)).on('close', () => resolve(local));
    socket.on('timeout', () => reject(new Error('no answer from ' + address)));
  });
  return { name, addresses, address, port };
}
(async () => {
  const visits = [];
  let next = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    while (next < Number(count)) visits.push(await visit(next++));
  }));
  process.stdout.write(JSON.stringify(visits));
})();
`;

interface Visit {
  name: string;
  addresses: string[];
  address: string;
  port: number;
}

interface Outcome {
  visits: Visit[];
  events: (NameEvent | QuestionEvent | LossEvent)[];
  blindness: NameBlindness;
}

lab('names on the wire', () => {
  let network: Network;
  const servers: ChildProcess[] = [];

  beforeAll(async () => {
    network = createNetwork(['lan', 'internet']);
    for (const [namespace, own, prefix] of [
      [network.inet, ADDRESS.inetPeer4, '203.0.113'],
      [network.host, ADDRESS.lan4, '192.168.50'],
    ] as const) {
      expect((await runIn(namespace, ['ip', 'route', 'add', 'local', `${prefix}.64/26`, 'dev', 'lo'])).stderr).toBe('');
      const server = spawnIn(namespace, [NODE, '-e', SERVER, own, prefix]);
      servers.push(server);
      await new Promise((resolve, reject) => {
        server.stdout!.once('data', resolve);
        server.once('close', () => reject(new Error('the server of the lab ended')));
      });
    }
  });

  afterAll(() => {
    for (const server of servers) server.kill('SIGKILL');
    network?.close();
  });

  async function visit(namespace: string, server: string, suffix: string, tool?: string): Promise<Outcome> {
    const netnsPath = `/run/netns/${namespace}`;
    const names = openNameCapture({ netnsPath, ...(tool && { withoutSocket: true, tcpdumpPath: tool }) });
    try {
      for (let round = 0; round < 200 && names.sources.length === 0; round++) await pause(25);
      expect(names.missing).toEqual([]);
      const events = names.drain().filter(({ kind }) => kind === 'name');
      const timer = setInterval(() => events.push(...names.drain()), 50);
      const client = await collect(spawnIn(namespace, [NODE, '-e', CLIENT, server, String(NAMES), suffix]), 60_000);
      await pause(tool ? 600 : 200);
      clearInterval(timer);
      events.push(...names.drain());
      expect(client.stderr).toBe('');
      return { visits: JSON.parse(client.stdout) as Visit[], events, blindness: names.blindness() };
    } finally {
      names.close();
    }
  }

  function expectAll({ visits, events, blindness }: Outcome, server: string, local: string): void {
    expect(events.filter(({ kind }) => kind === 'loss')).toEqual([]);
    const names = events.filter((event): event is NameEvent => event.kind === 'name');
    expect(visits).toHaveLength(NAMES);
    const asked = events.filter((event): event is QuestionEvent => event.kind === 'question');
    expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(visits.map(({ name }) => name)));
    expect(new Set(asked.map((event) => `${event.rcode} ${event.server} ${event.local.address}`))).toEqual(
      new Set([`NOERROR ${server} ${local}`]),
    );
    const by = (source: string) => names.filter((event) => event.source === source);
    const pairs = (list: readonly (readonly [string, string])[]) =>
      [...new Set(list.map((pair) => pair.join(' ')))].sort();
    expect(pairs(by('dns').map(({ name, address }) => [name, address]))).toEqual(
      pairs(visits.flatMap(({ name, addresses }) => addresses.map((address) => [name, address] as const))),
    );
    expect(new Set(by('dns').map((event) => event.server))).toEqual(new Set([server]));
    expect(
      by('sni')
        .map((event) => `${event.name} ${event.address} ${event.local!.port}`)
        .sort(),
    ).toEqual(visits.map(({ name, address, port }) => `${name} ${address} ${port}`).sort());
    expect(new Set(by('sni').map((event) => event.local!.address))).toEqual(new Set([local]));
    expect(blindness).toEqual({ dot: 0, doh: 0, ech: 0, malformed: 0 });
  }

  test('all 300 names are seen by DNS and by hello, and none other', async () => {
    const outcome = await visit(network.host, ADDRESS.inetPeer4, 'first.example');
    expectAll(outcome, ADDRESS.inetPeer4, ADDRESS.inet4);
  });

  test('also from another namespace, and where each hello takes two segments', async () => {
    const link = ['ip', 'link', 'set', 'dev', 'eth0', 'gso_max_segs', '1'];
    expect((await runIn(network.lan, link)).stderr).toBe('');
    const outcome = await visit(network.lan, ADDRESS.lan4, 'second.example');
    expectAll(outcome, ADDRESS.lan4, ADDRESS.lanPeer4);
  });

  test('a capture in one namespace leaves this process where it was, and sees nothing of the others', async () => {
    const own = readlinkSync('/proc/thread-self/ns/net');
    const elsewhere = openNameCapture({ netnsPath: `/run/netns/${network.tail}` });
    try {
      expect(readlinkSync('/proc/thread-self/ns/net')).toBe(own);
      await visit(network.host, ADDRESS.inetPeer4, 'third.example');
      expect(elsewhere.drain()).toEqual([]);
    } finally {
      elsewhere.close();
    }
  });

  if (TCPDUMP === undefined) test.skip('all of it through tcpdump (skipped: it is not installed)', () => {});
  else {
    test('all of it through tcpdump', async () => {
      const outcome = await visit(network.host, ADDRESS.inetPeer4, 'fourth.example', TCPDUMP);
      expectAll(outcome, ADDRESS.inetPeer4, ADDRESS.inet4);
    });
  }
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
