import { readlinkSync } from 'node:fs';

/** Number of the network namespace a process is in, from `/proc/PID/ns/net`; `undefined` when gone or not allowed. */
export function readNetns(procRoot: string, pid: number | 'self'): string | undefined {
  try {
    // "net:[4026531840]"
    const link = readlinkSync(`${procRoot}/${pid}/ns/net`);
    const number = link.slice(5, -1);
    return link.startsWith('net:[') && link.endsWith(']') && /^\d{1,20}$/.test(number) ? number : undefined;
  } catch {
    return undefined;
  }
}
