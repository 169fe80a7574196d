import { expiredMatches, loadIntel } from '../../intel/intel.ts';
import { parseQuestion } from '../../intel/question.ts';
import { EXIT, UserError } from '../../types/error.ts';
import type { Indicator, IndicatorMatch } from '../../types/indicators.ts';
import { labelled } from '../block.ts';
import type { Context, Run } from '../context.ts';
import { count } from '../format.ts';
import { day, folderOf } from '../intel-text.ts';

/**
 * `clawwatch intel check <value>`: what the lists say of it. Exit 1 when an indicator matches. Answers from memory: the
 * value may be a name whose owner would love to know that somebody asks for it.
 */
export const intelCheck: Run<{ value: string }> = async (context, { value }) => {
  const { io, config } = context;
  const asked = parseQuestion(value);
  if (asked === undefined) {
    throw new UserError(`${value.slice(0, 200)} is no address, address:port, domain or URL`, {
      hint: 'for example: clawwatch intel check evil.example',
    });
  }
  const { indicators, packs, problems } = loadIntel({
    folder: folderOf(context),
    labPublic: config.labPublic,
    now: io.now,
  });
  for (const problem of problems) context.warn(problem);
  const matches = indicators.match(asked).map((match) => ({ ...match, pack: packOf(match, packs) }));
  const expired = expiredMatches(packs, asked, io.now());
  const categories = indicators.categoriesOf(asked);
  const exitCode = matches.length > 0 ? EXIT.findings : problems.length > 0 ? EXIT.blind : EXIT.ok;
  context.answer({
    text: () => screen({ value, matches, expired, categories, isPartial: problems.length > 0 }, context),
    json: () => ({
      command: 'intel check',
      exitCode,
      value,
      matches: matches.map(({ indicator, aged, pack }) => ({ ...indicator, note: indicator.note ?? null, aged, pack })),
      expired: expired.map((indicator) => ({ ...indicator, note: indicator.note ?? null })),
      categories,
      problems,
    }),
  });
  return exitCode;
};

type Match = IndicatorMatch & { pack: string };

function packOf({ indicator }: IndicatorMatch, packs: ReturnType<typeof loadIntel>['packs']): string {
  const holds = packs.find((pack) =>
    pack.indicators.some(({ value, type, sourceUrl }) => {
      return value === indicator.value && type === indicator.type && sourceUrl === indicator.sourceUrl;
    }),
  );
  return holds?.name ?? 'unknown';
}

interface Said {
  value: string;
  matches: readonly Match[];
  expired: readonly Indicator[];
  categories: readonly string[];
  isPartial: boolean;
}

function screen({ value, matches, expired, categories, isPartial }: Said, { paint }: Context): string[] {
  const shown = paint.text(value, 200);
  const head =
    matches.length > 0
      ? labelled('LISTED', `${shown} matches ${count(matches.length, 'indicator')}`, paint, 'red')
      : // No list is whole, and this is no verdict on anybody.
        labelled(
          isPartial ? 'UNKNOWN' : 'NO',
          `${shown} is on no list that is in use; that does not make it good`,
          paint,
        );
  return [
    ...head,
    ...matches.flatMap(({ indicator, aged, pack }) =>
      indicatorLines(indicator, `${aged ? ', aged' : ''}, pack ${pack}`, paint),
    ),
    ...expired.flatMap((indicator) => indicatorLines(indicator, ', expired: it counts no longer', paint)),
    ...(categories.length > 0 ? labelled('', `kind of host: ${categories.join(', ')}`, paint) : []),
  ];
}

function indicatorLines(indicator: Indicator, more: string, paint: Context['paint']): string[] {
  const { type, value, tier, firstSeenAt, note, sourceUrl } = indicator;
  return [
    ...labelled('', `${type} ${paint.text(value, 200)}, tier ${tier}, since ${day(firstSeenAt)}${more}`, paint),
    ...(note === undefined ? [] : labelled('', paint.text(note, 200), paint)),
    ...labelled('', `source: ${paint.text(sourceUrl, 300)}`, paint),
  ];
}
