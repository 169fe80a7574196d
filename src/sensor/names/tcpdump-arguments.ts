import { MAX_REST_BYTES, SNAP_BYTES, TLS_PORTS } from '../../native/packet-filter.ts';

/** Where the tool may be. Never looked up in a PATH that somebody else may write to. */
export const TCPDUMP_PATHS = [
  '/usr/sbin/tcpdump',
  '/usr/bin/tcpdump',
  '/sbin/tcpdump',
  '/run/current-system/sw/bin/tcpdump',
];

/**
 * The filter of the packet socket in the language of the tool. It differs in two things. An IPv6 packet with extension
 * headers is not followed to its ports, because the tool's way of doing so keeps its filter out of the kernel. And the
 * way a packet goes is left to the reader: the tool shows the loopback interface only as packets that arrive.
 */
export function filterExpression(): string {
  const hello = (payload: string, bytes: string, at: (offset: string, width?: number) => string) => {
    const ports = TLS_PORTS.map((port) => `tcp dst port ${port}`).join(' or ');
    const isHello = `${at(payload, 2)} = 0x1603 and ${at(`${payload} + 5`)} = 1`;
    const isData = [0x14, 0x15, 0x17].map((type) => `${at(payload, 2)} = 0x${type.toString(16)}03`).join(' or ');
    const isRest = `(${ports}) and ${bytes} > 0 and ${bytes} <= ${MAX_REST_BYTES} and not (${isData})`;
    return `((${isHello}) or (${isRest}))`;
  };
  const tcp4 = '((tcp[12] & 0xf0) >> 2)';
  const bytes4 = `(ip[2:2] - ((ip[0] & 0xf) << 2) - ${tcp4})`;
  const tcp6 = '((ip6[52] & 0xf0) >> 2)';
  const quic = (at: (offset: number, width: number) => string) =>
    `((${at(9, 4)} = 1 and ${at(8, 1)} & 0xf0 = 0xc0) or (${at(9, 4)} = 0x6b3343cf and ${at(8, 1)} & 0xf0 = 0xd0))`;
  const client = [
    'udp dst port 53',
    'tcp dst port 53',
    `(ip and tcp and ${hello(tcp4, bytes4, (offset, width) => `tcp[${offset}${width ? `:${width}` : ''}]`)})`,
    `(ip6 and ip6[6] = 6 and ${hello(`${tcp6} + 40`, `(ip6[4:2] - ${tcp6})`, (offset, width) => `ip6[${offset}${width ? `:${width}` : ''}]`)})`,
    `(ip and udp and ${quic((offset, width) => `udp[${offset}:${width}]`)})`,
    `(ip6 and ip6[6] = 17 and ${quic((offset, width) => `ip6[${offset + 40}:${width}]`)})`,
  ];
  return ['udp src port 53', 'tcp src port 53', ...client].join(' or ');
}

/** Packets as they come, not in blocks; all interfaces; no look-up of names; 8 MiB of room. */
export function tcpdumpArguments(): string[] {
  return ['-U', '-w', '-', '-s', String(SNAP_BYTES), '-B', '8192', '-i', 'any', '-n', filterExpression()];
}
