import { posix } from 'node:path';
import type { Confidence, GatewayFact } from '../types/gateway.ts';
import type { ProcessFact } from '../types/process.ts';
import { textsAt } from './config-value.ts';

/** A skill that a process is attributed to. */
export interface SkillEvidence {
  skill: string;
  confidence: Confidence;
}

/** A directory under which skills lie. */
export interface SkillRoot {
  directory: string;
  /** What has to follow the root, `*` for one level of any name; the level after it names the skill. */
  between: string[];
}

// A shell command of 64 KiB must not cost a search of 64 KiB for each root.
const SEARCHED_CHARACTERS = 16_384;

/** Directories from which OpenClaw loads skills, for one gateway. */
export function skillRoots(fact: GatewayFact): SkillRoot[] {
  const state = fact.stateDir;
  const home = fact.markers.HOME ?? (state === undefined ? undefined : posix.dirname(normal(state)));
  const plain = [
    ...fact.workspaces.flatMap((workspace) => [`${workspace}/skills`, `${workspace}/.agents/skills`]),
    ...(home === undefined ? [] : [`${home}/.agents/skills`]),
    ...(state === undefined ? [] : [`${state}/skills`, `${state}/skill-library`]),
    ...textsAt(fact.config.value, 'skills', 'load', 'extraDirs').map((directory) => expandHome(directory, home)),
  ];
  const roots: SkillRoot[] = plain
    .filter((directory) => /^\/.|^[A-Za-z]:[\\/]/.test(directory))
    .map((directory) => ({ directory: normal(directory), between: [] }));
  if (state !== undefined) {
    roots.push({ directory: normal(`${state}/agents`), between: ['*', 'agent', 'workshop-skills'] });
  }
  return roots;
}

// Programs whose first argument is what really runs. Another program's first argument is data: `curl example.test`.
const INTERPRETER =
  /^(?:node|nodejs|bun|deno|tsx|python[\d.]*|pypy[\d.]*|ruby|perl|php|lua|Rscript|pwsh|(?:ba|z|da|k|fi|a)?sh)$/;

/** The skill whose file a process runs: its executable or its script. That is certain; nobody else chose that path. */
export function skillOfProgram(process: ProcessFact, roots: readonly SkillRoot[]): SkillEvidence | undefined {
  const program = process.argv[0] ?? '';
  // Without a slash it was found on PATH, and not in the working directory.
  const paths = [process.exe, program.includes('/') ? program : undefined];
  if ([process.exe ?? '', program].some((name) => INTERPRETER.test(posix.basename(name)))) {
    paths.push(process.argv.slice(1).find((argument) => !argument.startsWith('-')));
  }
  for (const path of paths) {
    if (path === undefined || path.length > 4096) continue;
    const skill = skillInPath(absolute(path, process.cwd), roots);
    if (skill !== undefined) return { skill, confidence: 'certain' };
  }
  return undefined;
}

/** A skill that the arguments only name, also inside a shell's `-c` string; a file that is merely read counts too. */
export function skillNamedInArguments(process: ProcessFact, roots: readonly SkillRoot[]): SkillEvidence | undefined {
  for (const argument of process.argv) {
    const text = argument.slice(0, SEARCHED_CHARACTERS);
    if (!text.includes('/')) continue;
    for (const root of roots) {
      const at = text.indexOf(`${root.directory}/`);
      if (at < 0) continue;
      const path = /^[^\s'"`;|&<>()$]*/.exec(text.slice(at))![0];
      const skill = skillInPath(normal(path), [root]);
      if (skill !== undefined) return { skill, confidence: 'likely' };
    }
  }
  return undefined;
}

export function skillOfWorkingDirectory(process: ProcessFact, roots: readonly SkillRoot[]): SkillEvidence | undefined {
  const skill = process.cwd === undefined ? undefined : skillInPath(normal(process.cwd), roots);
  return skill === undefined ? undefined : { skill, confidence: 'likely' };
}

function skillInPath(path: string, roots: readonly SkillRoot[]): string | undefined {
  for (const { directory, between } of roots) {
    if (!path.startsWith(`${directory}/`)) continue;
    const levels = path.slice(directory.length + 1).split('/');
    const fits = between.every((level, index) => level === '*' || level === levels[index]);
    const skill = levels[between.length];
    if (fits && skill) return skill;
  }
  return undefined;
}

function absolute(path: string, cwd: string | undefined): string {
  const isAbsolute = path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
  return normal(isAbsolute || cwd === undefined ? path : `${cwd}/${path}`);
}

function expandHome(path: string, home: string | undefined): string {
  return home !== undefined && (path === '~' || path.startsWith('~/')) ? home + path.slice(1) : path;
}

// `skills/a/../b/x` runs skill b; one spelling, forward slashes, no slash at the end.
function normal(path: string): string {
  const forward = /^[A-Za-z]:\\/.test(path) ? path.replaceAll('\\', '/') : path;
  const clean = posix.normalize(forward);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}
