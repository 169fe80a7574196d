import { lstatSync } from 'node:fs';
import type { CleanPack } from '../../intel/hygiene.ts';
import { packPaths } from '../../intel/installed.ts';
import { loadIntel, STALE_DAYS } from '../../intel/intel.ts';
import { EXIT } from '../../types/error.ts';
import { labelled } from '../block.ts';
import type { Context, Run } from '../context.ts';
import { ageNote, day, folderOf, packAnswer, packLines } from '../intel-text.ts';

interface Listed {
  pack: CleanPack;
  /** Unix ms; absent for the bundled one. */
  installedAt?: number;
  hasFormer: boolean;
  note?: string;
}

/** `clawwatch intel list`. UNKNOWN (exit 3) when an installed pack is not used: what it lists is not looked for. */
export const intelList: Run = async (context) => {
  const { io, config } = context;
  const now = io.now();
  const folder = folderOf(context);
  const { packs, problems } = loadIntel({ folder, labPublic: config.labPublic, now: io.now });
  const listed = packs.map((pack, index) => describe(pack, index === 0 ? undefined : folder, now));
  const exitCode = problems.length > 0 ? EXIT.blind : EXIT.ok;
  context.answer({
    text: () => [
      ...listed.flatMap((one) => lines(one, context, now)),
      ...problems.flatMap((problem) => [
        ...labelled('UNKNOWN', context.paint.text(problem, 400), context.paint, 'yellow'),
        ...labelled('', 'what it lists is not looked for; install it anew, or remove it', context.paint),
      ]),
    ],
    json: () => ({
      command: 'intel list',
      verdict: problems.length > 0 ? 'UNKNOWN' : 'OK',
      exitCode,
      folder,
      packs: listed.map(({ pack, installedAt, hasFormer, note }) => ({
        ...packAnswer(pack, now),
        installedAt: installedAt ?? null,
        hasFormer,
        note: note ?? null,
      })),
      problems,
    }),
  });
  return exitCode;
};

function describe(pack: CleanPack, folder: string | undefined, now: number): Listed {
  const note = ageNote(pack.datedAt, now, STALE_DAYS);
  const base = { pack, hasFormer: false, ...(note === undefined ? {} : { note }) };
  if (folder === undefined) return base;
  const { current, former } = packPaths(folder, pack.name);
  const installedAt = lstatSync(current, { throwIfNoEntry: false })?.mtimeMs;
  return {
    ...base,
    ...(installedAt === undefined ? {} : { installedAt: Math.round(installedAt) }),
    hasFormer: lstatSync(former, { throwIfNoEntry: false }) !== undefined,
  };
}

function lines({ pack, installedAt, hasFormer, note }: Listed, { paint }: Context, now: number): string[] {
  const dated = pack.datedAt === undefined ? 'without a date' : `of ${day(pack.datedAt)}`;
  const place = installedAt === undefined ? 'part of ClawWatch' : `installed ${day(installedAt)}`;
  return [
    ...labelled(
      'PACK',
      `${pack.name}  ${dated}, ${place}, licence ${paint.text(pack.licence ?? 'unknown', 100)}`,
      paint,
      'bold',
    ),
    ...(pack.source === undefined ? [] : labelled('', `from ${paint.text(pack.source, 200)}`, paint)),
    ...packLines(pack, now, paint),
    ...(note === undefined ? [] : labelled('NOTE', note, paint, 'cyan')),
    ...(hasFormer ? labelled('', `the one before it: clawwatch intel rollback ${pack.name}`, paint) : []),
  ];
}
