import { clientInitialKeys, cryptoFrames, findInitials, type InitialKeys, openInitial } from './quic-initial.ts';
import { StreamBuffer } from './stream-buffer.ts';
import { type Hello, MAX_HELLO_BYTES, readHello } from './tls-hello.ts';

/** What the Initial packets of one client added up to. */
export type QuicOutcome = { hello: Hello } | 'malformed' | 'skipped' | undefined;

interface Connection {
  /** Keys of the first flight; those of a server's Retry replace them. */
  keys: InitialKeys;
  buffer: StreamBuffer | undefined;
  packets: number;
  startedAt: number;
}

const MAX_CONNECTIONS = 1024;
const MAX_BYTES = 4 * 1024 * 1024;
/** A hello of 16 KiB fits into 14 packets. */
const MAX_PACKETS = 32;
const LIFE_MS = 10_000;
/**
 * Packets opened in a second: up to 150 µs each, so this is 8 % of a core. An attacker sends more for nothing, and what is
 * not opened is told as a loss.
 */
const MAX_OPENED_PER_SECOND = 500;

/** Opens QUIC Initials and reads the hellos in them. */
export class QuicHellos {
  /** Oldest first. */
  readonly #connections = new Map<string, Connection>();
  #bytes = 0;
  #second = 0;
  #opened = 0;
  #cut: { key: string; hello: Hello }[] = [];

  /** Adds a datagram of a client. `skipped`: the budget of this second is used up. */
  add(key: string, datagram: Uint8Array, at: number): QuicOutcome {
    this.#expireOld(at);
    let outcome: QuicOutcome;
    const headers = findInitials(datagram);
    if (headers.length === 0) return 'malformed';
    for (const header of headers) {
      const known = this.#connections.get(key);
      if (known && (known.buffer === undefined || ++known.packets > MAX_PACKETS)) continue;
      if (!this.#mayOpen(at)) return 'skipped';
      const keys = known?.keys ?? clientInitialKeys(header.version, header.destinationId);
      let plain = keys && openInitial(datagram, header, keys);
      let connection = known;
      if (plain === undefined && known) {
        // The client was sent elsewhere by a Retry and begins anew, or another one has its port now.
        const others = clientInitialKeys(header.version, header.destinationId);
        plain = others && openInitial(datagram, header, others);
        if (plain && others) connection = this.#begin(key, others, at);
      } else if (plain && keys && !known) connection = this.#begin(key, keys, at);
      const frames = plain && cryptoFrames(plain);
      if (frames === undefined || !connection?.buffer) {
        outcome ??= 'malformed';
        continue;
      }
      const before = connection.buffer.bytes;
      for (const frame of frames) {
        if (frame.offset < MAX_HELLO_BYTES + 4) connection.buffer.add(frame.offset, frame.data);
      }
      this.#bytes += connection.buffer.bytes - before;
      const hello = readHello(connection.buffer.prefix);
      if (hello.state === 'more') continue;
      this.#release(connection);
      outcome = { hello };
    }
    return outcome;
  }

  /** Hellos that were given up before their end, with what they said until then. */
  expire(at: number): { key: string; hello: Hello }[] {
    this.#expireOld(at);
    const cut = this.#cut;
    this.#cut = [];
    return cut;
  }

  get held(): { flows: number; bytes: number } {
    return { flows: this.#connections.size, bytes: this.#bytes };
  }

  #expireOld(at: number): void {
    for (const [key, connection] of this.#connections) {
      const isOver = connection.startedAt + LIFE_MS <= at;
      if (!isOver && this.#connections.size <= MAX_CONNECTIONS && this.#bytes <= MAX_BYTES) break;
      this.#giveUp(key, connection);
    }
  }

  #begin(key: string, keys: InitialKeys, at: number): Connection {
    const known = this.#connections.get(key);
    if (known) this.#giveUp(key, known);
    const connection = { keys, buffer: new StreamBuffer(MAX_HELLO_BYTES + 4), packets: 1, startedAt: at };
    this.#connections.set(key, connection);
    return connection;
  }

  #giveUp(key: string, connection: Connection): void {
    if (connection.buffer !== undefined && this.#cut.length < MAX_CONNECTIONS) {
      this.#cut.push({ key, hello: readHello(connection.buffer.prefix) });
    }
    this.#release(connection);
    this.#connections.delete(key);
  }

  #release(connection: Connection): void {
    this.#bytes -= connection.buffer?.bytes ?? 0;
    connection.buffer = undefined;
  }

  #mayOpen(at: number): boolean {
    const second = Math.floor(at / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#opened = 0;
    }
    return ++this.#opened <= MAX_OPENED_PER_SECOND;
  }
}
