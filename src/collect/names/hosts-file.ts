import { canonicalHostName } from '../../types/host-name.ts';
import { canonicalAddress, classifyAddress } from '../../types/ip.ts';

/** Names that a hosts file gives to each address, canonical. */
export type HostsTable = ReadonlyMap<string, readonly string[]>;

const MAX_KEPT_NAMES = 4_096;

/**
 * Reads `/etc/hosts`: an address and its names on each line, `#` starts a comment (hosts(5)). Lines for this host itself
 * and for 0.0.0.0 are left out, since nothing is ever connected to under them: block lists hold 200,000 of those.
 * Lines that cannot be read are skipped, as the resolver skips them.
 */
export function parseHostsFile(text: string): HostsTable {
  const table = new Map<string, string[]>();
  let kept = 0;
  for (const line of text.split('\n')) {
    if (kept >= MAX_KEPT_NAMES) break;
    if (line === '' || line.startsWith('#') || line.startsWith('0.0.0.0') || line.startsWith('127.')) continue;
    const [addressText = '', ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    const address = canonicalAddress(addressText);
    if (address === undefined || ['loopback', 'unspecified', 'multicast'].includes(classifyAddress(address))) continue;
    for (const written of names) {
      const name = canonicalHostName(written);
      if (name === undefined || kept >= MAX_KEPT_NAMES) continue;
      const known = table.get(address);
      if (known === undefined) table.set(address, [name]);
      else if (!known.includes(name)) known.push(name);
      kept += 1;
    }
  }
  return table;
}

const MAX_NAME_SERVERS = 8;

/** Name servers of `/etc/resolv.conf` (resolv.conf(5)), canonical, in order. */
export function parseNameServers(text: string): string[] {
  const servers = new Set<string>();
  for (const line of text.slice(0, 65_536).split('\n')) {
    const written = /^nameserver\s+(\S+)/.exec(line.trim())?.[1];
    const address = written === undefined ? undefined : canonicalAddress(written);
    if (address !== undefined && servers.size < MAX_NAME_SERVERS) servers.add(address);
  }
  return [...servers];
}
