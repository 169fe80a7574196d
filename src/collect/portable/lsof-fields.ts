import { boundEndpoint, isNobody, type ParsedSocket, parseEndpoint, socketState } from './endpoint.ts';

/** One open file of one process that is a socket. */
export interface LsofSocket extends ParsedSocket {
  pid: number;
  /** Kernel identity of the socket as lsof prints it: inode on Linux, address on macOS. Same text, same socket. */
  device?: string;
}

export interface LsofReading {
  sockets: LsofSocket[];
  /** Internet sockets whose fields could not be understood. */
  unreadable: number;
}

/** Letters: pid, user, file descriptor, type, device, protocol, name, TCP state; each ended by NUL. */
export const LSOF_FIELDS = 'pufdtPnT0';

/**
 * Reads `lsof -F…0`. Fields end with NUL and sets of fields with NUL and a line feed, and a name can hold no NUL: so a
 * line feed in a process name is part of the name, and no name can pose as a field. Unknown fields are skipped. Pure.
 */
export function readLsofLines(lines: Iterable<string>, platform: NodeJS.Platform): LsofReading {
  const reading: LsofReading = { sockets: [], unreadable: 0 };
  const process: { pid?: number; uid?: number } = {};
  let pending = '';
  for (const line of lines) {
    pending = pending === '' ? line : `${pending}\n${line}`;
    if (!pending.endsWith('\0')) continue;
    readSet(pending, process, reading, platform);
    pending = '';
  }
  // Cut in the middle of a set, by a timeout for example.
  if (/(^|\0)P(TCP|UDP)/.test(pending)) reading.unreadable++;
  return reading;
}

function readSet(
  text: string,
  process: { pid?: number; uid?: number },
  reading: LsofReading,
  platform: NodeJS.Platform,
): void {
  const fields = new Map<string, string>();
  for (const field of text.split('\0')) {
    if (field.startsWith('T')) {
      const [key, value] = splitOnce(field, '=');
      if (value !== undefined) fields.set(key, value);
    } else if (field !== '') fields.set(field[0]!, field.slice(1));
  }
  const pid = fields.get('p');
  if (pid !== undefined) {
    delete process.pid;
    delete process.uid;
    if (/^\d{1,10}$/.test(pid)) process.pid = Number(pid);
    const uid = fields.get('u');
    if (uid !== undefined && /^\d{1,10}$/.test(uid)) process.uid = Number(uid);
  }
  const protocol = fields.get('P');
  if (protocol !== 'TCP' && protocol !== 'UDP') return;
  const socket = readSocket(fields, process, platform);
  if (socket === 'unreadable') reading.unreadable++;
  else if (socket) reading.sockets.push(socket);
}

/** `undefined`: a socket without an address, which nobody can reach. */
function readSocket(
  fields: ReadonlyMap<string, string>,
  process: { pid?: number; uid?: number },
  platform: NodeJS.Platform,
): LsofSocket | undefined | 'unreadable' {
  const protocol = fields.get('P') === 'TCP' ? 'tcp' : 'udp';
  const type = fields.get('t');
  const [localText, remoteText] = splitOnce(fields.get('n') ?? '', '->');
  const local = parseEndpoint(localText, ':');
  const remote = remoteText === undefined ? undefined : parseEndpoint(remoteText, ':');
  const typeKnown = type === 'IPv4' || type === 'IPv6';
  if (process.pid === undefined || !typeKnown || !local || (remoteText !== undefined && !remote)) return 'unreadable';
  // The type decides what `*` means, 0.0.0.0 or ::.
  const family = type === 'IPv6' ? 6 : 4;
  const localEnd = boundEndpoint(local, family);
  if (!localEnd) return undefined;
  const nobody = remote === undefined || isNobody(remote);
  const remoteEnd = nobody ? undefined : boundEndpoint(remote, family);
  if (!nobody && !remoteEnd) return 'unreadable';
  const device = fields.get('d');
  return {
    protocol,
    family,
    state: socketState(protocol, fields.get('TST'), nobody),
    local: localEnd,
    ...(remoteEnd && { remote: remoteEnd }),
    ...(localEnd.address === '::' && { dualStack: 'unknown' as const }),
    ...(platform === 'linux' && device !== undefined && /^[1-9]\d{0,14}$/.test(device) && { inode: Number(device) }),
    ...(process.uid !== undefined && { uid: process.uid }),
    pid: process.pid,
    ...(device !== undefined && device !== '' && { device }),
  };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
