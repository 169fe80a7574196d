import { createCipheriv } from 'node:crypto';
import { clientInitialKeys } from '../../../src/sensor/names/quic-initial.ts';

/** Packets as the tests need them, from their parts. Checksums are left out: nobody on the way looks at them. */
const u16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255]);
const u32 = (value: number) => Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);

export interface Ends {
  source: string;
  sourcePort: number;
  destination: string;
  destinationPort: number;
}

export const CLIENT: Ends = {
  source: '203.0.113.10',
  sourcePort: 40_000,
  destination: '203.0.113.1',
  destinationPort: 53,
};

export const reversed = (ends: Ends): Ends => ({
  source: ends.destination,
  sourcePort: ends.destinationPort,
  destination: ends.source,
  destinationPort: ends.sourcePort,
});

function addressBytes(text: string): Buffer {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const [left, right] = [groups(head), groups(tail)];
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return Buffer.concat([...left, ...zeros, ...right].map((group) => u16(Number.parseInt(group, 16))));
}

/** @param extensions IPv6 only: whole extension headers without their first byte */
export function ip(ends: Ends, protocol: number, body: Uint8Array, extensions: [number, Buffer][] = []): Buffer {
  const addresses = [addressBytes(ends.source), addressBytes(ends.destination)];
  if (addresses[0]!.length === 4) {
    const header = [Buffer.from([0x45, 0]), u16(20 + body.length), u32(0), Buffer.from([64, protocol, 0, 0])];
    return Buffer.concat([...header, ...addresses, body]);
  }
  const chain = extensions.map(([, rest], index) => Buffer.from([extensions[index + 1]?.[0] ?? protocol, ...rest]));
  const whole = Buffer.concat([...chain, body]);
  const first = extensions[0]?.[0] ?? protocol;
  return Buffer.concat([u32(0x60000000), u16(whole.length), Buffer.from([first, 64]), ...addresses, whole]);
}

export function udp(ends: Ends, payload: Uint8Array, extensions: [number, Buffer][] = []): Buffer {
  const header = [u16(ends.sourcePort), u16(ends.destinationPort), u16(8 + payload.length), u16(0)];
  return ip(ends, 17, Buffer.concat([...header, payload]), extensions);
}

export function tcp(ends: Ends, sequence: number, payload: Uint8Array, flags = 0x18, options = 12): Buffer {
  const header = [u16(ends.sourcePort), u16(ends.destinationPort), u32(sequence), u32(1)];
  const rest = Buffer.from([(5 + options / 4) << 4, flags, 1, 246, 0, 0, 0, 0, ...Array<number>(options).fill(1)]);
  return ip(ends, 6, Buffer.concat([...header, rest, payload]));
}

