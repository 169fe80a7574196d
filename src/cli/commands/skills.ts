import type { SkillFact } from '../../types/egress.ts';
import type { Run } from '../context.ts';
import { shortTime } from '../format.ts';
import { answerListing, type ListingOptions } from '../listing.ts';
import type { Paint } from '../paint.ts';
import { renderTable } from '../table.ts';

/** `clawwatch skills`: the skills that are installed, where from, and whether their files are still what was installed. */
export const skills: Run<ListingOptions> = (context, options) =>
  answerListing<SkillFact>(context, options, {
    command: 'skills',
    recorded: (reader) => reader.skills(),
    live: (snapshot) => snapshot.skills ?? [],
    // The fifty that come with OpenClaw are of interest only to whoever asks.
    wanted: ({ source }) => options.all === true || source !== 'bundled',
    hidden: 'that come with OpenClaw (--all shows them)',
    table: (found, { io, paint }) => skillTable(found, io.now(), paint),
    json: (skill) => skill,
    noun: 'installed skill',
    mayLack: ({ id }) => id.startsWith('openclaw.skills.'),
  });

const DRIFT_ORDER = ['changed', 'unknown', 'none'];
const DRIFT_WORDS: Readonly<Record<SkillFact['drift'], string>> = {
  changed: 'changed',
  unknown: 'nothing to compare',
  none: 'as installed',
};

function skillTable(found: readonly SkillFact[], now: number, paint: Paint): string[] {
  const rows = found.toSorted(
    (a, b) => DRIFT_ORDER.indexOf(a.drift) - DRIFT_ORDER.indexOf(b.drift) || (b.changedAt ?? 0) - (a.changedAt ?? 0),
  );
  const time = (at: number | undefined) => (at === undefined ? '' : shortTime(at, now));
  return renderTable(
    rows,
    [
      { title: 'SKILL', dropOrder: 0, shrinkTo: 12, cell: (skill) => paint.text(skill.name, 60) },
      {
        title: 'FILES',
        dropOrder: 0,
        cell: (skill) => DRIFT_WORDS[skill.drift],
        style: (skill) => (skill.drift === 'changed' ? 'red' : undefined),
      },
      { title: 'FROM', dropOrder: 1, cell: (skill) => skill.source },
      { title: 'VERSION', dropOrder: 3, shrinkTo: 7, cell: (skill) => paint.text(skill.version ?? '', 30) },
      { title: 'ORIGIN', dropOrder: 4, shrinkTo: 10, cell: (skill) => paint.text(originOf(skill), 60) },
      { title: 'INSTALLED', dropOrder: 5, cell: (skill) => time(skill.installedAt) },
      { title: 'CHANGED', dropOrder: 2, cell: (skill) => time(skill.changedAt) },
      { title: 'GATEWAY', dropOrder: 6, shrinkTo: 8, cell: (skill) => paint.text(skill.gatewayId, 40) },
    ],
    paint,
  );
}

function originOf({ origin }: SkillFact): string {
  return [origin?.owner, origin?.slug].filter((part) => part !== undefined).join('/');
}
