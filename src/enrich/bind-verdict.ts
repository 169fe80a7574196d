import type { Gateway } from '../types/gateway.ts';
import { addressFamily, isLoopback } from '../types/ip.ts';
import type { Observation } from '../types/socket.ts';

/** Compares addresses only: loopback beside any other address is by design and no difference. */
export function compareBind(
  declared: readonly string[],
  sockets: readonly Pick<Observation, 'local' | 'dualStack'>[],
): Exclude<Gateway['bindVerdict'], 'not listening'> {
  if (declared.length === 0) return 'unknown';
  const effective = sockets.map((socket) => socket.local.address);
  if (effective.some((address) => !covers(declared, address))) return 'wider than declared';
  // A dual-stack wildcard serves IPv4 as well, so whatever was declared is open.
  const isDual = sockets.some((socket) => socket.local.address === '::' && socket.dualStack !== 'no');
  const open = isDual ? [...effective, '0.0.0.0'] : effective;
  return declared.every((address) => covers(open, address)) ? 'as declared' : 'narrower than declared';
}

function covers(addresses: readonly string[], address: string): boolean {
  if (isLoopback(address) || addresses.includes(address)) return true;
  return addresses.includes(addressFamily(address) === 4 ? '0.0.0.0' : '::');
}
