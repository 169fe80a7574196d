import { canonicalHostName } from '../types/host-name.ts';
import { canonicalAddress } from '../types/ip.ts';

/** A URL as indicators compare it: without user, query and fragment. Nothing is ever fetched from it. */
export interface BadUrl {
  /** Canonical host name or address. */
  host: string;
  port: number;
  /** Begins with a slash, has none at its end unless it is the root. */
  path: string;
}

const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'ws:': 80, 'wss:': 443, 'ftp:': 21 };

/** `undefined` for what is no URL of the web. */
export function parseBadUrl(text: string): BadUrl | undefined {
  if (text.length > 2048 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const port = url.port === '' ? PORTS[url.protocol] : Number(url.port);
  if (port === undefined) return undefined;
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  const host = canonicalAddress(bare) ?? canonicalHostName(bare);
  if (host === undefined) return undefined;
  return { host, port, path: url.pathname.replace(/\/+$/, '') || '/' };
}

/** That path, or something below it. */
export function isBelow(path: string, base: string): boolean {
  return base === '/' || path === base || path.startsWith(`${base}/`);
}
