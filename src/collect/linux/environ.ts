import { ENVIRON_MARKERS, ENVIRON_SECRETS, lengthMarker } from '../../types/process.ts';

const EQUALS = 0x3d;

/** Longest value kept. Markers are paths, ports and words; PATH_MAX is 4096. */
const MAX_VALUE = 4096;

/** Allowed names as bytes, by their length: an entry whose name has no such length is passed over unread. */
const NAMES = new Map<number, { name: string; bytes: Buffer }[]>();
for (const name of [...ENVIRON_MARKERS, ...ENVIRON_SECRETS]) {
  const bytes = Buffer.from(name, 'latin1');
  const same = NAMES.get(bytes.length) ?? [];
  NAMES.set(bytes.length, [...same, { name, bytes }]);
}

/**
 * Finds the variables of the allow list in `/proc/PID/environ`. Works on bytes: the variables next to them hold tokens,
 * and a string of those could stay in memory until a core dump or a heap snapshot shows it. The caller wipes the buffer.
 *
 * A process can rewrite this area and a parent can choose it, so a marker is a hint about where a process comes from and
 * never proof. Of a variable that is there twice the first counts, as for getenv(3).
 */
export function scanEnviron(bytes: Buffer, length: number = bytes.length): Record<string, string> {
  const markers: Record<string, string> = {};
  let start = 0;
  while (start < length) {
    let end = bytes.indexOf(0, start);
    if (end < 0 || end > length) end = length;
    const equals = bytes.indexOf(EQUALS, start);
    if (equals > start && equals < end) {
      const name = allowedName(bytes, start, equals);
      if (name !== undefined) keep(markers, name, bytes, equals + 1, end);
    }
    start = end + 1;
  }
  return markers;
}

function keep(markers: Record<string, string>, name: string, bytes: Buffer, start: number, end: number): void {
  const marker = ENVIRON_SECRETS.has(name) ? lengthMarker(name) : name;
  if (Object.hasOwn(markers, marker)) return;
  markers[marker] =
    marker === name ? bytes.toString('utf8', start, Math.min(end, start + MAX_VALUE)) : String(end - start);
}

function allowedName(bytes: Buffer, start: number, end: number): string | undefined {
  return NAMES.get(end - start)?.find((known) => known.bytes.compare(bytes, start, end) === 0)?.name;
}
