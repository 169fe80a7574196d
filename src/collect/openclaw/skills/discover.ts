import type { FileView } from '../file-view.ts';
import type { SkillRoot } from './roots.ts';

/** A directory with a SKILL.md. */
export interface FoundSkill {
  directory: string;
  root: SkillRoot;
}

/** OpenClaw's own limits are 6 levels and 300 candidates a root; what lies deeper is no skill to it. */
const MAX_DEPTH = 6;
const MAX_NAMES = 1_000;
const MAX_SKILLS = 500;
const MAX_DIRECTORIES = 3_000;

/**
 * Finds the skills of all roots of one gateway. A directory that several names lead to counts once, for the root that
 * OpenClaw prefers; that also ends a circle of links.
 */
export function discoverSkills(
  roots: readonly SkillRoot[],
  view: FileView,
): { skills: FoundSkill[]; complete: boolean } {
  const skills: FoundSkill[] = [];
  const seen = new Set<string>();
  let complete = true;

  for (const root of roots) {
    let level = [root.directory];
    for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
      level = level.flatMap((directory) => look(directory, root));
    }
  }
  return { skills, complete };

  /** Directories to look into next. */
  function look(directory: string, root: SkillRoot): string[] {
    const stamp = view.stat(directory);
    if (typeof stamp === 'string') {
      if (stamp === 'denied') complete = false;
      return [];
    }
    if (stamp.kind !== 'directory' || seen.has(stamp.identity)) return [];
    if (seen.size >= MAX_DIRECTORIES || skills.length >= MAX_SKILLS) {
      complete = false;
      return [];
    }
    seen.add(stamp.identity);
    const file = view.stat(`${directory}/SKILL.md`);
    if (typeof file !== 'string') {
      skills.push({ directory, root });
      return [];
    }
    const names = view.list(directory, MAX_NAMES);
    if (typeof names === 'string') {
      complete = false;
      return [];
    }
    if (names.length >= MAX_NAMES) complete = false;
    return names
      .filter((name) => !name.startsWith('.') && name !== 'node_modules')
      .sort()
      .map((name) => `${directory}/${name}`);
  }
}
