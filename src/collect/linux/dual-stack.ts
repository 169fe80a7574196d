import { isListening, type Observation } from '../../types/socket.ts';

/**
 * Says for each `::` listener of one namespace whether it takes IPv4 too.
 *
 * `/proc` does not show IPV6_V6ONLY, and `net.ipv6.bindv6only` is only the default a program starts from (OpenClaw's
 * runtime sets the option itself), so it proves nothing. Two things in the tables do: an IPv4-mapped connection at that
 * port was accepted by a dual-stack listener; a `0.0.0.0` listener at the same port means that the two share the work,
 * because the kernel refuses both on one port unless both ask for it (SO_REUSEPORT). Otherwise it stays `unknown`, and
 * whoever judges must assume the wider reach.
 */
export function markDualStack(observations: readonly Observation[]): void {
  const wildcards = observations.filter((socket) => isListening(socket) && socket.local.address === '::');
  if (wildcards.length === 0) return;
  const ports = new Set(wildcards.map((socket) => socket.local.port));
  const separate = new Set<string>();
  const accepted = new Set<number>();
  for (const socket of observations) {
    if (!ports.has(socket.local.port)) continue;
    if (isListening(socket)) {
      if (socket.family === 4 && socket.local.address === '0.0.0.0') {
        separate.add(`${socket.protocol} ${socket.local.port}`);
      }
    } else if (isMappedConnection(socket)) accepted.add(socket.local.port);
  }
  for (const socket of wildcards) {
    if (socket.protocol === 'tcp' && accepted.has(socket.local.port)) socket.dualStack = 'yes';
    else socket.dualStack = separate.has(`${socket.protocol} ${socket.local.port}`) ? 'no' : 'unknown';
  }
}

function isMappedConnection(socket: Observation): boolean {
  return socket.protocol === 'tcp' && socket.family === 6 && !socket.local.address.includes(':');
}
