/** What `/proc/PID/stat` says, see proc_pid_stat(5). */
export interface StatFields {
  pid: number;
  comm: string;
  /** One letter; `Z` is a process that ended and has not been reaped. */
  state: string;
  ppid: number;
  pgid: number;
  sid: number;
  /** A thread of the kernel: no program, no environment, no sockets a person could act on. */
  kernelThread: boolean;
  threads: number;
  /** Clock ticks (USER_HZ, 100 a second) since boot. */
  startTicks: number;
}

const SPACE = 0x20;
const PF_KTHREAD = 0x0020_0000;

// Positions after the name; the state is number 0.
const PPID = 1;
const PGRP = 2;
const SESSION = 3;
const FLAGS = 6;
const NUM_THREADS = 17;
const STARTTIME = 19;

/**
 * Parses `/proc/PID/stat`. A process chooses its own name, so it can hold blanks, brackets, line ends and a whole forged
 * `stat` line: everything counts from the last `)`, behind which the kernel writes only a letter and numbers.
 *
 * @returns `undefined` when the bytes are not a whole, well-formed line.
 */
export function parseStat(bytes: Buffer, length: number = bytes.length): StatFields | undefined {
  const open = bytes.indexOf(0x28);
  const close = length === 0 ? -1 : bytes.lastIndexOf(0x29, length - 1);
  if (open < 1 || close < open || bytes[open - 1] !== SPACE) return undefined;
  const pid = readNumber(bytes, 0, open - 1);
  const stateAt = close + 2;
  if (pid < 0 || stateAt + 1 >= length || bytes[close + 1] !== SPACE || bytes[stateAt + 1] !== SPACE) return undefined;

  const numbers = readNumbers(bytes, stateAt + 2, length);
  if (numbers === undefined) return undefined;
  const startTicks = numbers[STARTTIME]!;
  const ppid = numbers[PPID]!;
  // Group and session are -1 when they lie outside our pid namespace; the other two are never negative.
  if (ppid < 0 || startTicks < 0) return undefined;
  return {
    pid,
    comm: bytes.toString('utf8', open + 1, close),
    state: String.fromCharCode(bytes[stateAt]!),
    ppid,
    pgid: numbers[PGRP]!,
    sid: numbers[SESSION]!,
    kernelThread: (numbers[FLAGS]! & PF_KTHREAD) !== 0,
    threads: numbers[NUM_THREADS]!,
    startTicks,
  };
}

const fields = new Float64Array(STARTTIME + 1);

/** Fields 1 to `STARTTIME`; valid until the next call. The last of them must be followed by another field. */
function readNumbers(bytes: Buffer, from: number, length: number): Float64Array | undefined {
  let at = from;
  for (let index = 1; index <= STARTTIME; index += 1) {
    let end = at;
    while (end < length && bytes[end] !== SPACE) end += 1;
    if (end >= length) return undefined;
    const negative = bytes[at] === 0x2d;
    const value = readNumber(bytes, negative ? at + 1 : at, end);
    if (value < 0) return undefined;
    fields[index] = negative ? -value : value;
    at = end + 1;
  }
  return fields;
}

/** Decimal digits between two positions; -1 when there is anything else, or nothing. */
function readNumber(bytes: Buffer, from: number, to: number): number {
  if (from >= to) return -1;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
