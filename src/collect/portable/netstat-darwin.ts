import {
  boundEndpoint,
  isNobody,
  type LineParser,
  type ParsedLine,
  parseEndpoint,
  socketState,
  visiblePids,
} from './endpoint.ts';

/** -a because listeners are not shown without it, -v for the pid column, -W for whole IPv6 addresses. */
export const DARWIN_ARGS: readonly string[] = ['-a', '-n', '-v', '-W'];

const ROW = /^(tcp|udp)(46|4|6)?\s+\d+\s+\d+\s+(\S+)\s+(\S+)(?:\s+([A-Z][A-Z0-9_]*)(?=\s|$))?(.*)$/s;

// Whole lines: behind the rest of a process name with a line feed the tool's own columns follow, so no name can end
// the internet section and hide what comes after it.
const SECTION =
  /^(Active (Internet connections( \(including servers\))?|Multipath Internet connections|LOCAL \(UNIX\) domain sockets|kernel (event|control) sockets)|Registered kernel control modules)\s*$/;

/** Where a version prints the owner: the n-th number after the state, `name:pid`, or nowhere. */
type PidColumn = { kind: 'number'; index: number } | { kind: 'name:pid' } | { kind: 'none' };

/**
 * Rows of `netstat -anvW` of macOS. Up to 14 the pid is the third number after the state, 15 put two byte counters in
 * front, 26 prints `process:pid`; the header tells which, and nothing is guessed without one.
 */
export function createDarwinParser(): LineParser {
  let column: PidColumn = { kind: 'none' };
  let internet = true;
  return (line) => {
    // UNIX domain sockets follow in the same output. Their paths are anybody's text, line feeds included, so once the
    // internet section is over nothing can open it again.
    if (SECTION.test(line)) {
      internet &&= line.startsWith('Active Internet');
      return { kind: 'header' };
    }
    if (!internet) return { kind: 'ignored' };
    if (/^Proto\s/.test(line)) {
      // The first one is the tool's own; a later one may be the rest of a process name.
      if (column.kind === 'none') column = pidColumn(line);
      return { kind: 'header' };
    }
    if (/^(tcp|udp)/.test(line)) return parseRow(line, column);
    return line.trim() === '' || /^(icm|ip)/.test(line) ? { kind: 'ignored' } : { kind: 'stray' };
  };
}

function pidColumn(header: string): PidColumn {
  const words = header.trim().split(/\s+/);
  if (words.includes('process:pid')) return { kind: 'name:pid' };
  const state = words.findIndex((word) => /^\(state\)$/i.test(word));
  const pid = words.indexOf('pid');
  return state >= 0 && pid > state ? { kind: 'number', index: pid - state - 1 } : { kind: 'none' };
}

function parseRow(line: string, column: PidColumn): ParsedLine {
  const row = ROW.exec(line);
  const local = row && parseEndpoint(row[3]!, '.');
  const remote = row && parseEndpoint(row[4]!, '.');
  if (!row || !local || !remote) return { kind: 'unreadable' };
  // `*.*`: a socket that was made and never bound. Nobody can reach it.
  if (local.port === undefined) return { kind: 'ignored' };
  const protocol = row[1] as 'tcp' | 'udp';
  const family = (row[2] ?? (local.address.includes(':') ? '6' : '4')).endsWith('6') ? 6 : 4;
  const nobody = isNobody(remote);
  const localEnd = boundEndpoint(local, family)!;
  const remoteEnd = nobody ? undefined : boundEndpoint(remote, family);
  if (!nobody && !remoteEnd) return { kind: 'unreadable' };
  return {
    kind: 'socket',
    socket: {
      protocol,
      family,
      state: socketState(protocol, row[5], nobody),
      local: localEnd,
      ...(remoteEnd && { remote: remoteEnd }),
      ...(localEnd.address === '::' && { dualStack: row[2] === '46' ? 'yes' : row[2] === '6' ? 'no' : 'unknown' }),
      pids: visiblePids(ownerPid(row[6]!, column)),
    },
  };
}

function ownerPid(rest: string, column: PidColumn): string | undefined {
  if (column.kind === 'none') return undefined;
  if (column.kind === 'number') return rest.trim().split(/\s+/)[column.index];
  // The columns behind hold only hex digits, so the last colon is the tool's own, whatever the name contains. They must
  // be there: a name "x:1" with a line feed behind it would end the line with a pid of its own choice, and 16
  // characters are too few to forge the columns as well.
  return /^.*:(\d+)\s+[0-9a-f]{5}\s+[0-9a-f]{8}(?:\s|$)/s.exec(rest)?.[1];
}
