/** Transport protocol of a socket. */
export type Protocol = 'tcp' | 'udp';

/** TCP states by their kernel names; `UNCONN` is a UDP socket without a peer. */
export type SocketState =
  | 'ESTABLISHED'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'FIN_WAIT1'
  | 'FIN_WAIT2'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'LISTEN'
  | 'CLOSING'
  | 'NEW_SYN_RECV'
  | 'UNCONN'
  | 'UNKNOWN';

/** One end of a socket. `address` is canonical (see `canonicalAddress`), so IPv4-mapped IPv6 is already IPv4. */
export interface Endpoint {
  address: string;
  port: number;
  /** Zone of a link-local address as the source printed it ("eth0"), for display only. */
  zone?: string;
}

/** A socket as a collector saw it: facts only, nothing looked up and nothing judged. */
export interface Observation {
  /** Id of the collector that saw it. */
  source: string;
  /** Unix ms. */
  seenAt: number;
  /** Network namespace, as the number in `/proc/PID/ns/net`; `'own'` where a system has no such thing. */
  netns: string;
  protocol: Protocol;
  /** Family of the socket itself. A 6 with an IPv4 address is an IPv4-mapped connection on a dual-stack socket. */
  family: 4 | 6;
  state: SocketState;
  local: Endpoint;
  /** Absent for listening and unconnected sockets. */
  remote?: Endpoint;
  /** Whether a wildcard IPv6 listener also takes IPv4. `/proc` cannot tell, so it is often `'unknown'`. */
  dualStack?: 'yes' | 'no' | 'unknown';
  /** Socket inode; absent or 0 for TIME_WAIT and for systems without it. */
  inode?: number;
  /** Owning uid; absent for TIME_WAIT, where the kernel prints 0 for everybody. */
  uid?: number;
  /** Processes that hold this socket. `undefined`: not looked up; empty: looked up and not visible to us. */
  pids?: number[];
  /** TIME_WAIT only: how long ago it was closed, from the kernel's timer (60 s minus what is left), in ms. */
  closedAgoMs?: number;
  /** TCP payload bytes that the peer acknowledged, and that we received, as the kernel counts them; absent: not asked. */
  bytesOut?: number;
  bytesIn?: number;
  /** Unix ms; known only from the kernel's own event. */
  openedAt?: number;
  /** Known from events alone: nothing of it was there to be seen when the look was taken. */
  brief?: true;
  /** Brief: equal connections of one process that this one stands for; absent: one. */
  attempts?: number;
  /** Brief: `failed` when nobody answered or the answer was no; absent when not known. */
  outcome?: 'established' | 'failed';
}

/** A socket that waits for others: TCP LISTEN, or UDP without a peer. */
export function isListening(socket: Pick<Observation, 'state'>): boolean {
  return socket.state === 'LISTEN' || socket.state === 'UNCONN';
}

/** Key of a listener: the same service has the same key across restarts, so it holds neither pid nor inode. */
export function listenerKey(socket: Pick<Observation, 'netns' | 'protocol' | 'local'>): string {
  return `${socket.netns} ${socket.protocol} ${socket.local.address} ${socket.local.port}`;
}

/** Key of a connection: its addresses in its namespace. A reused ephemeral port makes the same key again. */
export function connectionKey(socket: Pick<Observation, 'netns' | 'protocol' | 'local' | 'remote'>): string {
  const remote = socket.remote ? `${socket.remote.address} ${socket.remote.port}` : '-';
  return `${socket.netns} ${socket.protocol} ${socket.local.address} ${socket.local.port} ${remote}`;
}
