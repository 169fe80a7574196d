import type { BlindSpot } from '../../../types/blind-spot.ts';
import type { GatewayFact } from '../../../types/gateway.ts';
import { safeText } from '../../../types/text.ts';
import type { NotReadCause } from '../sqlite.ts';

/** What a database would have told. */
export type RecordName = 'tool calls and skill use' | 'arguments of tool calls';

/**
 * The gap that an unread database leaves: connections are still seen and owned, they lack the tool call and sometimes
 * the skill. `undefined` for `busy`, which the next look makes good.
 */
export function blindSpotOf(
  gateway: GatewayFact,
  what: RecordName,
  cause: NotReadCause | 'container' | 'no-state-dir' | 'no-zstd',
  why: string,
): BlindSpot | undefined {
  if (cause === 'busy') return undefined;
  const fix = FIXES[cause];
  return {
    id: `openclaw.activity.${cause}`,
    source: 'openclaw',
    what: `${what} of gateway ${safeText(gateway.id, 80)}`,
    why: safeText(why, 200),
    ...(fix === undefined ? {} : { fix }),
    essential: false,
    gatewayId: gateway.id,
  };
}

const FIXES: Partial<Record<NotReadCause | 'container' | 'no-state-dir' | 'no-zstd', string>> = {
  missing: 'update OpenClaw: releases of 2026.9 keep this record',
  different: 'update ClawWatch: this OpenClaw stores it differently',
  'other-user': 'run ClawWatch as the user of the gateway',
  container: 'run ClawWatch inside the container as well',
  library: 'npm rebuild better-sqlite3',
  'no-zstd': 'run ClawWatch with Node 22.15 or newer',
};
