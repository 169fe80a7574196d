import { intelFolder } from '../intel/folder.ts';
import type { CleanPack } from '../intel/hygiene.ts';
import { agesOf } from '../intel/intel.ts';
import { INDICATOR_TYPES } from '../intel/pack.ts';
import type { Indicator } from '../types/indicators.ts';
import { labelled } from './block.ts';
import type { Context } from './context.ts';
import { count } from './format.ts';
import type { Paint } from './paint.ts';

const DAY_MS = 86_400_000;

/** Where installed packs are, for commands and agent alike. */
export function folderOf({ io }: Pick<Context, 'io'>): string {
  return intelFolder(io.env, io.env.HOME ?? io.home);
}

/** The day of a list, as its publisher wrote it: in UTC. */
export function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Number of indicators of a type and a tier that still count, and of those that do not. */
export interface TypeCount {
  type: Indicator['type'];
  A: number;
  B: number;
}

export function typeCounts({ indicators }: Pick<CleanPack, 'indicators'>): TypeCount[] {
  return INDICATOR_TYPES.map((type) => {
    const ofType = indicators.filter((indicator) => indicator.type === type);
    const A = ofType.filter(({ tier }) => tier === 'A').length;
    return { type, A, B: ofType.length - A };
  }).filter(({ A, B }) => A + B > 0);
}

/** The pack in JSON. */
export function packAnswer(pack: CleanPack, now: number): object {
  return {
    name: pack.name,
    datedAt: pack.datedAt ?? null,
    licence: pack.licence ?? null,
    source: pack.source ?? null,
    indicators: typeCounts(pack),
    ages: agesOf(pack, now),
    categories: [...pack.categories].map(([category, names]) => ({ category, names: names.length })),
    refused: [...pack.refused].map(([reason, { count: number, example }]) => ({
      reason,
      count: number,
      example: example ?? null,
    })),
  };
}

/** What a pack holds, a few lines under its name. */
export function packLines(pack: CleanPack, now: number, paint: Paint): string[] {
  const ages = agesOf(pack, now);
  const types = typeCounts(pack).map(
    ({ type, A, B }) => `${A + B} ${type} (${[A && `${A} A`, B && `${B} B`].filter(Boolean).join(', ')})`,
  );
  const categories = [...pack.categories].map(([category, names]) => `${names.length} ${category}`);
  return [
    ...labelled(
      '',
      `${count(pack.indicators.length, 'indicator')}${types.length > 0 ? `: ${types.join(', ')}` : ''}`,
      paint,
    ),
    ...(pack.indicators.length > 0
      ? labelled(
          '',
          `${ages.fresh} in force, ${ages.aged} aged (one step milder), ${ages.expired} expired (not used)`,
          paint,
        )
      : []),
    ...(categories.length > 0 ? labelled('', `categories: ${categories.join(', ')}`, paint) : []),
    ...[...pack.refused].slice(0, 8).flatMap(([reason, { count: number, example }]) => {
      const first = example === undefined ? '' : `, the first: ${paint.text(example, 80)}`;
      return labelled('', `refused: ${number} as ${reason}${first}`, paint);
    }),
  ];
}

/** How old the data is, when that is worth a word. */
export function ageNote(datedAt: number | undefined, now: number, staleDays: number): string | undefined {
  if (datedAt === undefined) return 'it does not say when it was made';
  const days = Math.floor((now - datedAt) / DAY_MS);
  return days > staleDays ? `it is ${days} days old; look for a newer one` : undefined;
}