export function dnsName(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

export const TYPE = { A: 1, CNAME: 5, AAAA: 28, HTTPS: 65 } as const;

export interface DnsRecord {
  owner: string | Buffer;
  type: number;
  ttlS?: number;
  data: Uint8Array;
}

export const a = (owner: string | Buffer, address: string, ttlS = 60): DnsRecord => ({
  owner,
  type: address.includes(':') ? TYPE.AAAA : TYPE.A,
  ttlS,
  data: addressBytes(address),
});

export const cname = (owner: string | Buffer, target: string | Buffer, ttlS = 60): DnsRecord => ({
  owner,
  type: TYPE.CNAME,
  ttlS,
  data: typeof target === 'string' ? dnsName(target) : target,
});

/** Service parameters by number, in order. */
export const https = (owner: string, target: string, parameters: [number, Buffer][]): DnsRecord => ({
  owner,
  type: TYPE.HTTPS,
  data: Buffer.concat([
    u16(1),
    dnsName(target),
    ...parameters.map(([key, value]) => Buffer.concat([u16(key), u16(value.length), value])),
  ]),
});

export const addressList = (...addresses: string[]): Buffer => Buffer.concat(addresses.map(addressBytes));

export interface DnsParts {
  id?: number;
  name: string;
  type?: number;
  /** Absent: a question. */
  answers?: DnsRecord[];
  rcode?: number;
  truncated?: boolean;
}

export function dns({ id = 0x1234, name, type = TYPE.A, answers, rcode = 0, truncated = false }: DnsParts): Buffer {
  const flags = answers === undefined ? 0x0100 : 0x8180 | rcode | (truncated ? 0x0200 : 0);
  const records = (answers ?? []).map(({ owner, type: recordType, ttlS = 60, data }) => {
    const head = [typeof owner === 'string' ? dnsName(owner) : owner, u16(recordType), u16(1), u32(ttlS)];
    return Buffer.concat([...head, u16(data.length), data]);
  });
  const head = [u16(id), u16(flags), u16(1), u16(records.length), u32(0)];
  return Buffer.concat([...head, dnsName(name), u16(type), u16(1), ...records]);
}

export const framed = (message: Uint8Array): Buffer => Buffer.concat([u16(message.length), message]);

export interface HelloParts {
  name?: string | Buffer;
  ech?: boolean;
  /** Bytes of padding before and after the name. */
  before?: number;
  after?: number;
}

const extension = (type: number, data: Uint8Array) => Buffer.concat([u16(type), u16(data.length), data]);

/** A handshake message. */
export function hello({ name, ech = false, before = 0, after = 0 }: HelloParts = {}): Buffer {
  const extensions: Buffer[] = [];
  if (before > 0) extensions.push(extension(0xfafa, Buffer.alloc(before, 7)));
  if (name !== undefined) {
    const text = Buffer.from(name);
    extensions.push(extension(0, Buffer.concat([u16(text.length + 3), Buffer.from([0]), u16(text.length), text])));
  }
  if (after > 0) extensions.push(extension(21, Buffer.alloc(after)));
  if (ech) extensions.push(extension(0xfe0d, Buffer.alloc(180, 9)));
  const list = Buffer.concat(extensions);
  const head = [u16(0x0303), Buffer.alloc(32, 3), Buffer.from([0]), u16(2), u16(0x1301), Buffer.from([1, 0])];
  const body = Buffer.concat([...head, u16(list.length), list]);
  return Buffer.concat([Buffer.from([1, body.length >> 16]), u16(body.length), body]);
}

/** The message in records of at most that many bytes. */
export function records(message: Uint8Array, size = 16_384): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    parts.push(Buffer.concat([Buffer.from([22, 3, 1]), u16(part.length), part]));
  }
  return Buffer.concat(parts);
}

export const crypto = (offset: number, data: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([6]), u16(0x4000 | offset), u16(0x4000 | data.length), data]);

export interface InitialParts {
  version?: number;
  /** Whose keys are used; the client's own first id unless it was given another one. */
  keysOf?: Buffer;
  destinationId?: Buffer;
  number?: number;
  frames: Uint8Array;
  /** Bytes of the whole packet. */
  size?: number;
}

export const QUIC_V2 = 0x6b3343cf;
export const CONNECTION_ID = Buffer.from('8394c8f03e515708', 'hex');

/** A protected Initial of a client. */
export function initial(parts: InitialParts): Buffer {
  const { version = 1, destinationId = CONNECTION_ID, keysOf = destinationId, number = 2, size = 1200 } = parts;
  const keys = clientInitialKeys(version, keysOf)!;
  const head = 1 + 4 + 1 + destinationId.length + 1 + 1 + 2;
  const payload = Buffer.alloc(Math.max(size - head - 4 - 16, parts.frames.length));
  payload.set(parts.frames);
  const first = version === QUIC_V2 ? 0xd3 : 0xc3;
  const header = Buffer.concat([
    Buffer.from([first]),
    u32(version),
    Buffer.from([destinationId.length]),
    destinationId,
    Buffer.from([0, 0]),
    u16(0x4000 | (4 + payload.length + 16)),
    u32(number),
  ]);
  const nonce = Buffer.from(keys.iv);
  for (let index = 0; index < 4; index++) nonce[8 + index]! ^= header[header.length - 4 + index]!;
  const cipher = createCipheriv('aes-128-gcm', keys.key, nonce);
  cipher.setAAD(header);
  const sealed = Buffer.concat([cipher.update(payload), cipher.final(), cipher.getAuthTag()]);
  const mask = createCipheriv('aes-128-ecb', keys.headerKey, null).update(sealed.subarray(0, 16));
  header[0]! ^= mask[0]! & 0x0f;
  for (let index = 0; index < 4; index++) header[header.length - 4 + index]! ^= mask[1 + index]!;
  return Buffer.concat([header, sealed]);
}
