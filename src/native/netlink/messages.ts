import { HEADER } from './layout.ts';

/** One netlink message inside a datagram; its content is between `start` and `end`. */
export interface Message {
  type: number;
  flags: number;
  sequence: number;
  start: number;
  end: number;
}

/**
 * The messages of one datagram, in turn. `undefined` stands for the rest of a datagram in which a length makes no sense:
 * what follows cannot be found.
 *
 * @param little byte order of the machine that wrote it.
 */
export function* messagesOf(view: DataView, length: number, little: boolean): Generator<Message | undefined> {
  const limit = Math.min(length, view.byteLength);
  let at = 0;
  while (at < limit) {
    if (limit - at < HEADER.size) return void (yield undefined);
    const size = view.getUint32(at + HEADER.length, little);
    if (size < HEADER.size || size > limit - at) return void (yield undefined);
    yield {
      type: view.getUint16(at + HEADER.type, little),
      flags: view.getUint16(at + HEADER.flags, little),
      sequence: view.getUint32(at + HEADER.sequence, little),
      start: at + HEADER.size,
      end: at + size,
    };
    at += (size + 3) & ~3;
  }
}

/** Error number (positive) in the content of an error message or at the end of a dump; 0: none, or not said. */
export function errorOf(view: DataView, message: Message, little: boolean): number {
  return message.end - message.start < 4 ? 0 : Math.abs(view.getInt32(message.start, little));
}
