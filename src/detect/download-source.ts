import type { Severity } from '../types/finding.ts';
import type { HostCategory, Indicators } from '../types/indicators.ts';
import { type AddressContext, canonicalAddress, classifyAddress } from '../types/ip.ts';
import { hostOf } from './command-urls.ts';

/** Where something that is run was fetched from. */
export interface DownloadSource {
  severity: Severity;
  /** Why this severity, for the reader. */
  reason: string;
  /** Host as spelled, for the title; absent when none is. */
  host?: string;
  /** Grave enough to be told of everybody's processes and not the agent's alone. */
  isHostWide: boolean;
}

/**
 * Official installers, by host and the beginning of the path: at some of these hosts anybody can put a file. Reviewed
 * 2026-11-20.
 */
const INSTALLERS: readonly (readonly [host: string, path: string])[] = [
  ['openclaw.ai', '/'],
  ['get.docker.com', '/'],
  ['sh.rustup.rs', '/'],
  ['static.rust-lang.org', '/rustup/'],
  ['astral.sh', '/'],
  ['bun.sh', '/'],
  ['bun.com', '/'],
  ['deno.land', '/install.sh'],
  ['deb.nodesource.com', '/'],
  ['rpm.nodesource.com', '/'],
  ['fnm.vercel.app', '/install'],
  ['get.pnpm.io', '/'],
  ['raw.githubusercontent.com', '/Homebrew/'],
  ['raw.githubusercontent.com', '/nvm-sh/'],
  ['claude.ai', '/install.sh'],
  ['tailscale.com', '/install.sh'],
  ['ollama.com', '/install.sh'],
];

/** Hosts at which anybody can leave a file without a name. */
const THROW_AWAY: ReadonlySet<HostCategory> = new Set<HostCategory>([
  'paste',
  'filedrop',
  'webhook',
  'tunnel',
  'dyndns',
  'tor',
]);

/** True for addresses that are neither this host nor its own networks. Documentation blocks stand for nobody's network. */
export function isForeignAddress(host: string, context: AddressContext): boolean {
  const address = canonicalAddress(host);
  if (address === undefined) return false;
  return ['public', 'special', 'cgnat'].includes(classifyAddress(address, context));
}

/** How bad it is to run what comes from there; the gravest of several. */
export function sourceOfDownload(
  urls: readonly URL[],
  isDecoded: boolean,
  { indicators, addresses }: { indicators: Indicators | undefined; addresses: AddressContext },
): DownloadSource {
  if (isDecoded) {
    const host = urls[0] && hostOf(urls[0]);
    return {
      severity: 'high',
      reason: 'it is decoded on the way, so that nobody could read it',
      isHostWide: true,
      ...(host === undefined ? {} : { host }),
    };
  }
  const judged = urls.map((url) => ofUrl(url, indicators, addresses));
  const order: readonly Severity[] = ['high', 'medium', 'low', 'info'];
  const gravest = order.map((severity) => judged.find((one) => one.severity === severity)).find((one) => one);
  return gravest ?? { severity: 'medium', reason: 'where it comes from is not spelled out', isHostWide: false };
}

function ofUrl(url: URL, indicators: Indicators | undefined, addresses: AddressContext): DownloadSource {
  const host = hostOf(url);
  const isAddress = canonicalAddress(host) !== undefined;
  const end = isAddress ? { address: host, url: url.href } : { name: host, url: url.href };
  if ((indicators?.match(end).length ?? 0) > 0) {
    return { severity: 'high', reason: 'the host is a published indicator of malice', host, isHostWide: true };
  }
  if (isForeignAddress(host, addresses)) {
    return { severity: 'high', reason: 'it comes from a bare address without a name', host, isHostWide: true };
  }
  if (isAddress) {
    const isSelf = classifyAddress(host, addresses) === 'loopback';
    const reason = isSelf ? 'it comes from this host' : 'it comes from an address in a network of this host';
    return { severity: isSelf ? 'info' : 'medium', reason, host, isHostWide: false };
  }
  const category = indicators?.categoriesOf({ name: host }).find((one) => THROW_AWAY.has(one));
  if (category !== undefined) {
    return { severity: 'high', reason: `anybody can leave a file there (${category})`, host, isHostWide: false };
  }
  const isInstaller = INSTALLERS.some(([name, path]) => name === host && url.pathname.startsWith(path));
  if (isInstaller && url.protocol === 'https:') {
    return { severity: 'info', reason: 'it is a known installer', host, isHostWide: false };
  }
  return { severity: 'medium', reason: 'the host is not one of the known installers', host, isHostWide: false };
}
