import { StreamBuffer } from './stream-buffer.ts';

/** How much of other people's traffic is kept. All of it is a limit on what an attacker can make us hold. */
export interface ReassemblyLimits {
  maxFlows: number;
  maxBytesPerFlow: number;
  /** Over all flows; the oldest are given up. */
  maxBytes: number;
  maxSegmentsPerFlow: number;
  /** A flow that was silent so long is given up. */
  idleMs: number;
}

export interface TcpPiece {
  sequence: number;
  payload: Uint8Array;
  syn: boolean;
}

interface Flow {
  /** Sequence number of offset 0. */
  base: number;
  buffer: StreamBuffer | undefined;
  segments: number;
  lastAt: number;
}

/** A flow that will not be read to its end: what was there of it. */
export interface CutFlow {
  key: string;
  prefix: Uint8Array;
  /** When its last segment came, Unix ms. */
  lastAt: number;
}

// A repeated segment lies this near; the next connection of the same ports begins elsewhere (RFC 6528).
const SAME_CONNECTION_BYTES = 65_536;
const MAX_EARLY_FLOWS = 256;
const MAX_EARLY_PIECES = 4;
const MAX_EARLY_BYTES = 8192;
const MAX_CUT = 4096;

/**
 * Puts the beginnings of TCP streams together, one direction each. A flow begins with a SYN or with a segment that looks
 * like a beginning; a piece that came before its beginning waits for it.
 */
export class TcpReassembly {
  readonly #limits: ReassemblyLimits;
  readonly #isStart: (payload: Uint8Array) => boolean;
  /** Least recently heard first. */
  readonly #flows = new Map<string, Flow>();
  readonly #early = new Map<string, { pieces: TcpPiece[]; at: number }>();
  #cut: CutFlow[] = [];
  #untold = 0;
  #bytes = 0;

  constructor(limits: ReassemblyLimits, isStart: (payload: Uint8Array) => boolean) {
    this.#limits = limits;
    this.#isStart = isStart;
  }

  /** Adds a segment. Gives the stream so far when it grew at its front; a view, valid until the next call. */
  add(key: string, piece: TcpPiece, at: number): Uint8Array | undefined {
    const flow = this.#flowOf(key, piece, at);
    if (flow?.buffer === undefined || piece.payload.length === 0) return undefined;
    flow.lastAt = at;
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    const before = flow.buffer.prefix.length;
    const bytes = flow.buffer.bytes;
    const fits = ++flow.segments <= this.#limits.maxSegmentsPerFlow;
    const taken = fits && flow.buffer.add((piece.sequence - flow.base) | 0, piece.payload);
    this.#bytes += flow.buffer.bytes - bytes;
    if (!taken) return void this.#giveUp(key, flow);
    while (this.#bytes > this.#limits.maxBytes && this.#flows.size > 1) this.#giveUpOldest();
    const { prefix } = flow.buffer;
    return prefix.length > before ? prefix : undefined;
  }

  /** The flow said what there was to know. It stays as a mark, so that a repeated beginning is not read again. */
  finish(key: string): void {
    const flow = this.#flows.get(key);
    if (flow) this.#release(flow);
  }

  /** Forgets the first bytes of a stream that goes on. */
  consume(key: string, count: number): void {
    const flow = this.#flows.get(key);
    if (flow?.buffer === undefined || count <= 0) return;
    this.#bytes -= flow.buffer.bytes;
    flow.buffer.consume(count);
    this.#bytes += flow.buffer.bytes;
    flow.base = (flow.base + count) >>> 0;
    flow.segments = 0;
  }

  /** The stream has reached its limit without being finished. */
  isFull(key: string): boolean {
    return this.#flows.get(key)?.buffer?.isFull === true;
  }

  /** Gives up what has been silent too long, and returns everything given up since the last call. */
  expire(at: number): CutFlow[] {
    for (const [key, flow] of this.#flows) {
      if (flow.lastAt + this.#limits.idleMs > at) break;
      // A mark outlives its flow, since the far end may ask for a repetition late.
      if (flow.buffer === undefined && flow.lastAt + MARK_MS > at) continue;
      this.#giveUp(key, flow);
      this.#flows.delete(key);
    }
    for (const [key, early] of this.#early) {
      if (early.at + this.#limits.idleMs > at) break;
      this.#early.delete(key);
    }
    const cut = this.#cut;
    this.#cut = [];
    return cut;
  }

  /** Flows given up beyond those that `expire` returns, since the last call: their number is all that is left of them. */
  untold(): number {
    const count = this.#untold;
    this.#untold = 0;
    return count;
  }

  /** Flows, and bytes of them, that are held now. */
  get held(): { flows: number; bytes: number } {
    return { flows: this.#flows.size + this.#early.size, bytes: this.#bytes };
  }

  #flowOf(key: string, piece: TcpPiece, at: number): Flow | undefined {
    const known = this.#flows.get(key);
    const base = (piece.sequence + (piece.syn ? 1 : 0)) >>> 0;
    if (known && Math.abs((base - known.base) | 0) < SAME_CONNECTION_BYTES) return known;
    if (!piece.syn && !this.#isStart(piece.payload)) {
      if (!known) this.#keepEarly(key, piece, at);
      return undefined;
    }
    if (known) this.#giveUp(key, known);
    const flow: Flow = { base, buffer: new StreamBuffer(this.#limits.maxBytesPerFlow), segments: 0, lastAt: at };
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    for (const early of this.#early.get(key)?.pieces ?? [])
      flow.buffer!.add((early.sequence - base) | 0, early.payload);
    this.#early.delete(key);
    this.#bytes += flow.buffer!.bytes;
    while (this.#flows.size > this.#limits.maxFlows) this.#giveUpOldest();
    return flow;
  }

  #keepEarly(key: string, piece: TcpPiece, at: number): void {
    if (piece.payload.length === 0 || piece.payload.length > MAX_EARLY_BYTES) return;
    let early = this.#early.get(key);
    if (!early) {
      early = { pieces: [], at };
      this.#early.set(key, early);
      if (this.#early.size > MAX_EARLY_FLOWS) this.#early.delete(this.#early.keys().next().value!);
    }
    if (early.pieces.length < MAX_EARLY_PIECES) {
      early.pieces.push({ ...piece, payload: Uint8Array.from(piece.payload) });
    }
  }

  #giveUpOldest(): void {
    const [key, flow] = this.#flows.entries().next().value!;
    this.#giveUp(key, flow);
    this.#flows.delete(key);
  }

  #giveUp(key: string, flow: Flow): void {
    const prefix = flow.buffer?.prefix;
    if (prefix && prefix.length > 0) {
      if (this.#cut.length < MAX_CUT) this.#cut.push({ key, prefix: Uint8Array.from(prefix), lastAt: flow.lastAt });
      else this.#untold++;
    }
    this.#release(flow);
  }

  #release(flow: Flow): void {
    this.#bytes -= flow.buffer?.bytes ?? 0;
    flow.buffer = undefined;
  }
}

const MARK_MS = 60_000;
