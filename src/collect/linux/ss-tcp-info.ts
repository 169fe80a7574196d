/** What `ss -tine` says about one TCP socket, raw: the kernel counts sequence numbers here, not payload. */
export interface TcpInfo {
  /** State as ss spells it, for example `ESTAB` or `FIN-WAIT-2`. */
  state: string;
  /** Sequence numbers that the peer acknowledged: payload, our SYN if we sent one first, our FIN. */
  bytesAcked: number;
  /** Sequence numbers received in order: payload and the peer's FIN, never its SYN. */
  bytesReceived: number;
  /** Payload handed to the network without repetitions; absent when nothing was sent or before Linux 4.19. */
  bytesSentOnce?: number;
}

export interface TcpInfoReading {
  /** By socket inode. Sockets without one (TIME_WAIT, orphans, half-open) belong to nobody and are left out. */
  sockets: Map<number, TcpInfo>;
  /** Rows of sockets that have an inode and could not be read. */
  unreadable: number;
}

// State, queues, both ends, then the fixed words that stand before anything a program can choose. What may be glued in
// front of the state is explained at `parseTcpInfo`.
const HEAD =
  /^\S*?(ESTAB|SYN-SENT|SYN-RECV|FIN-WAIT-[12]|TIME-WAIT|CLOSE-WAIT|LAST-ACK|CLOSING|UNCONN) +\d+ +\d+ +\S+ +\S+ +(?:timer:\(\S*\) +)?(?:uid:\d+ +)?ino:(\d{1,16}) /;
const WITHOUT_INODE = /^\S*(?:State|SYN-RECV|TIME-WAIT) /;
const ANCHOR = /^ cwnd:\d/;

/**
 * Reads the lines of `ss -tine`, with or without `-O` (a socket in one line or in two) and `-H` (header). Never throws.
 *
 * Without `-p` no process name is printed, yet one text is not the kernel's: the control group's path, and whoever may
 * make control groups (every user under systemd) may name one `x ino:5 bytes_acked:9`. Only line feeds are refused by the
 * kernel. So the inode is taken from the left, where nothing free stands before it, and the counters only after the
 * last ` cwnd:`, which ss prints for every socket behind that path and directly before them. The other free text is a
 * TCP-MD5 key, shown to root only: its blanks and line feeds are escaped, but ss 6.1 prints it glued to the first row
 * instead of at the end of its own, so the state is looked for at the end of the first word.
 */
export function parseTcpInfo(lines: readonly string[]): TcpInfoReading {
  const reading: TcpInfoReading = { sockets: new Map(), unreadable: 0 };
  let row = '';
  for (const line of lines) {
    if (line.startsWith('\t')) {
      row += ` ${line.slice(1)}`;
      continue;
    }
    parseRow(row, reading);
    row = line;
  }
  parseRow(row, reading);
  return reading;
}

function parseRow(row: string, reading: TcpInfoReading): void {
  const head = HEAD.exec(row);
  if (head === null) {
    // ss names no inode at all for connections that nobody has accepted yet.
    if (row.trim() !== '' && !WITHOUT_INODE.test(row)) reading.unreadable++;
    return;
  }
  const inode = Number(head[2]);
  if (inode === 0) return;
  const tail = row.slice(Math.max(0, row.lastIndexOf(' cwnd:')));
  const bytesAcked = counter(tail, ' bytes_acked:');
  const bytesReceived = counter(tail, ' bytes_received:');
  const sent = counter(tail, ' bytes_sent:');
  const repeated = counter(tail, ' bytes_retrans:');
  const isNumber = !Number.isNaN(bytesAcked + bytesReceived + sent + repeated);
  // The same inode twice cannot be: one of the two rows is not what it seems.
  if (!isNumber || !ANCHOR.test(tail) || reading.sockets.has(inode)) {
    reading.unreadable++;
    return;
  }
  const info: TcpInfo = { state: head[1]!, bytesAcked, bytesReceived };
  if (sent > 0) info.bytesSentOnce = Math.max(0, sent - repeated);
  reading.sockets.set(inode, info);
}

/** ss leaves a counter out while it is 0; every kernel that Node runs on has them (Linux 4.1). NaN: there but no number. */
function counter(tail: string, word: string): number {
  const at = tail.indexOf(word);
  if (at < 0) return 0;
  const start = at + word.length;
  const end = tail.indexOf(' ', start);
  const digits = end < 0 ? tail.slice(start) : tail.slice(start, end);
  const value = /^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

// The peer has acknowledged our FIN in this state only; in CLOSING and LAST-ACK it has not yet.
const FIN_ACKNOWLEDGED = new Set(['FIN-WAIT-2']);
const FIN_RECEIVED = new Set(['CLOSE-WAIT', 'LAST-ACK', 'CLOSING']);

/**
 * Payload bytes of a socket. SYN and FIN take one sequence number each; measured on Linux 6.18: `bytes_acked` is
 * payload + 1 for who opened the connection and payload for who accepted it, one more once our FIN is acknowledged, hence
 * payload + 2 of a closed connection that we opened; `bytes_received` is payload, and one more after the peer's FIN.
 *
 * @param state as ss spells it.
 * @param opened whether this end opened the connection. Taken wrongly it costs one byte; never more than was sent is said.
 */
export function payloadBytes(
  state: string,
  { bytesAcked, bytesReceived, bytesSentOnce }: Omit<TcpInfo, 'state'>,
  opened: boolean,
): { bytesOut: number; bytesIn: number } {
  const marks = (opened ? 1 : 0) + (FIN_ACKNOWLEDGED.has(state) ? 1 : 0);
  const acknowledged = Math.max(0, bytesAcked - marks);
  return {
    bytesOut: Math.min(acknowledged, bytesSentOnce ?? acknowledged),
    bytesIn: Math.max(0, bytesReceived - (FIN_RECEIVED.has(state) ? 1 : 0)),
  };
}
