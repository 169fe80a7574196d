/**
 * Classic BPF, as far as a packet socket needs it: a small assembler with labels, and the one program that keeps everything
 * but names out of userland. Pure: the interpreter of the test runs the same words as the kernel.
 */

/** One instruction before its jumps are known. A jump goes to a label, or to the next instruction where none is named. */
export interface Step {
  code: number;
  k?: number;
  label?: string;
  yes?: string;
  no?: string;
}

/** One instruction as `struct sock_filter` holds it. */
export interface Instruction {
  code: number;
  yes: number;
  no: number;
  k: number;
}

// Opcodes of linux/bpf_common.h, written out: class | size | mode.
export const OP = {
  loadWord: 0x20,
  loadWordAtX: 0x40,
  loadHalf: 0x28,
  loadHalfAtX: 0x48,
  loadByte: 0x30,
  loadByteAtX: 0x50,
  loadLength: 0x80,
  loadMemory: 0x60,
  store: 0x02,
  /** X = 4 * (byte at k & 15): the length of an IPv4 header. */
  headerToX: 0xb1,
  setX: 0x01,
  set: 0x00,
  add: 0x04,
  addX: 0x0c,
  subtractX: 0x1c,
  and: 0x54,
  shiftLeft: 0x64,
  shiftRight: 0x74,
  toX: 0x07,
  ifEqual: 0x15,
  ifGreater: 0x25,
  ifAtLeast: 0x35,
  ifAny: 0x45,
  jump: 0x05,
  give: 0x06,
} as const;

const MAX_INSTRUCTIONS = 4096;

/** Resolves labels. Throws on a label that is missing, behind or too far: that is a mistake of ours, found by the test. */
export function assemble(steps: readonly Step[]): Instruction[] {
  if (steps.length > MAX_INSTRUCTIONS) throw new Error('a filter of more instructions than the kernel takes');
  const places = new Map<string, number>();
  for (const [index, { label }] of steps.entries()) {
    if (label === undefined) continue;
    if (places.has(label)) throw new Error(`the label ${label} is there twice`);
    places.set(label, index);
  }
  const distance = (from: number, label: string | undefined, limit: number): number => {
    if (label === undefined) return 0;
    const to = places.get(label);
    if (to === undefined) throw new Error(`no label ${label}`);
    const steps = to - from - 1;
    if (steps < 0 || steps > limit) throw new Error(`the label ${label} cannot be reached from ${from}`);
    return steps;
  };
  return steps.map(({ code, k = 0, yes, no }, index) =>
    code === OP.jump
      ? { code, yes: 0, no: 0, k: distance(index, yes, MAX_INSTRUCTIONS) }
      : { code, yes: distance(index, yes, 255), no: distance(index, no, 255), k: k >>> 0 },
  );
}

/** The words of `struct sock_filter[]`, in the byte order of little-endian machines. */
export function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, { code, yes, no, k }] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes[index * 8 + 2] = yes;
    bytes[index * 8 + 3] = no;
    bytes.writeUInt32LE(k, index * 8 + 4);
  }
  return bytes;
}

/** Bytes of one packet that are kept, from its IP header on: a hello of 16 KiB, or as much of a DNS answer. */
export const SNAP_BYTES = 16_384 + 160;

/**
 * Ports where the rest of a hello may pass that began in another segment. The filter has no memory, so it cannot know which
 * segment is the second one; on other ports only what the first segment holds is read.
 */
export const TLS_PORTS = [443, 853, 8443] as const;

/**
 * Longest such rest, in bytes. Below the segment of every usual link (1,448; 1,368 in a WireGuard tunnel; 1,208 at the IPv6
 * minimum), because a bulk upload consists of full segments and must not reach userland.
 */
export const MAX_REST_BYTES = 1200;

const ANCILLARY = -0x1000;
const ETHER_TYPE = ANCILLARY + 0;
const PACKET_TYPE = ANCILLARY + 4;
const QUIC_V1 = 1;
const QUIC_V2 = 0x6b3343cf;
const [TCP, UDP] = [6, 17];
// Cells of the filter's memory.
const [PROTOCOL, PAYLOAD_LENGTH, PORT] = [0, 1, 2];

/**
 * The program for a cooked socket, where offset 0 is the IP header. What a client says passes only on its way out, and
 * what a server answers only on its way in. That shows every packet of the loopback interface once, and it refuses
 * what a neighbour on the LAN sends in our name.
 */
export function nameFilter(): Instruction[] {
  return assemble([
    { code: OP.loadWord, k: ETHER_TYPE },
    { code: OP.ifEqual, k: 0x0800, yes: 'ipv4' },
    { code: OP.ifEqual, k: 0x86dd, yes: 'ipv6', no: 'drop' },
    ...ipv4(),
    ...ipv6(),
    { label: 'transport', code: OP.store, k: PROTOCOL },
    { code: OP.loadWord, k: PACKET_TYPE },
    { code: OP.ifEqual, k: 4, yes: 'outgoing' },
    { code: OP.ifEqual, k: 0, no: 'drop' },
    { code: OP.loadMemory, k: PROTOCOL },
    { code: OP.ifEqual, k: UDP, yes: 'answer' },
    { code: OP.ifEqual, k: TCP, no: 'drop' },
    { label: 'answer', code: OP.loadHalfAtX, k: 0 },
    { code: OP.ifEqual, k: 53, yes: 'accept', no: 'drop' },
    { label: 'outgoing', code: OP.loadHalfAtX, k: 2 },
    { code: OP.ifEqual, k: 53, yes: 'port53' },
    { code: OP.store, k: PORT },
    { code: OP.loadMemory, k: PROTOCOL },
    { code: OP.ifEqual, k: TCP, yes: 'tcp' },
    { code: OP.ifEqual, k: UDP, no: 'drop' },
    ...quicInitial(),
    ...clientHello(),
    { label: 'port53', code: OP.loadMemory, k: PROTOCOL },
    { code: OP.ifEqual, k: TCP, yes: 'accept' },
    { code: OP.ifEqual, k: UDP, yes: 'accept' },
    { label: 'drop', code: OP.give, k: 0 },
    { label: 'accept', code: OP.give, k: SNAP_BYTES },
  ]);
}

