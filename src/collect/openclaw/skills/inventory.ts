import { lstatSync } from 'node:fs';
import { posix } from 'node:path';
import type { BlindSpot } from '../../../types/blind-spot.ts';
import type { SkillFact } from '../../../types/egress.ts';
import type { GatewayFact } from '../../../types/gateway.ts';
import { safeText } from '../../../types/text.ts';
import { runsElsewhere } from '../activity/elsewhere.ts';
import { createFileView, type FileView } from '../file-view.ts';
import { createFileMemo } from '../memo.ts';
import { discoverSkills, type FoundSkill } from './discover.ts';
import { createFileHashes, driftOf } from './drift.ts';
import { type FrontMatter, parseFrontMatter } from './front-matter.ts';
import { lockPaths, originPaths, readLock, readOrigin, type SkillOrigin } from './origin.ts';
import { type SkillRoot, skillRootsOf } from './roots.ts';
import { readTree, type Tree } from './tree.ts';

export interface SkillInventoryOptions {
  /** Unix ms. */
  now?: () => number;
  procRoot?: string;
  /** How long a finished inventory is given out before the disk is looked at again. */
  refreshMs?: number;
}

/** The skills that are installed for each gateway. */
export interface SkillInventory {
  /** Looks at the disk every `refreshMs` (10 s) and at the first call; in between it costs nothing. */
  read(gateways: readonly GatewayFact[]): { skills: SkillFact[]; blindSpots: BlindSpot[] };
}

const MAX_SKILL_FILE_BYTES = 256_000;

interface Inventory {
  readAt: number;
  skills: SkillFact[];
  blindSpots: BlindSpot[];
}

export function createSkillInventory(options: SkillInventoryOptions = {}): SkillInventory {
  const now = options.now ?? Date.now;
  const procRoot = options.procRoot ?? '/proc';
  const refreshMs = options.refreshMs ?? 10_000;
  const view = createFileView();
  const fronts = createFileMemo<FrontMatter>();
  const origins = createFileMemo<SkillOrigin | undefined>();
  const locks = createFileMemo<Map<string, SkillOrigin>>();
  const hashes = createFileHashes();
  const known = new Map<string, Inventory>();

  function lookAt(gateway: GatewayFact): Inventory {
    if (gateway.running && runsElsewhere(gateway, procRoot)) {
      return { readAt: now(), skills: [], blindSpots: [blindSpot(gateway, 'container')] };
    }
    const { skills, complete } = discoverSkills(skillRootsOf(gateway, view), view);
    return {
      readAt: now(),
      skills: skills.map((found) => factOf(found, gateway)),
      blindSpots: complete ? [] : [blindSpot(gateway, 'incomplete')],
    };
  }

  function factOf({ directory, root }: FoundSkill, gateway: GatewayFact): SkillFact {
    const { uid } = gateway;
    const file = `${directory}/SKILL.md`;
    const front = fronts.get(file, view, [file], () => frontMatter(view, file, uid));
    const origin = origins.get(directory, view, originPaths(directory), () => readOrigin(view, directory, uid));
    const locked =
      root.lockDirectory === undefined || origin?.slug === undefined
        ? undefined
        : lockOf(root.lockDirectory, uid).get(origin.slug);
    const name = nameOf(directory, root);
    const version = origin?.version ?? front.version;
    const installedAt = origin?.installedAt ?? locked?.installedAt ?? bornAt(directory);
    const tree = readTree(directory);
    const changedAt = newest(tree, now());
    const { registry, slug, owner } = origin ?? {};
    return {
      name,
      ...(front.name === undefined || front.name === name ? {} : { declaredName: front.name }),
      directory,
      source: root.source,
      gatewayId: gateway.id,
      ...(version === undefined ? {} : { version }),
      ...(origin === undefined
        ? {}
        : { origin: { ...(registry && { registry }), ...(slug && { slug }), ...(owner && { owner }) } }),
      ...(installedAt === undefined ? {} : { installedAt }),
      ...(changedAt === undefined ? {} : { changedAt }),
      ...driftOf(directory, tree, origin, locked, hashes),
    };
  }

  function lockOf(directory: string, uid: number | undefined): Map<string, SkillOrigin> {
    return locks.get(directory, view, lockPaths(directory), () => readLock(view, directory, uid));
  }

  return {
    read(gateways) {
      hashes.begin();
      const ids = new Set(gateways.map((gateway) => gateway.id));
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
      const inventories = gateways.map((gateway) => {
        const old = known.get(gateway.id);
        const age = old === undefined ? Number.POSITIVE_INFINITY : now() - old.readAt;
        // A clock that was set back must not freeze the inventory.
        if (old !== undefined && age >= 0 && age < refreshMs) return old;
        const fresh = lookAt(gateway);
        known.set(gateway.id, fresh);
        return fresh;
      });
      return {
        skills: inventories.flatMap((inventory) => inventory.skills),
        blindSpots: inventories.flatMap((inventory) => inventory.blindSpots),
      };
    },
  };
}

function frontMatter(view: FileView, path: string, uid: number | undefined): FrontMatter {
  const reading = view.read(path, MAX_SKILL_FILE_BYTES, uid);
  return reading.ok ? parseFrontMatter(reading.text) : {};
}

function bornAt(directory: string): number | undefined {
  try {
    // Not every file system keeps it; then it is 0 or the change time.
    return lstatSync(directory).birthtimeMs || undefined;
  } catch {
    return undefined;
  }
}

/** A revision of a library skill lies in a folder named by its hash, two levels below the name. */
function nameOf(directory: string, root: SkillRoot): string {
  const [name] = directory.slice(root.directory.length + 1).split('/');
  return root.source === 'library' && name ? name : posix.basename(directory);
}

/** Times can be set by whoever owns the files, so none counts that is yet to come. */
function newest(tree: Tree, now: number): number | undefined {
  let at: number | undefined;
  for (const { type, changedAt } of tree.entries) {
    if (type === 'file' && changedAt <= now && changedAt > (at ?? 0)) at = changedAt;
  }
  return at;
}

function blindSpot(gateway: GatewayFact, cause: 'container' | 'incomplete'): BlindSpot {
  const isContainer = cause === 'container';
  return {
    id: `openclaw.skills.${cause}`,
    source: 'openclaw',
    what: `${isContainer ? 'installed skills' : 'some installed skills'} of gateway ${safeText(gateway.id, 80)}`,
    why: isContainer
      ? 'it runs in another file system'
      : 'a skill folder may not be read by this user, or holds more than is searched',
    fix: isContainer ? 'run ClawWatch inside the container as well' : 'run ClawWatch as the user of the gateway',
    essential: false,
    gatewayId: gateway.id,
  };
}
