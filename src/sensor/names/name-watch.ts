import type { CapturedPacket } from '../../native/packet-socket.ts';
import type { NameBlindness, NameEvent, QuestionEvent } from '../../types/sensor.ts';
import { type DnsAnswer, DnsWatch } from './dns-watch.ts';
import { isDohResolver } from './doh-resolvers.ts';
import { HelloWatch, type SeenHello } from './hello-watch.ts';
import { parseIpPacket, type Segment } from './ip-packet.ts';
import { RecentKeys } from './recent-keys.ts';

export interface NameWatch {
  /** Reads one packet. Never throws; keeps nothing of it but names, addresses and the beginnings of hellos. */
  packet(packet: CapturedPacket): void;
  /** Names since the last call, in the order they were seen. */
  drain(): NameEvent[];
  /** Questions that were settled since the last call: answered, or waited for in vain. */
  questions(): QuestionEvent[];
  /** Counts since the start; the object changes. */
  readonly blindness: NameBlindness;
  /** Names, questions and packets that were given up because there were too many, since the last call. */
  overflow(): number;
  /** How much is kept now, for tests and diagnosis. */
  readonly held: { questions: number; flows: number; bytes: number; keys: number };
}

function directionOf({ direction }: CapturedPacket, { sourcePort, destinationPort }: Segment): 'in' | 'out' {
  if (direction !== 'loop') return direction;
  return sourcePort === 53 && destinationPort !== 53 ? 'in' : 'out';
}

const MAX_EVENTS = 20_000;
// The same answer or hello again within this time is told once.
const REPEAT_MS = 10_000;
const MAX_REPEATS = 8192;
// A browser keeps what it resolved for minutes, and its connections for longer.
const RESOLVED_MS = 3_600_000;
const MAX_RESOLVED = 16_384;

/**
 * Turns packets into names for addresses.
 *
 * A hello with the extension of an encrypted hello is told only when this host was seen to resolve the very name it shows
 * to the very address it goes to. Browsers send meaningless bytes in that extension to everybody, so leaving all of them
 * out would lose every name of a browser; and the outer name of a truly encrypted hello, which is not where the
 * connection goes, is one that nobody resolves. What stays untold counts in `blindness.ech`.
 */
export function createNameWatch({ now }: { now: () => number }): NameWatch {
  const blindness: NameBlindness = { dot: 0, doh: 0, ech: 0, malformed: 0 };
  const dns = new DnsWatch(blindness);
  const hellos = new HelloWatch(blindness);
  const told = new RecentKeys(MAX_REPEATS, REPEAT_MS);
  const resolved = new RecentKeys(MAX_RESOLVED, RESOLVED_MS);
  let events: NameEvent[] = [];
  let overflow = 0;

  function tell(key: string, event: NameEvent): void {
    if (told.has(key, event.at)) return;
    if (events.length >= MAX_EVENTS) {
      overflow++;
      return;
    }
    told.add(key, event.at);
    events.push(event);
  }

  function tellAnswer({ name, server, addresses }: DnsAnswer, at: number): void {
    for (const { address, ttlMs } of addresses) {
      resolved.add(`${name} ${address}`, at);
      tell(`${name} ${address} ${server}`, { kind: 'name', at, address, name, source: 'dns', ttlMs, server });
    }
  }

  function tellHello({ hello, at, local, remote }: SeenHello): void {
    const { name } = hello;
    if (remote.port === 853) blindness.dot++;
    else if (isDohResolver(name, remote.address)) blindness.doh++;
    if (hello.hasEch && (name === undefined || !resolved.has(`${name} ${remote.address}`, at))) {
      blindness.ech++;
      return;
    }
    // A hello that breaks the rules is no connection's: servers refuse it, so its name means nothing.
    if (name === undefined || hello.state === 'malformed') return;
    const { address, port } = remote;
    tell(`${name} ${address} ${port} ${local.address} ${local.port}`, {
      kind: 'name',
      at,
      address,
      name,
      source: 'sni',
      local,
      remotePort: port,
    });
  }

  return {
    packet(packet) {
      const { at } = packet;
      const segment = parseIpPacket(packet.data);
      if (typeof segment === 'string') {
        if (segment !== 'other') blindness.malformed++;
        return;
      }
      const direction = directionOf(packet, segment);
      if ((direction === 'out' ? segment.destinationPort : segment.sourcePort) === 53) {
        for (const answer of dns.read(segment, direction, at)) tellAnswer(answer, at);
      } else if (direction === 'out') {
        const hello = hellos.read(segment, at);
        if (hello) tellHello(hello);
      }
    },
    drain() {
      const at = now();
      dns.expire(at);
      for (const hello of hellos.expire(at)) tellHello(hello);
      const drained = events;
      events = [];
      return drained;
    },
    questions: () => dns.asked.drain(now()),
    blindness,
    overflow() {
      const count = overflow + hellos.skipped + dns.asked.untold();
      overflow = 0;
      hellos.skipped = 0;
      return count;
    },
    get held() {
      const [asked, said] = [dns.held, hellos.held];
      return {
        questions: asked.questions + dns.asked.size,
        flows: asked.flows + said.flows,
        bytes: asked.bytes + said.bytes,
        keys: told.size + resolved.size,
      };
    },
  };
}
