import { canonicalAddress, classifyAddress } from '../../types/ip.ts';
import type { PastConnection } from '../../types/ledger.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import type { ContactBook } from './contact-book.ts';
import { KEEP_CONTACTS_MS, type LedgerLimits } from './limits.ts';
import type { FollowedSockets } from './sockets.ts';

/** Rows that a start reads at most: a single look must not wait for a month of history. */
export const MAX_RESTORED = 50_000;

const HOUR_MS = 3_600_000;

/**
 * Puts recorded connections back as events. What happened inside an open connection is not on record: its bytes are
 * spread evenly over its life, and it counts as one event.
 */
export function restore(
  past: readonly PastConnection[],
  snapshot: Snapshot,
  into: { contacts: ContactBook; sockets: FollowedSockets; limits: LedgerLimits },
): void {
  for (const connection of past) {
    const end = remoteOf(connection.key);
    // A record with times of the future is of a clock that was set back.
    if (end === undefined || connection.firstAt > snapshot.at) continue;
    const { role, skill, gatewayId, name, verdict, verdictReason, firstAt, key } = connection;
    const lastAt = Math.min(Math.max(firstAt, connection.lastAt), snapshot.at);
    const contact = into.contacts.of(connection, end.port, role, firstAt);
    contact.see({
      ...{ role, skill, gatewayId, name, verdict, verdictReason },
      address: end.address,
      remoteClass: classifyAddress(end.address, snapshot.addressContext),
    });
    const keptFrom = snapshot.at - KEEP_CONTACTS_MS;
    if (firstAt >= keptFrom) contact.event(firstAt, into.limits.eventsPerContact);
    spread(connection, Math.max(firstAt, keptFrom), lastAt, (at, bytesOut, bytesIn, isOne) =>
      isOne ? contact.addBytes(at, firstAt, bytesOut, bytesIn) : contact.addPastBytes(at, bytesOut, bytesIn),
    );
    contact.lastAt = Math.max(contact.lastAt, lastAt);
    if (!connection.isOpen) continue;
    const { bytesOut, bytesIn, inode } = connection;
    const life = { eventAt: firstAt, seenAt: lastAt, bytesOut, bytesIn };
    into.sockets.resume(key, contact, { ...life, ...(inode !== undefined && { inode }) });
  }
}

/** Far end in a key of `connectionKey`. */
function remoteOf(key: string): { address: string; port: number } | undefined {
  const [, , , , remote, port] = key.split(' ');
  const address = canonicalAddress(remote ?? '');
  const number = Number(port);
  return address === undefined || !Number.isInteger(number) ? undefined : { address, port: number };
}

function spread(
  { bytesOut, bytesIn, firstAt }: PastConnection,
  fromAt: number,
  lastAt: number,
  add: (at: number, bytesOut: number, bytesIn: number, isOne: boolean) => void,
): void {
  const wholeMs = lastAt - firstAt;
  if (wholeMs < HOUR_MS) {
    if (bytesOut + bytesIn > 0) add(fromAt, bytesOut, bytesIn, true);
    return;
  }
  for (let at = fromAt; at < lastAt; at += HOUR_MS) {
    const share = Math.min(HOUR_MS, lastAt - at) / wholeMs;
    add(at, Math.round(bytesOut * share), Math.round(bytesIn * share), false);
  }
}
