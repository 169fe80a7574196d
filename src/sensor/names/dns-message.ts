import { canonicalHostName } from '../../types/host-name.ts';
import { ipv4Text, ipv6Text } from './ip-packet.ts';

/** As much of a DNS message as names need. */
export interface DnsMessage {
  id: number;
  isReply: boolean;
  /** TC: the server had more to say and expects the question again over TCP. */
  isTruncated: boolean;
  rcode: number;
  /** The only question: raw lower-case name, and type. */
  question: { name: string; type: number };
  /** Addresses that the answer gives for the question, through its own CNAME chain. Canonical. */
  addresses: { address: string; ttlMs: number }[];
  /** An HTTPS or SVCB record offers encrypted client hellos: connections to this name may show another one. */
  offersEch: boolean;
  /** The message ended before its records did; what came before is above. */
  isCut: boolean;
}

const TYPE = { A: 1, CNAME: 5, AAAA: 28, SVCB: 64, HTTPS: 65 } as const;
const CLASS_IN = 1;
/** More records than fit into any honest answer; the longest seen in use have about 250. */
const MAX_RECORDS = 1024;
const MAX_ADDRESSES = 512;
const MAX_CHAIN = 16;
// A name has at most 127 labels. A pointer must point backwards, so their number is a second limit and not the only one.
const MAX_LABELS = 128;
const MAX_POINTERS = 64;
/** RFC 8767: a longer life than a week is a mistake or a joke. */
const MAX_TTL_S = 604_800;

/** Reads one message. `undefined`: not DNS, not exactly one question, or a name that no host has. Never throws. */
export function parseDnsMessage(data: Uint8Array): DnsMessage | undefined {
  if (data.length < 12) return undefined;
  const flags = half(data, 2);
  if (half(data, 4) !== 1 || ((flags >> 11) & 15) !== 0) return undefined;
  const asked = readName(data, 12);
  if (asked === undefined || asked.end + 4 > data.length || half(data, asked.end + 2) !== CLASS_IN) return undefined;
  const message: DnsMessage = {
    id: half(data, 0),
    isReply: (flags & 0x8000) !== 0,
    isTruncated: (flags & 0x0200) !== 0,
    rcode: flags & 15,
    question: { name: asked.name, type: half(data, asked.end) },
    addresses: [],
    offersEch: false,
    isCut: false,
  };
  if (message.isReply) readAnswers(data, asked.end + 4, half(data, 6), message);
  return message;
}

interface DnsRecord {
  owner: string;
  type: number;
  ttlS: number;
  start: number;
  end: number;
}

function readAnswers(data: Uint8Array, from: number, count: number, message: DnsMessage): void {
  const records: DnsRecord[] = [];
  let at = from;
  for (let index = 0; index < count; index++) {
    const record = index < MAX_RECORDS ? readRecord(data, at) : undefined;
    if (record === undefined) {
      message.isCut = true;
      break;
    }
    if (record.type !== 0) records.push(record);
    at = record.end;
  }
  const chain = followAliases(data, records, message.question.name);
  for (const record of records) {
    const chainTtl = chain.get(record.owner);
    if (chainTtl === undefined || message.addresses.length >= MAX_ADDRESSES) continue;
    const ttlMs = Math.min(chainTtl, record.ttlS) * 1000;
    if (record.type === TYPE.A && record.end - record.start === 4) {
      message.addresses.push({ address: ipv4Text(data, record.start), ttlMs });
    } else if (record.type === TYPE.AAAA && record.end - record.start === 16) {
      message.addresses.push({ address: ipv6Text(data, record.start), ttlMs });
    } else if (record.type === TYPE.HTTPS || record.type === TYPE.SVCB) {
      readServiceHints(data, record, ttlMs, message);
    }
  }
}

function readRecord(data: Uint8Array, at: number): DnsRecord | undefined {
  const owner = readName(data, at);
  if (owner === undefined || owner.end + 10 > data.length) return undefined;
  const start = owner.end + 10;
  const end = start + half(data, owner.end + 8);
  if (end > data.length) return undefined;
  const ttl = ((half(data, owner.end + 4) << 16) | half(data, owner.end + 6)) >>> 0;
  // RFC 2181: a life with the highest bit set counts as zero.
  const ttlS = ttl > 0x7fffffff ? 0 : Math.min(ttl, MAX_TTL_S);
  const type = half(data, owner.end + 2) === CLASS_IN ? half(data, owner.end) : 0;
  return { owner: owner.name, type, ttlS, start, end };
}

