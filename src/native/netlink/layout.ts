/**
 * Where things are in the messages of `NETLINK_SOCK_DIAG`. Offsets and sizes in bytes, from the kernel's
 * `linux/netlink.h`, `linux/sock_diag.h`, `linux/inet_diag.h` and `linux/tcp.h`, which may only ever be appended to.
 * Words are in the machine's byte order; ports and addresses are in network order.
 */

/** `struct nlmsghdr` */
export const HEADER = { size: 16, length: 0, type: 4, flags: 6, sequence: 8, port: 12 } as const;

/** `struct inet_diag_req_v2`; what is not named here is the socket asked for, all zero in a dump. */
export const REQUEST = { size: 56, family: 0, protocol: 1, extensions: 2, states: 4 } as const;

/**
 * `struct inet_diag_req`, the older question of `TCPDIAG_GETSOCK`: for TCP, and of every family at once. The kernel walks
 * its hash table once for each question, a millisecond on a machine with much memory, so one question costs half.
 */
export const REQUEST_BOTH = { size: 60, family: 0, extensions: 3, states: 52 } as const;

/** `struct inet_diag_msg` with its `struct inet_diag_sockid`. */
export const SOCKET = {
  size: 72,
  family: 0,
  state: 1,
  timer: 2,
  localPort: 4,
  remotePort: 6,
  localAddress: 8,
  remoteAddress: 24,
  interface: 40,
  cookie: 44,
  expires: 52,
  uid: 64,
  inode: 68,
} as const;

/** `struct rtattr` */
export const ATTRIBUTE_HEADER = 4;

/** `enum` of `linux/inet_diag.h` */
export const ATTRIBUTE = { info: 2, v6Only: 11, cgroupId: 21 } as const;

/** `struct tcp_info`. `sentSize`: from this length on (Linux 4.19) it also has what was sent and sent again. */
export const TCP_INFO = {
  size: 136,
  bytesAcked: 120,
  bytesReceived: 128,
  sentSize: 216,
  bytesSent: 200,
  bytesRetransmitted: 208,
} as const;

/** `struct sockaddr_nl` */
export const NETLINK_ADDRESS = { size: 12, family: 0, port: 4, groups: 8 } as const;

export const MESSAGE = { noop: 1, error: 2, done: 3, overrun: 4, tcpSocket: 18, socket: 20 } as const;

export const FLAG = { request: 0x1, dumpInterrupted: 0x10, dump: 0x300 } as const;

export const ADDRESS_FAMILY = { 4: 2, 6: 10, netlink: 16 } as const;

export const PROTOCOL = { tcp: 6, udp: 17, sockDiag: 4 } as const;

/** Numbers of `net/tcp_states.h`; UDP uses two of them. */
export const STATE = { established: 1, timeWait: 6, close: 7, listen: 10 } as const;

/**
 * Every state that `/proc/net/tcp` prints. Without the pseudo state 13 (bound, neither connected nor listening), which
 * kernels before 6.8 do not know.
 */
export const ALL_STATES = 0x1ffe;

/** `idiag_timer` of a connection that only waits out its time. */
export const TIMER_TIME_WAIT = 3;
