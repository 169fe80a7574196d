import { type DestroyStream, openDestroyStream } from '../../native/netlink/destroy-stream.ts';
import type { BlindSpot } from '../../types/blind-spot.ts';
import type { ClosedSocket, SocketReading } from '../../types/collector.ts';
import { readNetns } from './netns.ts';

/** Connections that ended between two looks. */
export interface Ends {
  fetch(): ClosedSocket[];
  /** After the dump: those of `before`, and those that ended during it. */
  after(before: ClosedSocket[]): Pick<SocketReading, 'closedSockets'>;
  blindSpots(): BlindSpot[];
}

export function createEnds(openStream = openOwnStream): Ends {
  let stream: DestroyStream | { why: string } | undefined;
  /** What ended while the last dump ran may still have been in it: the next look has to hear of it as well. */
  let during: ClosedSocket[] = [];
  let lost: string | undefined;
  let looks = 0;

  function drain(): ClosedSocket[] {
    if (stream === undefined || 'why' in stream) return [];
    const { closed, losses } = stream.drain();
    lost ??= losses[0]?.why;
    return closed;
  }

  return {
    fetch() {
      looks += 1;
      lost = undefined;
      // A single look has nothing before it, and needs no second socket.
      if (looks === 2) stream = openStream();
      return [...during, ...drain()];
    },
    after(before) {
      during = drain();
      return stream === undefined || 'why' in stream ? {} : { closedSockets: [...before, ...during] };
    },
    blindSpots() {
      if (stream !== undefined && 'why' in stream) return [unseenEnds(stream.why)];
      return lost === undefined ? [] : [unseenEnds(lost)];
    },
  };
}

function openOwnStream(): DestroyStream | { why: string } {
  return openDestroyStream({ netns: readNetns('/proc', 'self') ?? 'own' });
}

function unseenEnds(why: string): BlindSpot {
  return {
    id: 'netlink.ends',
    source: 'netlink',
    what: 'bytes that connections sent and received after the last look at them',
    why,
    essential: false,
  };
}
