/** An IPv4 address of this machine; `prefix` is what `fib_trie` says, 32 for an ordinary address. */
export interface LocalAddress {
  address: string;
  prefix: number;
}

/** A network that an interface is attached to, from `/proc/net/route`. */
export interface AttachedNetwork {
  interface: string;
  /** Host byte order. */
  network: number;
  prefix: number;
}

/**
 * Own addresses from `/proc/net/fib_trie`: each `|-- address` whose next line is `/prefix host LOCAL`. The kernel takes
 * these routes away with the interface, so an address listed here is in use. A prefix below 32 is a whole block that
 * answers locally (127.0.0.0/8 always, others by `ip route add local`).
 */
export function parseFibTrie(text: string): { addresses: LocalAddress[]; malformed: number } {
  const found = new Map<string, LocalAddress>();
  let malformed = 0;
  let leaf: string | undefined;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('|-- ')) {
      leaf = trimmed.slice(4);
      continue;
    }
    if (!trimmed.endsWith(' host LOCAL')) continue;
    const prefix = /^\/(\d{1,2}) host LOCAL$/.exec(trimmed);
    if (prefix === null || Number(prefix[1]) > 32 || leaf === undefined || parseDotted(leaf) === undefined) {
      malformed += 1;
      continue;
    }
    found.set(`${leaf}/${prefix[1]}`, { address: leaf, prefix: Number(prefix[1]) });
  }
  return { addresses: [...found.values()], malformed };
}

const RTF_UP = 0x1;
const RTF_GATEWAY = 0x2;
const RTF_REJECT = 0x200;

/**
 * Attached networks from `/proc/net/route`, longest prefix first. It shows the main table only: a tunnel with routes of
 * its own (Tailscale) is not in it.
 */
export function parseRoutes(text: string, byteOrder: 'LE' | 'BE'): AttachedNetwork[] {
  const networks: AttachedNetwork[] = [];
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const name = fields[0];
    const network = parseWord(fields[1], byteOrder);
    const flags = Number.parseInt(fields[3] ?? '', 16);
    const mask = parseWord(fields[7], byteOrder);
    if (name === undefined || network === undefined || mask === undefined || Number.isNaN(flags)) continue;
    const prefix = Math.clz32(~mask >>> 0);
    const isContiguous = prefix === 32 || (mask << prefix) >>> 0 === 0;
    if (!isContiguous || (flags & RTF_UP) === 0 || (flags & (RTF_GATEWAY | RTF_REJECT)) !== 0) continue;
    if (prefix > 0) networks.push({ interface: name, network, prefix });
  }
  return networks.sort((a, b) => b.prefix - a.prefix);
}

/** The attached network that an address lies in. */
export function networkOf(address: string, networks: readonly AttachedNetwork[]): AttachedNetwork | undefined {
  const value = parseDotted(address);
  if (value === undefined) return undefined;
  return networks.find(({ network, prefix }) => {
    const mask = prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0;
    return (value & mask) >>> 0 === (network & mask) >>> 0;
  });
}

function parseWord(hex: string | undefined, byteOrder: 'LE' | 'BE'): number | undefined {
  if (hex === undefined || !/^[0-9A-Fa-f]{8}$/.test(hex)) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  return byteOrder === 'LE' ? bytes.readUInt32LE() : bytes.readUInt32BE();
}

function parseDotted(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    const byte = /^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256;
    if (byte > 255) return undefined;
    value = value * 256 + byte;
  }
  return value;
}
