/**
 * Well-known DNS-over-HTTPS resolvers, from the documentation of each operator as of 2026-11-25. Whoever talks to one of
 * them learns addresses that we cannot see being asked for. Incomplete by nature: anybody can run one.
 */
const DOH_HOSTS: ReadonlySet<string> = new Set([
  'cloudflare-dns.com',
  'one.one.one.one',
  'mozilla.cloudflare-dns.com',
  'chrome.cloudflare-dns.com',
  'security.cloudflare-dns.com',
  'family.cloudflare-dns.com',
  'dns.google',
  'dns64.dns.google',
  'dns.quad9.net',
  'dns9.quad9.net',
  'dns10.quad9.net',
  'dns11.quad9.net',
  'doh.opendns.com',
  'doh.familyshield.opendns.com',
  'dns.adguard-dns.com',
  'unfiltered.adguard-dns.com',
  'dns.nextdns.io',
  'firefox.dns.nextdns.io',
  'doh.cleanbrowsing.org',
  'freedns.controld.com',
  'dns.mullvad.net',
  'doh.dns.sb',
  'dns.alidns.com',
  'doh.pub',
  'dns0.eu',
  'doh.libredns.gr',
  'doh.xfinity.com',
]);

/** Their addresses that programs use without any name: a hello to an address carries no server name. */
const DOH_ADDRESSES: ReadonlySet<string> = new Set([
  '1.1.1.1',
  '1.0.0.1',
  '2606:4700:4700::1111',
  '2606:4700:4700::1001',
  '8.8.8.8',
  '8.8.4.4',
  '2001:4860:4860::8888',
  '2001:4860:4860::8844',
  '9.9.9.9',
  '149.112.112.112',
  '2620:fe::fe',
  '2620:fe::9',
]);

/** Whether a hello goes to a known resolver; both canonical, and no name when none was said. */
export function isDohResolver(name: string | undefined, address: string): boolean {
  return (name !== undefined && DOH_HOSTS.has(name)) || DOH_ADDRESSES.has(address);
}
