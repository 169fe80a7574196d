import type { FileView } from '../file-view.ts';

/** Where a skill came from and what its files were then, as the installer wrote it down. Raw. */
export interface SkillOrigin {
  registry?: string;
  slug?: string;
  owner?: string;
  version?: string;
  /** Unix ms. */
  installedAt?: number;
  skillFile?: { path: string; sha256: string };
  fileTreeSha256?: string;
}

const MAX_BYTES = 65_536;
const MAX_LOCK_BYTES = 1024 ** 2;
const MAX_TEXT = 500;
/** ClawHub's folder, and the one of before it was renamed. */
const FOLDERS = ['.clawhub', '.clawdhub'];
const SHA256 = /^[0-9a-f]{64}$/;

/** Paths of every file that `readOrigin` may read, for noticing a change. */
export function originPaths(directory: string): string[] {
  return [
    ...FOLDERS.map((folder) => `${directory}/${folder}/origin.json`),
    `${directory}/.openclaw/source-origin.json`,
  ];
}

export function lockPaths(directory: string): string[] {
  return FOLDERS.map((folder) => `${directory}/${folder}/lock.json`);
}

/** The first origin file that can be read and says anything. */
export function readOrigin(view: FileView, directory: string, uid: number | undefined): SkillOrigin | undefined {
  for (const path of originPaths(directory)) {
    const origin = originOf(json(view, path, MAX_BYTES, uid));
    if (origin !== undefined) return origin;
  }
  return undefined;
}

/** Entries of a workspace's lock file by slug. */
export function readLock(view: FileView, directory: string, uid: number | undefined): Map<string, SkillOrigin> {
  for (const path of lockPaths(directory)) {
    const skills = field(json(view, path, MAX_LOCK_BYTES, uid), 'skills');
    if (typeof skills !== 'object' || skills === null) continue;
    return new Map(
      Object.entries(skills)
        .slice(0, 5_000)
        .flatMap(([slug, entry]) => {
          const origin = originOf(entry);
          return origin === undefined ? [] : [[slug, { ...origin, slug }]];
        }),
    );
  }
  return new Map();
}

function originOf(raw: unknown): SkillOrigin | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const origin: SkillOrigin = {};
  const set = (key: 'registry' | 'slug' | 'owner' | 'version', ...values: unknown[]) => {
    const value = values.find((one) => typeof one === 'string' && one !== '' && one.length <= MAX_TEXT);
    if (typeof value === 'string') origin[key] = value;
  };
  set('registry', field(raw, 'registry'), field(raw, 'url'), field(raw, 'sourceUrl'), field(raw, 'source'));
  set('slug', field(raw, 'slug'));
  set('owner', field(raw, 'ownerHandle'), field(raw, 'owner'));
  set('version', field(raw, 'installedVersion'), field(raw, 'version'));
  const installedAt = field(raw, 'installedAt');
  if (typeof installedAt === 'number' && installedAt > 0 && installedAt < 8.64e15) origin.installedAt = installedAt;
  const path = field(field(raw, 'skillFile'), 'path');
  const sha256 = digest(field(field(raw, 'skillFile'), 'sha256'));
  if (typeof path === 'string' && path.length <= MAX_TEXT && sha256 !== undefined) origin.skillFile = { path, sha256 };
  const tree = digest(field(raw, 'fileTreeSha256'));
  if (tree !== undefined) origin.fileTreeSha256 = tree;
  return Object.keys(origin).length > 0 ? origin : undefined;
}

/** OpenClaw writes tree hashes with and file hashes without the prefix `sha256:`. */
function digest(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 100) return undefined;
  const hex = value.replace(/^sha256:/, '').toLowerCase();
  return SHA256.test(hex) ? hex : undefined;
}

function json(view: FileView, path: string, maxBytes: number, uid: number | undefined): unknown {
  const reading = view.read(path, maxBytes, uid);
  if (!reading.ok) return undefined;
  try {
    return JSON.parse(reading.text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
