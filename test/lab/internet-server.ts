/**
 * The "internet" of the lab in one process: a DNS server (UDP and TCP), web servers with and without TLS for every name
 * of the lab, and sinks that take anything. It prints one JSON object per line: every question and every request.
 * Run as a program (`node internet-server.ts ADDRESS CERTIFICATE KEY`) inside the namespace that stands for the internet.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { handle as answerAsModel } from './fake-model.ts';
import { addressOf, MODEL_NAME } from './internet-names.ts';

/** A line of the output. */
export type InternetEvent =
  | { kind: 'ready' }
  | { kind: 'question'; at: number; name: string; type: string; transport: 'udp' | 'tcp' }
  | { kind: 'request'; at: number; host: string; path: string; tls: boolean };

export const SINK_PORTS = { tcp: 4444, udp: 9999 } as const;

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 12: 'PTR', 28: 'AAAA', 65: 'HTTPS' };
const TTL_SECONDS = 60;

/** What asks for and what answers is on the lab's own wire; a message that is no question is dropped. */
export function answerQuestion(message: Buffer, told: (name: string, type: string) => void): Buffer | undefined {
  if (message.length < 17 || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at]!; length > 0; length = message[at] ?? 0) {
    if (length > 63 || at + length >= message.length) return undefined;
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  const end = at + 5;
  if (end > message.length) return undefined;
  const name = labels.join('.').toLowerCase();
  const type = message.readUInt16BE(at + 1);
  told(name, TYPES[type] ?? String(type));
  const address = addressOf(name);
  const header = Buffer.alloc(12);
  message.copy(header, 0, 0, 2);
  // Response, authoritative, recursion available as asked; 3 is "no such name".
  header.writeUInt16BE(0x8480 | (message.readUInt16BE(2) & 0x0100) | (address === undefined ? 3 : 0), 2);
  header.writeUInt16BE(1, 4);
  const question = message.subarray(12, end);
  if (address === undefined || type !== 1) return Buffer.concat([header, question]);
  header.writeUInt16BE(1, 6);
  const answer = Buffer.alloc(16);
  answer.writeUInt16BE(0xc00c, 0);
  answer.writeUInt16BE(1, 2);
  answer.writeUInt16BE(1, 4);
  answer.writeUInt32BE(TTL_SECONDS, 6);
  answer.writeUInt16BE(4, 10);
  answer.set(address.split('.').map(Number), 12);
  return Buffer.concat([header, question, answer]);
}

function say(event: InternetEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function startNameServer(address: string): Promise<unknown> {
  const ask = (message: Buffer, transport: 'udp' | 'tcp') =>
    answerQuestion(message, (name, type) => say({ kind: 'question', at: Date.now(), name, type, transport }));
  const udp = createSocket('udp4', (message, { port, address: from }) => {
    const answer = ask(message, 'udp');
    if (answer !== undefined) udp.send(answer, port, from);
  });
  const tcp = createTcpServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const answer = ask(received.subarray(2, end), 'tcp');
        received = received.subarray(end);
        if (answer === undefined) return void socket.destroy();
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        socket.write(Buffer.concat([length, answer]));
      }
    });
  });
  return Promise.all([
    new Promise<void>((resolve) => udp.bind(53, address, resolve)),
    new Promise<void>((resolve) => tcp.listen(53, address, resolve)),
  ]);
}

/** `/hold=SECONDS` answers that late, so that a look can see the connection. */
async function answerWeb(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const path = request.url ?? '/';
  say({ kind: 'request', at: Date.now(), host, path, tls: 'encrypted' in request.socket });
  if (host === MODEL_NAME) return answerAsModel(request, response);
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  if (host === 'api.telegram.org') return answerTelegram(path, body, response);
  const seconds = Math.min(30, Number(/hold=(\d+)/.exec(path)?.[1] ?? (host.endsWith('.openclaw.ai') ? 2 : 0)));
  await delay(seconds * 1000);
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>lab</title><p>The laboratory says hello, at some length, for readers.</p>\n');
}

/** As much of the Bot API as a polling bot needs. `getUpdates` holds as long as it is asked to. */
async function answerTelegram(path: string, body: string, response: ServerResponse): Promise<void> {
  const method = /^\/bot[^/]+\/(\w+)/.exec(path)?.[1];
  response.setHeader('content-type', 'application/json');
  const reply = (result: unknown) => response.end(JSON.stringify({ ok: true, result }));
  if (method === 'getMe') {
    reply({ id: 123456, is_bot: true, first_name: 'Lab', username: 'clawwatch_lab_bot', can_join_groups: true });
  } else if (method === 'getUpdates') {
    const asked = Number(/timeout"?[:=]\s*(\d+)/.exec(path + body)?.[1] ?? 25);
    await delay(Math.min(25, asked) * 1000);
    reply([]);
  } else if (method === 'getWebhookInfo') {
    reply({ url: '', has_custom_certificate: false, pending_update_count: 0 });
  } else reply(true);
}

const listener: RequestListener = (request, response) => {
  answerWeb(request, response).catch((error: unknown) => {
    response.statusCode = 500;
    response.end(String(error));
  });
};

async function main(address: string, certificate: string, key: string): Promise<void> {
  await startNameServer(address);
  const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
  const web = [
    [createServer(listener), 80],
    [createTlsServer(tls, listener), 443],
    [createTcpServer((socket) => socket.on('error', () => socket.destroy()).resume()), SINK_PORTS.tcp],
  ] as const;
  await Promise.all(web.map(([server, port]) => new Promise<void>((done) => server.listen(port, '0.0.0.0', done))));
  const sink = createSocket('udp4');
  await new Promise<void>((resolve) => sink.bind(SINK_PORTS.udp, resolve));
  say({ kind: 'ready' });
}

if (process.argv[1] === import.meta.filename) {
  const [address, certificate, key] = process.argv.slice(2);
  await main(address!, certificate!, key!);
}
