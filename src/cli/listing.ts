import type { BlindSpot } from '../types/blind-spot.ts';
import { EXIT, UserError } from '../types/error.ts';
import type { Snapshot } from '../types/snapshot.ts';
import type { StoreReader } from '../types/store.ts';
import { blindSpotAnswer } from './answers.ts';
import { labelled } from './block.ts';
import type { Context } from './context.ts';
import { failedLook } from './failure.ts';
import { age, count, dateTime } from './format.ts';
import { lookNow } from './look.ts';
import { blindSpotSentence } from './not-seen.ts';
import { isRecent, readRecord } from './recorded.ts';
import { wrap } from './width.ts';

export interface ListingOptions {
  live?: boolean;
  all?: boolean;
}

/** Things and where they are known from. */
interface Seen<Thing> {
  things: Thing[];
  source: 'record' | 'look';
  /** Unix ms of the look they were seen in. */
  at: number;
  blindSpots: BlindSpot[];
}

export interface Kind<Thing> {
  command: string;
  recorded(reader: StoreReader): Thing[];
  live(snapshot: Snapshot): Thing[];
  wanted(thing: Thing): boolean;
  /** What the unwanted ones are, in words. */
  hidden: string;
  table(things: Thing[], context: Context): string[];
  json(thing: Thing): object;
  noun: string;
  /** Whether things of this kind may be missing for that blind spot, so that the list proves nothing by what it lacks. */
  mayLack(spot: BlindSpot): boolean;
}

/**
 * A list from the record of a running agent where that is fresh, else from a look now; the answer says which, and what was
 * not seen.
 */
export async function answerListing<Thing>(context: Context, options: ListingOptions, kind: Kind<Thing>) {
  let seen: Seen<Thing> | undefined;
  try {
    seen = options.live ? undefined : await fromRecord(context, kind);
    seen ??= await fromLook(context, options, kind);
  } catch (error) {
    return failedLook(context, error);
  }
  const { source, at, blindSpots } = seen;
  const wanted = seen.things.filter(kind.wanted);
  const blind = blindSpots.some((spot) => spot.essential || kind.mayLack(spot));
  const exitCode = blind ? EXIT.blind : EXIT.ok;
  context.answer({
    text: () => [
      ...wrap(headline(seen, wanted.length, blind, kind, context), context.paint.width),
      ...(wanted.length > 0 ? ['', ...kind.table(wanted, context)] : []),
      ...blindLines(blindSpots, context),
    ],
    json: () => ({
      command: kind.command,
      verdict: blind ? 'UNKNOWN' : 'OK',
      exitCode,
      source,
      at,
      [kind.command]: wanted.map(kind.json),
      blindSpots: blindSpots.map(blindSpotAnswer),
    }),
  });
  return exitCode;
}

/** The last look of a running agent; `undefined` when there is none that is fresh enough. */
async function fromRecord<Thing>(context: Context, kind: Kind<Thing>): Promise<Seen<Thing> | undefined> {
  return readRecord(context, (reader): Seen<Thing> | undefined => {
    const cycle = reader.lastCycle();
    if (!cycle || !isRecent(cycle, context.config, context.io.now())) return undefined;
    return { things: kind.recorded(reader), source: 'record', at: cycle.at, blindSpots: cycle.blindSpots };
  }).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    // A fresh look answers as well; that the record is out of order must still be said.
    context.warn(`${error.message}; looking afresh`);
    return undefined;
  });
}

async function fromLook<Thing>(context: Context, options: ListingOptions, kind: Kind<Thing>): Promise<Seen<Thing>> {
  const { result } = await lookNow(context, { record: false, everything: options.all === true });
  const { snapshot } = result;
  return { things: kind.live(snapshot), source: 'look', at: snapshot.at, blindSpots: snapshot.blindSpots };
}

function headline<Thing>(
  seen: Seen<Thing>,
  shown: number,
  blind: boolean,
  kind: Kind<Thing>,
  { io, paint }: Context,
): string {
  const from =
    seen.source === 'record'
      ? `recorded by the agent ${age(io.now() - seen.at)} ago`
      : `fresh look at ${dateTime(seen.at)}, not recorded`;
  const hidden = seen.things.length - shown;
  const lacking = blind ? '; there may be more, see what was not seen' : '';
  return paint.own(`${count(shown, kind.noun)}, ${from}${hidden > 0 ? `; ${hidden} ${kind.hidden}` : ''}${lacking}`);
}

function blindLines(blindSpots: readonly BlindSpot[], { paint }: Context): string[] {
  if (blindSpots.length === 0) return [];
  return [
    '',
    ...blindSpots.flatMap((spot, i) => labelled(i === 0 ? 'Not seen' : '', blindSpotSentence(spot, paint), paint)),
  ];
}
