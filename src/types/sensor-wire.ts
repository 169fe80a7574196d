import type { SensorEvent, SensorStatus } from './sensor.ts';

/** Folder of the sensor's sockets: root's, so that nobody else can put a socket there that lies. */
export const SENSOR_FOLDER = '/run/clawwatch';

/** Rises when a reader of before would misunderstand a message. */
export const SENSOR_PROTOCOL = 1;

/** One socket for each user who may read: the kernel lets nobody but its owner (and root) connect. */
export function sensorSocketPath(folder: string, uid: number): string {
  return `${folder}/sensor-${uid}.sock`;
}

/** What goes over the socket, always from the sensor to the reader. */
export type SensorMessage = { status: SensorStatus } | { events: SensorEvent[] };

/** A frame longer than this is no frame of ours, bytes. */
export const MAX_FRAME_BYTES = 8 * 1024 * 1024;
const HEADER_BYTES = 4;

/** Length (32 bits, big endian) and JSON. */
export function encodeFrame(message: SensorMessage): Buffer {
  const body = JSON.stringify(message);
  const length = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  frame.writeUInt32BE(length, 0);
  frame.write(body, HEADER_BYTES, 'utf8');
  return frame;
}

/** Puts frames together from the pieces of a stream. What it holds is never more than one frame and one piece. */
export interface FrameDecoder {
  /**
   * Messages that are complete with this piece.
   *
   * @throws Error when the stream is not ours; nothing that follows can be understood then.
   */
  push(piece: Buffer): SensorMessage[];
}

export function createFrameDecoder(): FrameDecoder {
  let pieces: Buffer[] = [];
  let length = 0;
  /** Bytes without which there is nothing to tell: a long frame is put together once, not with each of its pieces. */
  let needed = HEADER_BYTES;

  return {
    push(piece) {
      pieces.push(piece);
      length += piece.length;
      if (length < needed) return [];
      const joined = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length);
      const messages: SensorMessage[] = [];
      let offset = 0;
      for (;;) {
        needed = HEADER_BYTES;
        if (length - offset < needed) break;
        const size = joined.readUInt32BE(offset);
        if (size > MAX_FRAME_BYTES) throw new Error(`a frame of ${size} bytes`);
        needed += size;
        if (length - offset < needed) break;
        messages.push(messageOf(joined.subarray(offset + HEADER_BYTES, offset + needed)));
        offset += needed;
      }
      const rest = joined.subarray(offset);
      pieces = rest.length === 0 ? [] : [rest];
      length = rest.length;
      return messages;
    },
  };
}

function messageOf(body: Buffer): SensorMessage {
  const value: unknown = JSON.parse(body.toString('utf8'));
  if (typeof value === 'object' && value !== null) {
    if ('events' in value && Array.isArray(value.events)) return value as SensorMessage;
    if ('status' in value && typeof value.status === 'object' && value.status !== null) return value as SensorMessage;
  }
  throw new Error('a message of another kind');
}
