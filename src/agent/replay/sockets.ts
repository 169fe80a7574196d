import { isListening, type Observation, type Protocol, type SocketState } from '../../types/socket.ts';

/** A socket of the machine, with what no look can see. */
export interface SimSocket {
  netns: string;
  protocol: Protocol;
  family: 4 | 6;
  state: SocketState;
  local: { address: string; port: number };
  remote?: { address: string; port: number };
  dualStack?: 'yes' | 'no' | 'unknown';
  inode: number;
  pids: number[];
  bytesOut: number;
  bytesIn: number;
  /** Unix ms. */
  openedAt: number;
  closedAt?: number;
  /** This side said goodbye first, so the kernel keeps a remnant for a minute. */
  leavesRemnant?: boolean;
  /** It was opened from here: the sensor told of it. */
  isOpener?: boolean;
  failed?: boolean;
  /** A look had it in its table. */
  wasSeen?: boolean;
  /** Its end has been told. */
  endTold?: boolean;
  cookie: number;
}

/** What a case says of a new socket. */
export type Opening = Pick<SimSocket, 'netns' | 'protocol' | 'family' | 'state' | 'local' | 'pids' | 'openedAt'> &
  Partial<SimSocket>;

export interface SimSockets {
  open(opening: Opening): SimSocket;
  close(socket: SimSocket, at: number): void;
  /** Those that are open. */
  current(): Iterable<SimSocket>;
  /** Those that ended and are not forgotten. */
  ended(): Iterable<SimSocket>;
  /** The listener that takes a connection to this end. */
  listenerAt(netns: string, protocol: Protocol, address: string, port: number): SimSocket | undefined;
  /** Forgets what ended before `at`. */
  sweep(at: number): void;
  ephemeralPort(): number;
  /** TCP connections opened in a namespace so far. */
  opens(netns: string): number;
}

export const REMNANT_MS = 60_000;

export function createSockets(): SimSockets {
  const open = new Set<SimSocket>();
  const ended = new Set<SimSocket>();
  const opens = new Map<string, number>();
  let inode = 100_000;
  let port = 32_768;
  let cookie = 1;
  return {
    open(opening) {
      const socket: SimSocket = { inode: inode++, bytesOut: 0, bytesIn: 0, cookie: cookie++, ...opening };
      open.add(socket);
      if (socket.isOpener && socket.protocol === 'tcp') opens.set(socket.netns, (opens.get(socket.netns) ?? 0) + 1);
      return socket;
    },
    close(socket, at) {
      if (!open.delete(socket)) return;
      socket.closedAt = at;
      if (socket.remote !== undefined) ended.add(socket);
    },
    current: () => open,
    ended: () => ended,
    listenerAt(netns, protocol, address, wanted) {
      const at = [...open].filter(
        (socket) =>
          isListening(socket) && socket.netns === netns && socket.protocol === protocol && socket.local.port === wanted,
      );
      const six = address.includes(':');
      return (
        at.find(({ local }) => local.address === address) ??
        at.find(({ local, dualStack }) => local.address === '::' && (six || dualStack !== 'no')) ??
        at.find(({ local }) => local.address === '0.0.0.0' && !six)
      );
    },
    sweep(at) {
      for (const socket of ended) if (socket.closedAt! < at - REMNANT_MS) ended.delete(socket);
    },
    ephemeralPort() {
      port = port >= 60_998 ? 32_768 : port + 1;
      return port;
    },
    opens: (netns) => opens.get(netns) ?? 0,
  };
}

/** The row of an open socket. */
export function rowOf(socket: SimSocket, at: number, isOwnerSeen: boolean): Observation {
  const { netns, protocol, family, state, local, remote, dualStack, inode, pids, bytesOut, bytesIn } = socket;
  return {
    source: 'replay',
    seenAt: at,
    netns,
    protocol,
    family,
    state,
    local,
    inode,
    ...(remote !== undefined && { remote }),
    ...(dualStack !== undefined && { dualStack }),
    ...(isOwnerSeen && { pids: [...pids] }),
    ...(protocol === 'tcp' && remote !== undefined && { bytesOut, bytesIn }),
  };
}

/** What the kernel keeps of a connection that this side ended: no owner, no number. */
export function remnantOf(socket: SimSocket, at: number): Observation {
  const { netns, family, local, remote } = socket;
  return {
    source: 'replay',
    seenAt: at,
    netns,
    protocol: 'tcp',
    family,
    state: 'TIME_WAIT',
    local,
    ...(remote !== undefined && { remote }),
    closedAgoMs: at - socket.closedAt!,
  };
}
