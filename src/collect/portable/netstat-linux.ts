import {
  boundEndpoint,
  isNobody,
  type LineParser,
  type ParsedLine,
  parseEndpoint,
  socketState,
  visiblePids,
} from './endpoint.ts';

/** -e adds uid and inode, -W keeps long IPv6 addresses whole. Busybox documents all of them (not run). */
export const LINUX_ARGS: readonly string[] = ['-a', '-p', '-n', '-t', '-u', '-e', '-W'];

const ROW = /^(tcp|udp)(6?)\s+\d+\s+\d+\s+(\S+)\s+(\S+)\s+(.*)$/s;
// The free text, a process name, comes last, and everything is anchored from the left: a name cannot shift a column.
const TAIL = /^(?:([A-Z][A-Z0-9_]*)\s+)?(?:(\d+)\s+(\d+)\s+)?(?:(\d+)\/.*|-)\s*$/s;

// The padded columns of net-tools 2.10 are never shorter. The rest of a name with a line feed in it is: the
// tool cuts "pid/name" to 19 characters, so no process can forge a row.
const MIN_ROW = 60;

/** Rows of `netstat -apntueW` of net-tools and busybox. */
export function createLinuxParser(): LineParser {
  return (line) => {
    if (/^(Active|Proto)\s/.test(line)) return { kind: 'header' };
    if (!/^(tcp|udp)/.test(line)) return line.trim() === '' ? { kind: 'ignored' } : { kind: 'stray' };
    if (line.length < MIN_ROW) return { kind: 'unreadable' };
    return parseRow(line);
  };
}

function parseRow(line: string): ParsedLine {
  const row = ROW.exec(line);
  const tail = row && TAIL.exec(row[5]!);
  const local = row && parseEndpoint(row[3]!, ':');
  const remote = row && parseEndpoint(row[4]!, ':');
  if (!row || !tail || !local || !remote) return { kind: 'unreadable' };
  const protocol = row[1] as 'tcp' | 'udp';
  const family = row[2] === '6' ? 6 : 4;
  const nobody = isNobody(remote);
  const state = socketState(protocol, tail[1], nobody);
  const localEnd = boundEndpoint(local, family);
  const remoteEnd = nobody ? undefined : boundEndpoint(remote, family);
  if (!localEnd || (!nobody && !remoteEnd)) return { kind: 'unreadable' };
  const inode = Number(tail[3] ?? 0);
  return {
    kind: 'socket',
    socket: {
      protocol,
      family,
      state,
      local: localEnd,
      ...(remoteEnd && { remote: remoteEnd }),
      ...(localEnd.address === '::' && { dualStack: 'unknown' }),
      ...(inode > 0 && { inode }),
      // Of a socket without an owner (TIME_WAIT) the kernel says uid 0, whoever it belonged to.
      ...(tail[2] !== undefined && inode > 0 && { uid: Number(tail[2]) }),
      pids: visiblePids(tail[4]),
    },
  };
}
