import type { NameBlindness } from '../../types/sensor.ts';
import type { Segment } from './ip-packet.ts';
import { QuicHellos } from './quic-hellos.ts';
import { TcpReassembly } from './tcp-reassembly.ts';
import { type Hello, mayBeHello, readHelloRecords } from './tls-hello.ts';

/** A hello of a connection that left this host. */
export interface SeenHello {
  hello: Hello;
  at: number;
  local: { address: string; port: number };
  remote: { address: string; port: number };
}

const LIMITS = {
  maxFlows: 4096,
  maxBytesPerFlow: 16_384,
  maxBytes: 8 * 1024 * 1024,
  maxSegmentsPerFlow: 64,
  // Between two segments of a hello lies at most a retransmission or two.
  idleMs: 3000,
};

/** Puts the hellos of TCP and QUIC connections together. Each connection says its name once; the first one counts. */
export class HelloWatch {
  readonly #flows = new TcpReassembly(LIMITS, mayBeHello);
  readonly #quic = new QuicHellos();
  readonly #blindness: NameBlindness;
  /** QUIC packets that were not opened because there were too many. */
  skipped = 0;

  constructor(blindness: NameBlindness) {
    this.#blindness = blindness;
  }

  /** A segment or datagram that a client sent. */
  read(segment: Segment, at: number): SeenHello | undefined {
    const key = `${segment.source} ${segment.sourcePort} ${segment.destination} ${segment.destinationPort}`;
    return segment.protocol === 'tcp' ? this.#readTcp(key, segment, at) : this.#readQuic(key, segment, at);
  }

  /** Hellos whose rest never came. What they said until then is still true of the connection. */
  expire(at: number): SeenHello[] {
    const tcp = this.#flows.expire(at).map(({ key, prefix, lastAt }) => seen(key, readHelloRecords(prefix), lastAt));
    const quic = this.#quic.expire(at).map(({ key, hello }) => seen(key, hello, at));
    this.#blindness.malformed += tcp.length + quic.length + this.#flows.untold();
    return [...tcp, ...quic];
  }

  get held(): { flows: number; bytes: number } {
    const [tcp, quic] = [this.#flows.held, this.#quic.held];
    return { flows: tcp.flows + quic.flows, bytes: tcp.bytes + quic.bytes };
  }

  #readTcp(key: string, segment: Segment, at: number): SeenHello | undefined {
    const stream = this.#flows.add(key, segment, at);
    if (stream === undefined) return undefined;
    const hello = readHelloRecords(stream);
    if (hello.state === 'more' && !this.#flows.isFull(key)) return undefined;
    if (hello.state !== 'complete') this.#blindness.malformed++;
    this.#flows.finish(key);
    return seen(key, hello, at);
  }

  #readQuic(key: string, segment: Segment, at: number): SeenHello | undefined {
    const outcome = this.#quic.add(key, segment.payload, at);
    if (outcome === undefined) return undefined;
    if (outcome === 'skipped') {
      this.skipped++;
      return undefined;
    }
    if (outcome === 'malformed') {
      this.#blindness.malformed++;
      return undefined;
    }
    if (outcome.hello.state === 'malformed') this.#blindness.malformed++;
    return seen(key, outcome.hello, at);
  }
}

function seen(key: string, hello: Hello, at: number): SeenHello {
  const [source, sourcePort, destination, destinationPort] = key.split(' ') as [string, string, string, string];
  return {
    hello,
    at,
    local: { address: source, port: Number(sourcePort) },
    remote: { address: destination, port: Number(destinationPort) },
  };
}
