import { posix } from 'node:path';
import { isRecord } from './parse-json5.ts';

const MAX_WORKSPACES = 64;

/**
 * Every agent workspace that the configuration names, and the default one: absolute, each once. Skills live there, so
 * a workspace that we do not know is a skill that we cannot name. Source: OpenClaw 2026.9.6, docs/tools/skills.md.
 */
export function workspacesOf(
  config: Record<string, unknown>,
  where: { stateDir?: string; home?: string; profile?: string },
): string[] {
  const found = new Set<string>();
  const agents = isRecord(config.agents) ? config.agents : {};
  const groups = [agents, agents.list, agents.entries].flatMap((group) => {
    if (Array.isArray(group)) return group.filter(isRecord);
    return isRecord(group) ? Object.values(group).filter(isRecord) : [];
  });
  for (const agent of groups) {
    if (typeof agent.workspace === 'string') found.add(expand(agent.workspace, where.home) ?? '');
  }
  if (where.stateDir !== undefined) {
    found.add(posix.join(where.stateDir, 'workspace'));
    if (where.profile !== undefined) found.add(posix.join(where.stateDir, `workspace-${where.profile}`));
  }
  found.delete('');
  return [...found].slice(0, MAX_WORKSPACES);
}

function expand(path: string, home: string | undefined): string | undefined {
  const absolute = home !== undefined && /^~(?:\/|$)/.test(path) ? home + path.slice(1) : path;
  return absolute.startsWith('/') && !absolute.includes('\0') ? posix.normalize(absolute) : undefined;
}
