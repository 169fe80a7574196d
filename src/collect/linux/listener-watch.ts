import { createAddressReader } from '../../native/netlink/address.ts';
import { createDumper } from '../../native/netlink/dump.ts';
import { STATE } from '../../native/netlink/layout.ts';
import { type NetlinkSocket, openSockDiag } from '../../native/netlink/socket.ts';
import { isLoopback } from '../../types/ip.ts';

/** Watches for new listeners between two looks. */
export interface ListenerWatch {
  close(): void;
}

export interface ListenerWatchOptions {
  /** Called when something began to listen beyond loopback; a look says what it is. */
  onNew: () => void;
  everyMs?: number;
  open?: () => NetlinkSocket | { why: string };
}

/**
 * A list of TCP listeners alone costs half a millisecond, so it can be had several times between two whole looks: half a
 * second is how long an exposure may go unnoticed without a sensor.
 */
const EVERY_MS = 500;

/**
 * Looks at the listeners of our own namespace at a short interval. It judges nothing: whatever is new and not loopback asks
 * for a look. Where netlink does not work it is silent, since the regular look sees everything all the same. Its timer does
 * not keep the process alive.
 */
export function createListenerWatch({
  onNew,
  everyMs = EVERY_MS,
  open = openSockDiag,
}: ListenerWatchOptions): ListenerWatch {
  const dumper = createDumper(createAddressReader());
  let known: ReadonlySet<string> | undefined;

  function check(): void {
    const socket = open();
    if ('why' in socket) return;
    try {
      const answer = dumper.dump(socket, { protocol: 'tcp', family: 'both', states: 1 << STATE.listen });
      if ('why' in answer) return;
      const now = new Set<string>();
      for (const { localAddress, localPort } of answer.sockets) {
        if (!isLoopback(localAddress)) now.add(`${localPort} ${localAddress}`);
      }
      const before = known;
      known = now;
      if (before !== undefined && [...now].some((listener) => !before.has(listener))) onNew();
    } finally {
      socket.close();
    }
  }

  const timer = setInterval(check, everyMs);
  timer.unref();
  check();
  return { close: () => clearInterval(timer) };
}
