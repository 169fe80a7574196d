/**
 * Something that could not be seen. A blind spot is a value and not an error: the rest of the look goes on, the person
 * reads what is missing and how to get it, and an answer that depends on it becomes UNKNOWN instead of clean.
 */
export interface BlindSpot {
  /** Stable code, for example `proc.fd.denied`; never contains text from outside. */
  id: string;
  /** Collector or stage that was blind. */
  source: string;
  /** What is missing, as a noun phrase: "owners of 12 sockets of other users". */
  what: string;
  /** Cause, in one clause. */
  why: string;
  /** What a person can do, best as a command. */
  fix?: string;
  /** True when the exposure verdict cannot be given without it; such a look never ends "clean" (exit 3). */
  essential: boolean;
  /** Gateway that the gap concerns, where it is one. */
  gatewayId?: string;
  /**
   * True when sockets themselves may be missing from the look (a table, namespace or other user's sockets could not be
   * read), not merely their owners. The absence of a socket then proves less: the store closes only what a look with
   * the same gaps had seen.
   */
  socketsMissing?: boolean;
}
