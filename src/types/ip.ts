import ipaddr from 'ipaddr.js';

/**
 * What kind of place an address is. Membership is tested in the order of the list in `classifyAddress`: a metadata
 * address is also link-local, a tailnet address is also carrier-grade NAT, and the narrower word wins.
 */
export type AddressClass =
  | 'unspecified' // 0.0.0.0 or ::, "every address" when listening
  | 'loopback'
  | 'metadata' // cloud instance metadata services
  | 'tailnet' // 100.64/10 or fd7a:115c:a1e0::/48 while a Tailscale interface exists
  | 'cgnat' // 100.64/10 without Tailscale: neither private nor public
  | 'link-local'
  | 'private'
  | 'multicast'
  | 'special' // documentation, benchmarking, reserved: never a real peer
  | 'public'
  | 'invalid';

/** What the host itself decides about addresses. Both fields only ever make the answer stricter. */
export interface AddressContext {
  /** True when this host has a Tailscale interface; then 100.64/10 means tailnet and not a carrier's NAT. */
  tailnet?: boolean;
  /**
   * CIDR blocks that count as public although they are special-use: `CLAWWATCH_LAB_PUBLIC`, for laboratories only. They
   * turn `special` into `public` and nothing else: an own network that counted as the internet would silence the rules
   * about own networks.
   */
  labPublic?: readonly string[];
}

// Sources: AWS, GCP, Azure, Alibaba, Oracle, Tencent documentation of their instance metadata endpoints.
const METADATA = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  '169.254.0.23',
]);

// 45 characters of the longest spelling, and room for a zone.
const MAX_ADDRESS_LENGTH = 128;

// The library tells by throwing, some twenty microseconds each, and most texts asked about are host names.
const ADDRESS_LETTERS = /^[\da-fA-F.:]+(?:%.*)?$/s;

const TAILNET_V6 = ipaddr.IPv6.parse('fd7a:115c:a1e0::');

/**
 * The one spelling of an address that the whole program compares and prints: lower case, compressed, IPv4-mapped IPv6
 * as IPv4, without zone. Text that is not an address comes back as `undefined`, never as a guess.
 */
export function canonicalAddress(text: string): string | undefined {
  // Longer text is no address; cutting here keeps 64 KiB of it away from the parser's regular expressions.
  if (text.length > MAX_ADDRESS_LENGTH || !ADDRESS_LETTERS.test(text)) return undefined;
  const bare = text.includes(':') ? text.replace(/%.*$/s, '') : text;
  // A leading zero is octal to some programs and decimal to others, also in the IPv4 tail of `::ffff:0177.0.0.1`.
  const tailAt = bare.lastIndexOf(':') + 1;
  const tail = bare.slice(tailAt);
  const isDotted = tail.includes('.') || tailAt === 0;
  if (isDotted && !ipaddr.IPv4.isValidFourPartDecimal(tail)) return undefined;
  // ipaddr.js reads `::127.0.0.1` as if it were `::ffff:127.0.0.1`; in hexadecimal it cannot.
  const spelled = isDotted && tailAt > 0 ? bare.slice(0, tailAt) + hexadecimal(tail) : bare;
  if (!ipaddr.isValid(spelled)) return undefined;
  return ipaddr.process(spelled).toString();
}

/**
 * The class of an address in any spelling. NAT64, 6to4 and SIIT are unwrapped, because they reach the IPv4 address
 * inside; unwrapping never makes a `loopback` or `unspecified`.
 */
export function classifyAddress(text: string, context: AddressContext = {}): AddressClass {
  const canonical = canonicalAddress(text);
  if (canonical === undefined) return 'invalid';
  const outer = ipaddr.parse(canonical);
  const address = unwrap(outer);
  const found = classOf(address, outer, context.tailnet === true);
  return found === 'special' && inLabPublic(address, context.labPublic) ? 'public' : found;
}

function classOf(address: Address, outer: Address, tailnet: boolean): AddressClass {
  if (METADATA.has(address.toString())) return 'metadata';
  if (address.kind() === 'ipv6' && (address as ipaddr.IPv6).match(TAILNET_V6, 48)) {
    return tailnet ? 'tailnet' : 'private';
  }
  // The library's type lacks `deprecatedSiteLocal`, which it does return.
  switch (address.range() as string) {
    case 'unspecified':
      // ipaddr.js means all of 0.0.0.0/8; only 0.0.0.0 itself says "every address".
      return address === outer && isZero(address) ? 'unspecified' : 'special';
    case 'loopback':
      // 127.0.0.1 inside a 6to4 or NAT64 address leaves this host: a stranger must not be taken for ourselves.
      return address === outer ? 'loopback' : 'special';
    case 'carrierGradeNat':
      return tailnet ? 'tailnet' : 'cgnat';
    case 'linkLocal':
      return 'link-local';
    case 'private':
    case 'uniqueLocal':
    case 'deprecatedSiteLocal':
      return 'private';
    case 'multicast':
    case 'broadcast':
      return 'multicast';
    case 'teredo':
    case 'as112':
    case 'as112v6':
    case 'amt':
      // Special by registry, yet routed on the internet: a host with such an address can be reached from anywhere.
      return 'public';
    case 'unicast':
      // ipaddr.js calls everything outside its tables unicast; of IPv6 only 2000::/3 is routed on the internet.
      return address.kind() === 'ipv4' || (address.toByteArray()[0]! & 0xe0) === 0x20 ? 'public' : 'special';
    default:
      return 'special';
  }
}

/** True for 127/8, ::1 and their IPv4-mapped spellings, and for nothing else. */
export function isLoopback(text: string): boolean {
  return classifyAddress(text) === 'loopback';
}

/** True for 0.0.0.0 and ::, which in a listening socket mean "every address of this host". */
export function isWildcard(text: string): boolean {
  return text === '0.0.0.0' || text === '::' || classifyAddress(text) === 'unspecified';
}

/** `4` or `6` of a canonical address. */
export function addressFamily(canonical: string): 4 | 6 {
  return canonical.includes(':') ? 6 : 4;
}

/** `address:port` with brackets where IPv6 needs them. */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function hexadecimal(quad: string): string {
  const [a, b, c, d] = quad.split('.').map(Number) as [number, number, number, number];
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function unwrap(address: Address): Address {
  if (address.kind() === 'ipv4') return address;
  const bytes = address.toByteArray();
  const range = address.range();
  if (range === 'rfc6052' || range === 'rfc6145') return new ipaddr.IPv4(bytes.slice(12, 16));
  if (range === '6to4') return new ipaddr.IPv4(bytes.slice(2, 6));
  return address;
}

function isZero(address: Address): boolean {
  return address.toByteArray().every((byte) => byte === 0);
}

// A block that is none is skipped: the configuration reports it, and a judgement must not fail over it.
function inLabPublic(address: Address, blocks: readonly string[] | undefined): boolean {
  return (blocks ?? []).some((block) => {
    if (!ipaddr.isValidCIDR(block)) return false;
    const [network, bits] = ipaddr.parseCIDR(block);
    return network.kind() === address.kind() && (address as ipaddr.IPv6).match(network as ipaddr.IPv6, bits);
  });
}
