import { assemble, type Instruction, OP } from '../packet-filter.ts';
import { ATTRIBUTE, ATTRIBUTE_HEADER, HEADER, SOCKET, TCP_INFO } from './layout.ts';

/** A = place of the attribute of type X behind place A; 0: there is none. */
const FIND_ATTRIBUTE = -0x1000 + 12;

/** Place in the content of the attribute to which X points. */
const at = (place: number) => ATTRIBUTE_HEADER + place;

/** One, as a machine with the lowest byte first leaves it in a word that the filter reads the other way round. */
const ONE = 0x0100_0000;

/**
 * What the kernel tells of the end of a connection passes only where the connection carried something: a scanner's and a
 * flood's empty ones have nothing to say, and would take room and time from the others. Whatever it cannot judge passes,
 * and so does everything of kernels before 4.19. For little-endian machines.
 */
export function endFilter(): Instruction[] {
  return assemble([
    { code: OP.setX, k: ATTRIBUTE.info },
    { code: OP.set, k: HEADER.size + SOCKET.size },
    { code: OP.loadWord, k: FIND_ATTRIBUTE },
    { code: OP.ifEqual, k: 0, yes: 'pass' },
    { code: OP.toX },
    // Its length: the high byte is the second one.
    { code: OP.loadByteAtX, k: 1 },
    { code: OP.ifEqual, k: 0, no: 'counters' },
    { code: OP.loadByteAtX, k: 0 },
    { code: OP.ifAtLeast, k: at(TCP_INFO.sentSize), no: 'pass' },
    { label: 'counters', code: OP.loadWordAtX, k: at(TCP_INFO.bytesSent) },
    { code: OP.ifEqual, k: 0, no: 'pass' },
    { code: OP.loadWordAtX, k: at(TCP_INFO.bytesSent + 4) },
    { code: OP.ifEqual, k: 0, no: 'pass' },
    { code: OP.loadWordAtX, k: at(TCP_INFO.bytesReceived + 4) },
    { code: OP.ifEqual, k: 0, no: 'pass' },
    // The peer's FIN counts as one.
    { code: OP.loadWordAtX, k: at(TCP_INFO.bytesReceived) },
    { code: OP.ifEqual, k: 0, yes: 'drop' },
    { code: OP.ifEqual, k: ONE, no: 'pass' },
    { label: 'drop', code: OP.give, k: 0 },
    { label: 'pass', code: OP.give, k: 0xffff_ffff },
  ]);
}
