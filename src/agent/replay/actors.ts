import { type CaseStep, isFields, type ReplayCase } from './case.ts';
import type { LabNames } from './lab.ts';

/** Whom and what the alert of a case must name. Texts are as the case writes them. */
export interface Actors {
  /** Of the key step's process tree; of one that left its tree only the program is known for sure. */
  skill?: string;
  /** Words by which processes of that tree may be called; empty where the key step has none. */
  processes: string[];
  /** Far ends of that tree, with the moment of the first contact: ms from the start. */
  ends: { atMs: number; isKey: boolean; names: string[] }[];
}

/** What of a machine tells how its processes and hosts are called; a simulated and a real one have it alike. */
export interface Named {
  /** Processes by the names that the case gives them. */
  aliases: ReadonlyMap<string, { comm: string; argv: readonly string[]; isDaemon?: boolean }>;
  names: LabNames;
}

/**
 * Works them out from the key step. A rule may speak of another step of the same tree (the question before the contact),
 * so every far end of the tree counts; those of others never do.
 */
export function actorsOf({ run }: ReplayCase, world: Named): Actors {
  const keyStep = run.find((step) => step.key) ?? run.at(-1)!;
  const trees = createTrees(run);
  const key = innermost(keyStep);
  // What a birth is about is who was born; his maker may be a tree of its own.
  const words = key.argv === undefined ? [key.by, key.as] : [key.as, key.by];
  const word = words.find((each) => typeof each === 'string') as string | undefined;
  if (word === undefined) return { processes: [], ends: endsOf([keyStep], keyStep, world, () => true) };
  const tree = trees.rootOf(word);
  const skill = /^skill:(.+)$/.exec(tree)?.[1];
  const hasLeft = world.aliases.get(word)?.isDaemon === true;
  const aliases = [...world.aliases].filter(([alias]) => trees.rootOf(alias) === tree);
  const processes = new Set(aliases.flatMap(([, { comm, argv }]) => [comm, argv[0] ?? '']));
  if (skill !== undefined) processes.add(skill);
  if (tree === 'gw') processes.add('gateway');
  const isOfTree = (by: string) => trees.rootOf(by) === tree;
  return {
    ...(skill !== undefined && !hasLeft && { skill }),
    processes: [...processes].filter((each) => each !== ''),
    ends: endsOf(run, keyStep, world, isOfTree),
  };
}

/** The step that is repeated, however deep. */
function innermost(step: CaseStep): Record<string, unknown> {
  let inner: Record<string, unknown> = step;
  for (let depth = 0; depth < 4 && inner.do === 'repeat'; depth++) {
    const next = Array.isArray(inner.steps) ? (inner.steps[0] as unknown) : inner.step;
    if (!isFields(next)) break;
    inner = next;
  }
  return inner;
}

/** Which tree a process belongs to: `skill:NAME`, `gw`, or the word of its first process. */
function createTrees(run: readonly CaseStep[]): { rootOf(word: string): string } {
  const parents = new Map<string, string>();
  for (const step of run) {
    const { as, tree, by } = innermost(step);
    if (typeof as !== 'string') continue;
    if (typeof tree === 'string') parents.set(as, tree.startsWith('child:') ? tree.slice(6) : tree);
    else if (typeof by === 'string' && by !== as && by !== 'exec') parents.set(as, by);
  }
  return {
    rootOf(word) {
      let root = word;
      for (let depth = 0; depth < 32; depth++) {
        if (root.startsWith('skill:')) return root;
        if (root.startsWith('container:') || root === 'broker') return 'gw';
        const parent = parents.get(root);
        // Two commands of the agent, or two services, are two trees.
        if (parent === undefined || (!parent.startsWith('skill:') && !parents.has(parent) && parent !== 'gw')) {
          return root;
        }
        root = parent;
      }
      return root;
    },
  };
}

function endsOf(
  run: readonly CaseStep[],
  keyStep: CaseStep,
  world: Named,
  isOfTree: (by: string) => boolean,
): Actors['ends'] {
  return run.flatMap((step) => {
    const { by, dst, name } = innermost(step);
    if (typeof by === 'string' && !isOfTree(by)) return [];
    const names = typeof dst === 'string' ? endNames(dst, world) : typeof name === 'string' ? [lastLabels(name)] : [];
    return names.length === 0 ? [] : [{ atMs: Math.round(step.t * 1000), isKey: step === keyStep, names }];
  });
}

function endNames(dst: string, world: Named): string[] {
  const host = dst.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (/[{<]/.test(host)) return [];
  if (/^[\d.]+$|:/.test(host)) return [host.replace(/^::ffff:/, ''), ...world.names.namesOf(host).map(lastLabels)];
  return [lastLabels(host), world.names.addressOf(host)];
}

function lastLabels(name: string): string {
  return name.toLowerCase().replace(/\.$/, '').split('.').slice(-2).join('.');
}