/** The names that the question leads to, each with the shortest life on the way. Records beside the chain are not believed. */
function followAliases(data: Uint8Array, records: readonly DnsRecord[], asked: string): Map<string, number> {
  const aliases = new Map<string, DnsRecord>();
  for (const record of records) {
    if (record.type === TYPE.CNAME && !aliases.has(record.owner)) aliases.set(record.owner, record);
  }
  const chain = new Map([[asked, Number.POSITIVE_INFINITY]]);
  let name = asked;
  for (let step = 0; step < MAX_CHAIN; step++) {
    const alias = aliases.get(name);
    const target = alias && readName(data, alias.start);
    if (alias === undefined || target === undefined || target.end > alias.end || chain.has(target.name)) break;
    chain.set(target.name, Math.min(chain.get(name)!, alias.ttlS));
    name = target.name;
  }
  return chain;
}

const PARAMETER = { ipv4hint: 4, ech: 5, ipv6hint: 6 } as const;

/** RFC 9460: priority, target and parameters; priority 0 is an alias without any. */
function readServiceHints(data: Uint8Array, record: DnsRecord, ttlMs: number, message: DnsMessage): void {
  if (record.end - record.start < 3 || half(data, record.start) === 0) return;
  const target = readName(data, record.start + 2);
  if (target === undefined) return;
  let at = target.end;
  while (at + 4 <= record.end) {
    const key = half(data, at);
    const start = at + 4;
    const end = start + half(data, at + 2);
    if (end > record.end) {
      message.isCut = true;
      return;
    }
    if (key === PARAMETER.ech) message.offersEch = true;
    const width = key === PARAMETER.ipv4hint ? 4 : key === PARAMETER.ipv6hint ? 16 : 0;
    for (
      let hint = start;
      width > 0 && hint + width <= end && message.addresses.length < MAX_ADDRESSES;
      hint += width
    ) {
      const address = width === 4 ? ipv4Text(data, hint) : ipv6Text(data, hint);
      message.addresses.push({ address, ttlMs });
    }
    at = end;
  }
}

/** A name there, in lower case, and where its own bytes end. Labels that hold a dot or no printable ASCII are refused. */
function readName(data: Uint8Array, from: number): { name: string; end: number } | undefined {
  let name = '';
  let at = from;
  let end = -1;
  let lowest = from;
  let pointers = 0;
  for (let labels = 0; labels <= MAX_LABELS; ) {
    const length = data[at];
    if (length === undefined) return undefined;
    if (length === 0) return { name, end: end < 0 ? at + 1 : end };
    if (length >= 0xc0) {
      const target = half(data, at) & 0x3fff;
      if (at + 1 >= data.length || target >= lowest || ++pointers > MAX_POINTERS) return undefined;
      if (end < 0) end = at + 2;
      lowest = target;
      at = target;
      continue;
    }
    if (length > 63 || at + 1 + length > data.length) return undefined;
    if (labels > 0) name += '.';
    for (let index = at + 1; index <= at + length; index++) {
      const byte = data[index]!;
      if (byte <= 0x20 || byte >= 0x7f || byte === 0x2e) return undefined;
      name += String.fromCharCode(byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte);
    }
    if (name.length > 253) return undefined;
    labels++;
    at += 1 + length;
  }
  return undefined;
}

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [10, 'NULL'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [64, 'SVCB'],
  [65, 'HTTPS'],
  [255, 'ANY'],
]);
const RCODE_NAMES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const;

/** `TXT`; the number where it has no common name. */
export function typeName(type: number): string {
  return TYPE_NAMES.get(type) ?? String(type);
}

/** `NXDOMAIN`; the number where it has no common name. */
export function rcodeName(rcode: number): string {
  return RCODE_NAMES[rcode] ?? String(rcode);
}

/** The queried name as a host name, or `undefined` when it is none. */
export function hostNameOf(message: DnsMessage): string | undefined {
  return canonicalHostName(message.question.name);
}

/** Splits a TCP stream into messages by their length prefixes. `used`: bytes that will not be needed again. */
export function splitDnsStream(stream: Uint8Array): { messages: Uint8Array[]; used: number } {
  const messages: Uint8Array[] = [];
  let used = 0;
  while (used + 2 <= stream.length) {
    const end = used + 2 + half(stream, used);
    if (end > stream.length) break;
    messages.push(stream.subarray(used + 2, end));
    used = end;
  }
  return { messages, used };
}

function half(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
}
