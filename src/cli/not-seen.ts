import type { BlindSpot } from '../types/blind-spot.ts';
import type { Snapshot } from '../types/snapshot.ts';
import type { FindingRecord } from '../types/store.ts';
import { labelled } from './block.ts';
import { count } from './format.ts';
import { closedWithoutOwner } from './outbound.ts';
import type { Paint } from './paint.ts';

const SHOWN = 8;

/**
 * What this look could not see, the essential first. There is always something: a look is a moment.
 *
 * @param inPart rules that judged with less than they would like to have, told together: each one has its own finding.
 */
export function notSeenLines(snapshot: Snapshot, inPart: readonly FindingRecord[], paint: Paint): string[] {
  const spots = snapshot.blindSpots.toSorted((a, b) => Number(b.essential) - Number(a.essential));
  const sentences = spots.slice(0, SHOWN).map((spot) => blindSpotSentence(spot, paint));
  if (spots.length > SHOWN) sentences.push(`${spots.length - SHOWN} more: clawwatch doctor`);
  if (inPart.length > 0) sentences.push(judgedInPart(inPart, snapshot, paint));
  sentences.push(shortConnections(snapshot));
  return sentences.flatMap((sentence, index) =>
    labelled(index === 0 ? 'Not seen' : '', sentence, paint, index === 0 && spots[0]?.essential ? 'yellow' : undefined),
  );
}

export function blindSpotSentence(spot: BlindSpot, paint: Paint): string {
  const fix = spot.fix ? ` (${paint.text(spot.fix, 200)})` : '';
  return `${spot.essential ? 'ESSENTIAL: ' : ''}${paint.text(spot.what, 300)}: ${paint.text(spot.why, 300)}${fix}`;
}

function judgedInPart(inPart: readonly FindingRecord[], { telemetry }: Snapshot, paint: Paint): string {
  // POS-08 speaks for others, each a line of its evidence.
  const named = inPart.flatMap(({ ruleId, evidence }) =>
    ruleId === 'POS-08' ? evidence.map(({ label }) => label) : [ruleId],
  );
  const ids = [...new Set(named)].sort().map((id) => paint.text(id, 20));
  const isWhole = telemetry === 'T2' || telemetry === 'T3';
  const how = isWhole ? 'clawwatch findings' : 'sudo clawwatch sensor install; clawwatch findings tells of each';
  return `${count(ids.length, 'rule')} could judge only in part or not at all, ${ids.join(', ')} (${how})`;
}

function shortConnections(snapshot: Snapshot): string {
  const closed = closedWithoutOwner(snapshot);
  const lost = closed > 0 ? `; ${count(closed, 'connection')} closed in the last minute without a known owner` : '';
  return `connections shorter than this look${lost}`;
}
