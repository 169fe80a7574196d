import ipaddr from 'ipaddr.js';
import { canonicalHostName, LABEL, MAX_NAME_LENGTH } from '../../types/host-name.ts';
import { canonicalAddress } from '../../types/ip.ts';

/**
 * What a rule or an expectation says about the far end of a connection.
 *
 * - `host.example`: that host and nothing below it.
 * - `*.host.example`: every name below it, at any depth, and not `host.example` itself.
 * - `wss-*.slack.com`: one `*` in a label stands for one or more characters of that label; the last two labels have none.
 * - `192.0.2.7`, `2001:db8::7`, `192.0.2.0/24`: an address or a block.
 *
 * Each with `:port` where wanted, IPv6 then in brackets. Labels are compared whole and without case, so neither
 * `evil-telegram.org` nor `api.telegram.org.evil.test` is `telegram.org`.
 */
export type HostPattern =
  | { kind: 'name'; name: string; port?: number }
  | { kind: 'labels'; below: boolean; labels: readonly LabelPattern[]; port?: number }
  | { kind: 'address'; address: string; port?: number }
  | { kind: 'block'; network: ipaddr.IPv4 | ipaddr.IPv6; bits: number; port?: number };

/** A label, or what stands before and after the `*` in it. */
type LabelPattern = string | { before: string; after: string };

export type ParsedHostPattern = { ok: true; pattern: HostPattern } | { ok: false; problem: string };

/** The far end of a connection as far as it is known; `name` as `canonicalHostName` spells it. */
export interface FarEnd {
  name?: string | undefined;
  address?: string | undefined;
  port?: number | undefined;
}

/** Reads a pattern. What is no pattern comes back with the reason and never as one that matches too much. */
export function parseHostPattern(text: string): ParsedHostPattern {
  const trimmed = text.trim();
  if (trimmed.length > MAX_NAME_LENGTH + 10) return { ok: false, problem: 'too long' };
  // What people copy from a browser; else they would read about a port.
  if (trimmed.includes('://')) return { ok: false, problem: 'a URL is no pattern; give its host alone' };
  const split = splitPort(trimmed);
  if (split === undefined) return { ok: false, problem: 'the port is not a number from 1 to 65535' };
  const parsed = parseHost(split.host);
  if (!parsed.ok || split.port === undefined) return parsed;
  return { ok: true, pattern: { ...parsed.pattern, port: split.port } };
}

/** True when the pattern covers that end. A pattern of names never matches an end without a name. */
export function matchesHostPattern(pattern: HostPattern, end: FarEnd): boolean {
  if (pattern.port !== undefined && pattern.port !== end.port) return false;
  switch (pattern.kind) {
    case 'name':
      return pattern.name === end.name;
    case 'labels':
      return end.name !== undefined && matchesLabels(pattern, end.name.split('.'));
    case 'address':
      return pattern.address === end.address;
    case 'block':
      return end.address !== undefined && isInBlock(pattern.network, pattern.bits, end.address);
  }
}

function splitPort(text: string): { host: string; port?: number } | undefined {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/s.exec(text);
  // More than one colon without brackets is an IPv6 address without a port.
  const plain = bracketed ?? (text.indexOf(':') === text.lastIndexOf(':') ? /^([^:]*)(?::(.*))?$/s.exec(text) : null);
  if (plain === null) return { host: text };
  const host = plain[1]!;
  if (plain[2] === undefined) return { host };
  const port = /^\d{1,5}$/.test(plain[2]) ? Number(plain[2]) : 0;
  return port > 0 && port < 65536 ? { host, port } : undefined;
}

function parseHost(host: string): ParsedHostPattern {
  if (host.includes('/')) return parseBlock(host);
  const address = canonicalAddress(host);
  if (address !== undefined) return { ok: true, pattern: { kind: 'address', address } };
  if (host.includes('*')) return parseLabels(host);
  const name = canonicalHostName(host);
  if (name === undefined) return { ok: false, problem: 'neither a host name nor an address' };
  return { ok: true, pattern: { kind: 'name', name } };
}

function parseBlock(text: string): ParsedHostPattern {
  const [base = '', bitsText = '', ...rest] = text.split('/');
  const address = canonicalAddress(base);
  if (address === undefined || rest.length > 0 || !/^\d{1,3}$/.test(bitsText)) {
    return { ok: false, problem: 'not an address block such as 192.0.2.0/24' };
  }
  const network = ipaddr.parse(address);
  // `::ffff:192.0.2.0/120` is written in IPv6 bits and means an IPv4 block.
  const bits = Number(bitsText) - (base.includes(':') && network.kind() === 'ipv4' ? 96 : 0);
  if (bits < 0 || bits > (network.kind() === 'ipv4' ? 32 : 128)) {
    return { ok: false, problem: 'the prefix length is out of range' };
  }
  if (bits === 0) return { ok: false, problem: 'it would match every address' };
  return { ok: true, pattern: { kind: 'block', network, bits } };
}

function parseLabels(text: string): ParsedHostPattern {
  const below = text.startsWith('*.');
  const rest = below ? text.slice(2) : text;
  // Only the part without stars can be international.
  const written = rest.includes('*') ? rest.toLowerCase().replace(/\.$/, '') : canonicalHostName(rest);
  if (written === undefined) return { ok: false, problem: 'no host name follows "*."' };
  const labels = written.split('.');
  if (labels.length < 2) return { ok: false, problem: 'it would match a whole top-level domain' };
  if (labels.slice(-2).some((label) => label.includes('*'))) {
    return { ok: false, problem: 'the last two labels must be written out' };
  }
  const parsed = labels.map(parseLabel);
  if (!parsed.every((label) => label !== undefined)) return { ok: false, problem: 'a label is not valid' };
  return { ok: true, pattern: { kind: 'labels', below, labels: parsed } };
}

function parseLabel(label: string): LabelPattern | undefined {
  const [before = '', after, ...more] = label.split('*');
  if (after === undefined) return LABEL.test(label) ? label : undefined;
  return more.length === 0 && LABEL.test(`${before}x${after}`) ? { before, after } : undefined;
}

function matchesLabels(
  { below, labels }: { below: boolean; labels: readonly LabelPattern[] },
  name: string[],
): boolean {
  const extra = name.length - labels.length;
  if (below ? extra < 1 : extra !== 0) return false;
  return labels.every((label, index) => matchesLabel(label, name[index + extra]!));
}

function matchesLabel(pattern: LabelPattern, label: string): boolean {
  if (typeof pattern === 'string') return pattern === label;
  const { before, after } = pattern;
  return label.length > before.length + after.length && label.startsWith(before) && label.endsWith(after);
}

function isInBlock(network: ipaddr.IPv4 | ipaddr.IPv6, bits: number, text: string): boolean {
  const canonical = canonicalAddress(text);
  if (canonical === undefined) return false;
  const address = ipaddr.parse(canonical);
  return address.kind() === network.kind() && (address as ipaddr.IPv6).match(network as ipaddr.IPv6, bits);
}
