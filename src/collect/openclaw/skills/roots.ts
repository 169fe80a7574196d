import { posix } from 'node:path';
import type { SkillFact } from '../../../types/egress.ts';
import type { GatewayFact } from '../../../types/gateway.ts';
import type { FileView } from '../file-view.ts';

/** A directory from which a gateway loads skills. */
export interface SkillRoot {
  directory: string;
  source: SkillFact['source'];
  /** Where `.clawhub/lock.json` lies, for the roots that have one. */
  lockDirectory?: string;
}

const MAX_AGENTS = 64;
const MAX_EXTENSIONS = 200;
const MAX_ROOTS = 512;

/**
 * Every root of a gateway, in the order in which OpenClaw prefers them. Source: OpenClaw 2026.9.6,
 * `docs/tools/skills.md` and its `workspace-skill-sources`; `plugin-skills` holds links that the gateway makes itself.
 */
export function skillRootsOf(gateway: GatewayFact, view: FileView): SkillRoot[] {
  const state = gateway.stateDir;
  const roots: SkillRoot[] = [];
  const add = (source: SkillRoot['source'], directory: string, lockDirectory?: string) => {
    if (!directory.startsWith('/') || directory.includes('\0') || roots.length >= MAX_ROOTS) return;
    roots.push({
      source,
      directory: posix.normalize(directory),
      ...(lockDirectory === undefined ? {} : { lockDirectory }),
    });
  };
  for (const workspace of gateway.workspaces) {
    add('workspace', `${workspace}/skills`, workspace);
    add('project-agents', `${workspace}/.agents/skills`, workspace);
  }
  const home = gateway.markers.HOME ?? (state === undefined ? undefined : posix.dirname(state));
  // Only the default profile reads it; a wrong guess here lists a skill too many and never one too few.
  if (home !== undefined) add('user-agents', `${home}/.agents/skills`);
  if (state !== undefined) {
    add('state', `${state}/skills`, state);
    for (const agent of names(view, `${state}/agents`, MAX_AGENTS)) {
      add('workshop', `${state}/agents/${agent}/agent/workshop-skills`);
    }
    add('library', `${state}/skill-library`);
    add('plugin', `${state}/plugin-skills`);
    for (const extension of names(view, `${state}/extensions`, MAX_EXTENSIONS)) {
      add('plugin', `${state}/extensions/${extension}/skills`);
    }
  }
  for (const directory of extraDirs(gateway)) add('extra', expandHome(directory, home));
  const { packagePath } = gateway.version;
  if (packagePath !== undefined) {
    add('bundled', `${packagePath}/skills`);
    add('bundled', `${packagePath}/custodian-skills`);
  }
  return roots;
}

function extraDirs(gateway: GatewayFact): string[] {
  const skills = gateway.config.value.skills as { load?: { extraDirs?: unknown } | null } | null | undefined;
  const listed = typeof skills === 'object' ? skills?.load?.extraDirs : undefined;
  return Array.isArray(listed) ? listed.filter((entry) => typeof entry === 'string').slice(0, 64) : [];
}

function names(view: FileView, directory: string, limit: number): string[] {
  const found = view.list(directory, limit);
  return typeof found === 'string' ? [] : found.sort();
}

function expandHome(path: string, home: string | undefined): string {
  return home !== undefined && (path === '~' || path.startsWith('~/')) ? home + path.slice(1) : path;
}
