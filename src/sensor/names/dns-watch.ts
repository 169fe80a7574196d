import type { NameBlindness } from '../../types/sensor.ts';
import { AskedQuestions } from './asked-questions.ts';
import { type DnsMessage, hostNameOf, parseDnsMessage, rcodeName, splitDnsStream, typeName } from './dns-message.ts';
import type { Segment } from './ip-packet.ts';
import { RecentKeys } from './recent-keys.ts';
import { TcpReassembly } from './tcp-reassembly.ts';

/** An answer that was asked for: a name, and where it leads. */
export interface DnsAnswer {
  name: string;
  server: string;
  addresses: DnsMessage['addresses'];
}

// Questions that wait for their answer. Resolvers of systems give up after 5 to 15 s.
const MAX_QUESTIONS = 8192;
const QUESTION_MS = 15_000;
const STREAM_LIMITS = {
  maxFlows: 512,
  // Longer answers are read up to here. The longest seen in use are about 4 KiB.
  maxBytesPerFlow: 16_384,
  maxBytes: 4 * 1024 * 1024,
  maxSegmentsPerFlow: 256,
  idleMs: 15_000,
};

/**
 * Holds every answer against the questions that were seen to leave. An answer without its question (same ends, id, name
 * and type) is not believed, and the first one that fits is the last: a forger must then know as much as the resolver
 * library of the host demands, or sit on the path.
 */
export class DnsWatch {
  readonly #questions = new RecentKeys(MAX_QUESTIONS, QUESTION_MS);
  readonly #streams = new TcpReassembly(STREAM_LIMITS, () => true);
  readonly #blindness: NameBlindness;
  readonly asked = new AskedQuestions();

  constructor(blindness: NameBlindness) {
    this.#blindness = blindness;
  }

  /** A datagram or segment to (`out`) or from (`in`) port 53. Gives the answers in it. */
  read(segment: Segment, direction: 'in' | 'out', at: number): DnsAnswer[] {
    if (segment.protocol === 'udp') return this.#message(segment.payload, segment, direction, at, segment.cut);
    const key = `${segment.source} ${segment.sourcePort} ${segment.destination} ${segment.destinationPort}`;
    const stream = this.#streams.add(key, segment, at);
    if (stream === undefined) return [];
    const { messages, used } = splitDnsStream(stream);
    const answers = messages.flatMap((message) => this.#message(message, segment, direction, at, false));
    if (used === 0 && this.#streams.isFull(key)) {
      answers.push(...this.#message(stream.subarray(2), segment, direction, at, true));
      this.#streams.finish(key);
    } else this.#streams.consume(key, used);
    return answers;
  }

  expire(at: number): void {
    this.#blindness.malformed += this.#streams.expire(at).length + this.#streams.untold();
  }

  get held(): { questions: number; flows: number; bytes: number } {
    return { questions: this.#questions.size, ...this.#streams.held };
  }

  #message(data: Uint8Array, segment: Segment, direction: 'in' | 'out', at: number, isCut: boolean): DnsAnswer[] {
    const message = parseDnsMessage(data);
    if (message === undefined) {
      // A question that cannot be read loses nothing: without it, its answer is not believed.
      if (direction === 'in') this.#blindness.malformed++;
      return [];
    }
    const key = questionKey(message, segment, direction);
    if (direction === 'out') {
      if (message.isReply) return [];
      this.#questions.add(key, at);
      this.asked.ask(key, askedOf(message, segment), at);
      return [];
    }
    if (!message.isReply || !this.#questions.take(key, at)) return [];
    this.asked.answer(key, rcodeName(message.rcode));
    if (isCut || message.isCut) this.#blindness.malformed++;
    const name = hostNameOf(message);
    if (message.rcode !== 0 || name === undefined || message.addresses.length === 0) return [];
    return [{ name, server: segment.source, addresses: message.addresses }];
  }
}

function askedOf({ question }: DnsMessage, { source, sourcePort, destination }: Segment) {
  const local = { address: source, port: sourcePort };
  return { name: question.name, type: typeName(question.type), server: destination, local };
}

function questionKey({ id, question }: DnsMessage, segment: Segment, direction: 'in' | 'out'): string {
  const { source, sourcePort, destination, destinationPort, protocol } = segment;
  const ends =
    direction === 'out'
      ? `${source} ${sourcePort} ${destination} ${destinationPort}`
      : `${destination} ${destinationPort} ${source} ${sourcePort}`;
  return `${protocol} ${ends} ${id} ${question.type} ${question.name}`;
}
