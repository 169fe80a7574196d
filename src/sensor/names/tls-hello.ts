import { canonicalHostName } from '../../types/host-name.ts';

/** What the beginning of a TLS connection says about where it goes. */
export interface Hello {
  /** `more`: the hello is longer than what was seen so far, and the rest may change what is below. */
  state: 'complete' | 'more' | 'malformed';
  /** Server name, canonical. Absent: none was sent, or one that no host can have. */
  name?: string;
  /** An encrypted hello is inside (or bytes that pretend to be one, as browsers send them to everybody). */
  hasEch: boolean;
}

const CLIENT_HELLO = 1;
const HANDSHAKE_RECORD = 22;
const EXTENSION = { serverName: 0, ech: 0xfe0d } as const;
/** A longer hello is none: the record layer allows 16 KiB, and the largest in use have about 2. */
export const MAX_HELLO_BYTES = 16_384;

/** Whether a stream that starts like this may become a hello; true for what is too short to tell. */
export function mayBeHello(stream: Uint8Array): boolean {
  if (stream.length === 0) return false;
  const expected = [HANDSHAKE_RECORD, 3, undefined, undefined, undefined, CLIENT_HELLO];
  return expected.every((byte, index) => byte === undefined || index >= stream.length || stream[index] === byte);
}

/** An honest client needs two; more of them are an attempt to be misread. */
const MAX_RECORDS = 64;

/** Reads a TCP stream from its first byte: the hello may be split over several records. Never throws. */
export function readHelloRecords(stream: Uint8Array): Hello {
  const message = new Uint8Array(Math.min(stream.length, MAX_HELLO_BYTES + 4));
  let filled = 0;
  let at = 0;
  for (let records = 0; at < stream.length && !isWhole(message, filled); records++) {
    if (stream[at] !== HANDSHAKE_RECORD || (stream[at + 1] ?? 3) !== 3) return { state: 'malformed', hasEch: false };
    if (at + 5 > stream.length) break;
    const length = half(stream, at + 3);
    // An empty handshake record is forbidden.
    if (length === 0 || length > MAX_HELLO_BYTES || records === MAX_RECORDS)
      return { state: 'malformed', hasEch: false };
    const part = stream.subarray(at + 5, at + 5 + Math.min(length, message.length - filled));
    message.set(part, filled);
    filled += part.length;
    at += 5 + length;
  }
  return readHello(message.subarray(0, filled));
}

function isWhole(message: Uint8Array, filled: number): boolean {
  return filled === message.length || (filled >= 4 && filled >= 4 + ((message[1]! << 16) | half(message, 2)));
}

/** Reads a ClientHello message without record headers, as QUIC carries it. Never throws. */
export function readHello(message: Uint8Array): Hello {
  if (message.length > 0 && message[0] !== CLIENT_HELLO) return { state: 'malformed', hasEch: false };
  if (message.length < 4) return { state: 'more', hasEch: false };
  const length = (message[1]! << 16) | half(message, 2);
  if (length > MAX_HELLO_BYTES) return { state: 'malformed', hasEch: false };
  const isWhole = message.length >= 4 + length;
  const body = message.subarray(4, 4 + length);
  const hello: Hello = { state: isWhole ? 'complete' : 'more', hasEch: false };
  const outcome = readExtensions(body, hello);
  if (outcome === 'malformed' || (outcome === 'short' && isWhole)) hello.state = 'malformed';
  return hello;
}

/** Fills in what the extensions say, in whatever order they come. `short`: the body ended before they did. */
function readExtensions(body: Uint8Array, hello: Hello): 'done' | 'short' | 'malformed' {
  // Version and random, then session id, cipher suites and compression methods, each with its length.
  let at = 34;
  if (body.length < at + 1) return 'short';
  at += 1 + body[at]!;
  if (body.length < at + 2) return 'short';
  at += 2 + half(body, at);
  if (body.length < at + 1) return 'short';
  at += 1 + body[at]!;
  if (at === body.length) return hello.state === 'complete' ? 'done' : 'short';
  if (body.length < at + 2) return 'short';
  const end = at + 2 + half(body, at);
  at += 2;
  let hasName = false;
  while (at < end) {
    if (body.length < at + 4) return 'short';
    const type = half(body, at);
    const start = at + 4;
    at = start + half(body, at + 2);
    if (at > end) return 'malformed';
    if (type === EXTENSION.ech) hello.hasEch = true;
    if (type !== EXTENSION.serverName) continue;
    if (body.length < at) return 'short';
    // Twice the same extension is forbidden: servers refuse it, and a reader who took the last one could be led astray.
    if (hasName) return 'malformed';
    hasName = true;
    const name = readServerName(body.subarray(start, at));
    if (name !== undefined) hello.name = name;
  }
  return 'done';
}

function readServerName(data: Uint8Array): string | undefined {
  // A list with one entry: list length, type 0, name length, name.
  if (data.length < 5 || data[2] !== 0 || half(data, 3) !== data.length - 5 || half(data, 0) !== data.length - 2) {
    return undefined;
  }
  let text = '';
  if (data.length > 5 + 255) return undefined;
  for (const byte of data.subarray(5)) {
    if (byte <= 0x20 || byte >= 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return canonicalHostName(text);
}

function half(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
}
