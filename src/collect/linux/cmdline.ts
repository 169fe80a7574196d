const NUL = 0x00;
const SPACE = 0x20;

/** Arguments beyond this many are not kept: a hostile process must not fill our memory with 100,000 empty ones. */
const MAX_ARGUMENTS = 4096;

/**
 * Splits `/proc/PID/cmdline` at its NULs. A process can overwrite it: the gateway writes `openclaw-gateway` and leaves
 * the rest of the area as NULs or blanks, which are cut off here (and with them empty arguments at the end of an
 * untouched command line; they are only ever displayed).
 */
export function parseCmdline(bytes: Buffer, length: number = bytes.length): string[] {
  let end = length;
  while (end > 0 && (bytes[end - 1] === NUL || bytes[end - 1] === SPACE)) end -= 1;
  if (end === 0) return [];
  const argv: string[] = [];
  let start = 0;
  while (start <= end && argv.length < MAX_ARGUMENTS) {
    let stop = bytes.indexOf(NUL, start);
    if (stop < 0 || stop > end) stop = end;
    argv.push(bytes.toString('utf8', start, stop));
    start = stop + 1;
  }
  return argv;
}
