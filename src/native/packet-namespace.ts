import { closeSync, openSync } from 'node:fs';

interface NamespaceCalls {
  setns(fd: number, type: number): number;
  errorName(): string;
}

const CLONE_NEWNET = 0x40000000;

/**
 * Runs `work`, which must be synchronous, with this thread in another network namespace. A thread that could not come back
 * would go on to look at the wrong machine while it says it is this one, so then the whole process ends.
 */
export function inNetworkNamespace<T>(calls: NamespaceCalls, fd: number, work: () => T): T | { why: string } {
  // Of this thread: a namespace belongs to a thread, and `self` would be the one of the main thread.
  const own = openSync('/proc/thread-self/ns/net', 'r');
  try {
    if (calls.setns(fd, CLONE_NEWNET) < 0) {
      return { why: `the network namespace cannot be entered (${calls.errorName()})` };
    }
    try {
      return work();
    } finally {
      if (calls.setns(own, CLONE_NEWNET) < 0) process.abort();
    }
  } finally {
    closeSync(own);
  }
}
