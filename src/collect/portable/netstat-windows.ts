import {
  boundEndpoint,
  isNobody,
  type LineParser,
  type ParsedLine,
  parseEndpoint,
  socketState,
  visiblePids,
} from './endpoint.ts';

/** No -b (needs an administrator and takes seconds) and no names: pids are named by tasklist. */
export const WINDOWS_ARGS: readonly string[] = ['-a', '-n', '-o'];

// Every word but the protocol may be translated, state and headers included, and comes in the console's code page.
const ROW = /^\s*(TCP|UDP)\s+(\S+)\s+(\S+)\s+(?:(\D.*?)\s+)?(\d+)\s*$/s;

/** Rows of `netstat.exe -a -n -o` in any language. */
export function createWindowsParser(): LineParser {
  return (line) => {
    if (/^\s*(TCP|UDP)\s/.test(line)) return parseRow(line);
    // Headers are translated, so any other line with text counts as one.
    return line.trim() === '' ? { kind: 'ignored' } : { kind: 'header' };
  };
}

function parseRow(line: string): ParsedLine {
  const row = ROW.exec(line);
  const local = row && parseEndpoint(row[2]!, ':');
  const remote = row && parseEndpoint(row[3]!, ':');
  if (!row || !local || !remote) return { kind: 'unreadable' };
  const protocol = row[1] === 'TCP' ? 'tcp' : 'udp';
  const family = row[2]!.startsWith('[') ? 6 : 4;
  const nobody = isNobody(remote);
  const localEnd = boundEndpoint(local, family);
  const remoteEnd = nobody ? undefined : boundEndpoint(remote, family);
  if (!localEnd || (!nobody && !remoteEnd)) return { kind: 'unreadable' };
  return {
    kind: 'socket',
    socket: {
      protocol,
      family,
      state: socketState(protocol, row[4], nobody),
      local: localEnd,
      ...(remoteEnd && { remote: remoteEnd }),
      ...(localEnd.address === '::' && { dualStack: 'unknown' }),
      pids: visiblePids(row[5]),
    },
  };
}
