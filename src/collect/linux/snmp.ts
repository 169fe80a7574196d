import type { BlindSpot } from '../../types/blind-spot.ts';
import { createFileReader } from './file-reader.ts';

/**
 * `Tcp: ActiveOpens` from the text of `/proc/PID/net/snmp`: connections that processes of the namespace opened, since
 * it exists. Two lines of a group belong together, names first and values second (RFC 4022 names the counter); the
 * position differs between kernels, so it is looked up by name. `undefined` for everything else, never a guess.
 */
export function parseActiveOpens(text: string): number | undefined {
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith('Tcp: '))
    .map((line) => line.trimEnd().split(' '));
  if (names === undefined || values === undefined || names.length !== values.length) return undefined;
  const index = names.indexOf('ActiveOpens');
  const value = values[index];
  if (index < 1 || names.lastIndexOf('ActiveOpens') !== index || value === undefined) return undefined;
  const count = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  return Number.isSafeInteger(count) ? count : undefined;
}

/** Counts of opened connections for namespaces, each read through a process inside it. */
export interface ActiveOpensSource {
  read(netns: readonly { netns: string; pid: number }[]): {
    activeOpens: { netns: string; count: number }[];
    blindSpots: BlindSpot[];
  };
}

const LIMIT_BYTES = 64 * 1024;

/** Reads the counter of our own namespace through `self` (give our own pid) and of every other one asked for. */
export function createProcfsActiveOpens({ procRoot = '/proc' }: { procRoot?: string } = {}): ActiveOpensSource {
  const file = createFileReader();
  return {
    read(netns) {
      const activeOpens: { netns: string; count: number }[] = [];
      const unread: string[] = [];
      for (const each of netns) {
        if (activeOpens.some((known) => known.netns === each.netns)) continue;
        const length = file.read(`${procRoot}/${each.pid}/net/snmp`, LIMIT_BYTES);
        const count = length < 0 ? undefined : parseActiveOpens(file.buffer.toString('latin1', 0, length));
        if (count === undefined) unread.push(each.netns);
        else activeOpens.push({ netns: each.netns, count });
      }
      const missing = unread.filter((each) => !activeOpens.some((known) => known.netns === each));
      return { activeOpens, blindSpots: missing.length === 0 ? [] : [uncounted(missing.length)] };
    },
  };
}

function uncounted(namespaces: number): BlindSpot {
  return {
    id: 'proc.snmp.unread',
    source: 'procfs',
    what: `how many connections were opened in ${namespaces} network namespace${namespaces === 1 ? '' : 's'}`,
    why: 'net/snmp of its processes could not be read, so connections that were missed cannot be counted there',
    fix: 'run clawwatch with sudo',
    essential: false,
  };
}