/** Leaves the protocol in A and the offset of its header in X. Only the first fragment has ports. */
function ipv4(): Step[] {
  return [
    { label: 'ipv4', code: OP.loadHalf, k: 6 },
    { code: OP.ifAny, k: 0x1fff, yes: 'drop' },
    { code: OP.headerToX, k: 0 },
    { code: OP.loadByte, k: 9 },
    { code: OP.jump, yes: 'transport' },
  ];
}

/** The same behind at most three extension headers; who sends more of them is not read, as by most firewalls. */
function ipv6(): Step[] {
  const steps: Step[] = [
    { label: 'ipv6', code: OP.setX, k: 40 },
    { code: OP.loadByte, k: 6 },
  ];
  for (const round of [1, 2, 3]) {
    const next = `next${round}`;
    steps.push(
      { code: OP.ifEqual, k: TCP, yes: 'transport' },
      { code: OP.ifEqual, k: UDP, yes: 'transport' },
      { code: OP.ifEqual, k: 44, yes: `fragment${round}` },
      { code: OP.ifEqual, k: 0, yes: `options${round}` },
      { code: OP.ifEqual, k: 43, yes: `options${round}` },
      { code: OP.ifEqual, k: 60, yes: `options${round}`, no: 'drop' },
      { label: `fragment${round}`, code: OP.loadHalfAtX, k: 2 },
      { code: OP.ifAny, k: 0xfff8, yes: 'drop' },
      { code: OP.loadByteAtX, k: 0 },
      { code: OP.store, k: PROTOCOL },
      { code: OP.set, k: 8 },
      { code: OP.jump, yes: next },
      { label: `options${round}`, code: OP.loadByteAtX, k: 0 },
      { code: OP.store, k: PROTOCOL },
      { code: OP.loadByteAtX, k: 1 },
      { code: OP.add, k: 1 },
      { code: OP.shiftLeft, k: 3 },
      { label: next, code: OP.addX },
      { code: OP.toX },
      { code: OP.loadMemory, k: PROTOCOL },
    );
  }
  return steps;
}

/** A long header of type Initial of a version we can open, to whatever port. */
function quicInitial(): Step[] {
  return [
    { code: OP.loadWordAtX, k: 9 },
    { code: OP.ifEqual, k: QUIC_V1, yes: 'quic1' },
    { code: OP.ifEqual, k: QUIC_V2, no: 'drop' },
    { code: OP.loadByteAtX, k: 8 },
    { code: OP.and, k: 0xf0 },
    { code: OP.ifEqual, k: 0xd0, yes: 'accept', no: 'drop' },
    { label: 'quic1', code: OP.loadByteAtX, k: 8 },
    { code: OP.and, k: 0xf0 },
    { code: OP.ifEqual, k: 0xc0, yes: 'accept', no: 'drop' },
  ];
}

/** A first segment on any port, and on the ports of TLS a short one that is no application data. */
function clientHello(): Step[] {
  return [
    { label: 'tcp', code: OP.loadByteAtX, k: 12 },
    { code: OP.and, k: 0xf0 },
    { code: OP.shiftRight, k: 2 },
    { code: OP.addX },
    { code: OP.toX },
    { code: OP.loadLength },
    { code: OP.subtractX },
    { code: OP.ifEqual, k: 0, yes: 'drop' },
    { code: OP.store, k: PAYLOAD_LENGTH },
    { code: OP.ifAtLeast, k: 6, no: 'rest' },
    { code: OP.loadHalfAtX, k: 0 },
    { code: OP.ifEqual, k: 0x1603, no: 'other' },
    { code: OP.loadByteAtX, k: 5 },
    { code: OP.ifEqual, k: 1, yes: 'accept', no: 'rest' },
    { label: 'other', code: OP.ifAtLeast, k: 0x1700, no: 'alert' },
    { code: OP.ifEqual, k: 0x1703, yes: 'drop', no: 'rest' },
    { label: 'alert', code: OP.ifEqual, k: 0x1503, yes: 'drop' },
    { code: OP.ifEqual, k: 0x1403, yes: 'drop' },
    { label: 'rest', code: OP.loadMemory, k: PAYLOAD_LENGTH },
    { code: OP.ifGreater, k: MAX_REST_BYTES, yes: 'drop' },
    { code: OP.loadMemory, k: PORT },
    ...TLS_PORTS.slice(0, -1).map((k) => ({ code: OP.ifEqual, k, yes: 'accept' })),
    { code: OP.ifEqual, k: TLS_PORTS.at(-1)!, yes: 'accept', no: 'drop' },
  ];
}
