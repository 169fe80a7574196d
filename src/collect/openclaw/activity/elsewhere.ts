import { statSync } from 'node:fs';
import type { GatewayFact } from '../../../types/gateway.ts';

/**
 * Whether a gateway sees another file system than we do: its paths then name other files here. False when that cannot
 * be told (another user's process, a system without `/proc`); whoever opens a file checks its owner as well.
 */
export function runsElsewhere(gateway: Pick<GatewayFact, 'pid'>, procRoot: string): boolean {
  if (gateway.pid === undefined) return false;
  try {
    const theirs = statSync(`${procRoot}/${gateway.pid}/root/`);
    const ours = statSync('/');
    return theirs.dev !== ours.dev || theirs.ino !== ours.ino;
  } catch {
    return false;
  }
}
