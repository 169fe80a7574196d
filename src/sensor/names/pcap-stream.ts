import type { CapturedPacket } from '../../native/packet-socket.ts';

/** Longest record that libpcap writes. */
const MAX_RECORD_BYTES = 262_144;
/** ARPHRD_LOOPBACK. */
const LOOPBACK = 772;
const LINK = { cooked: 113, cooked2: 276 } as const;

/**
 * Reads a capture file as it grows, in pieces of any size. Only the two cooked link types are known, since those say which
 * way a packet went.
 */
export class PcapStream {
  readonly #take: (packet: CapturedPacket) => void;
  #rest: Buffer = Buffer.alloc(0);
  #header: { littleEndian: boolean; perSecond: number; link: number } | undefined;
  /** Why the stream cannot be read any further. */
  problem: string | undefined;

  constructor(take: (packet: CapturedPacket) => void) {
    this.#take = take;
  }

  /** The header of the file has been read. */
  get hasBegun(): boolean {
    return this.#header !== undefined;
  }

  push(chunk: Uint8Array): void {
    if (this.problem !== undefined) return;
    const bytes = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    if (this.#header === undefined) {
      if (bytes.length >= 24) {
        this.#readHeader(bytes);
        at = 24;
      }
    }
    while (this.#header !== undefined && this.problem === undefined) {
      const end = this.#readRecord(bytes, at);
      if (end === undefined) break;
      at = end;
    }
    this.#rest = this.problem === undefined ? bytes.subarray(at) : Buffer.alloc(0);
  }

  #readHeader(bytes: Buffer): void {
    const magics: Record<number, [boolean, number]> = {
      2712847316: [true, 1e6],
      2712812621: [true, 1e9],
      3569595041: [false, 1e6],
      1295823521: [false, 1e9],
    };
    const magic = magics[bytes.readUInt32LE(0)];
    if (magic === undefined) {
      this.problem = 'the output is no capture';
      return;
    }
    const [littleEndian, perSecond] = magic;
    const link = (littleEndian ? bytes.readUInt32LE(20) : bytes.readUInt32BE(20)) & 0xffff;
    if (link !== LINK.cooked && link !== LINK.cooked2) this.problem = `the capture has link type ${link}`;
    this.#header = { littleEndian, perSecond, link };
  }

  /** Where the record ends, or `undefined` while it is not whole. */
  #readRecord(bytes: Buffer, at: number): number | undefined {
    if (at + 16 > bytes.length) return undefined;
    const { littleEndian, perSecond, link } = this.#header!;
    const word = (offset: number) => (littleEndian ? bytes.readUInt32LE(at + offset) : bytes.readUInt32BE(at + offset));
    const length = word(8);
    if (length > MAX_RECORD_BYTES) {
      this.problem = `the capture has a record of ${length} bytes`;
      return undefined;
    }
    const start = at + 16;
    const end = start + length;
    if (end > bytes.length) return undefined;
    const isFirst = link === LINK.cooked;
    const headerBytes = isFirst ? 16 : 20;
    if (length >= headerBytes) {
      const type = isFirst ? bytes.readUInt16BE(start) : bytes[start + 10]!;
      const isLoopback = bytes.readUInt16BE(start + (isFirst ? 2 : 8)) === LOOPBACK;
      // Others go to all or to somebody else.
      if (type === 4 || type === 0) {
        this.#take({
          data: bytes.subarray(start + headerBytes, end),
          wireBytes: Math.max(0, word(12) - headerBytes),
          // libpcap leaves out what the loopback interface sends, since it is what it receives.
          direction: type === 4 ? 'out' : isLoopback ? 'loop' : 'in',
          at: word(0) * 1000 + Math.floor((word(4) / perSecond) * 1000),
        });
      }
    }
    return end;
  }
}
