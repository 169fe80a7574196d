import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Files and folders that root runs when it runs the sensor. */
export interface OwnProgram {
  files: string[];
  folders: string[];
}

/** More packages than this are not ours. */
const MAX_PACKAGES = 500;

/** Node, our own package, and every package that it may load, those of packages included: they need not lie below ours. */
export function ownProgram(root = packageRoot(import.meta.dirname), node = process.execPath): OwnProgram {
  const folders = new Set([root]);
  for (const folder of folders) {
    for (const name of dependenciesOf(folder)) {
      const found = folders.size < MAX_PACKAGES ? packageFolder(name, folder) : undefined;
      if (found !== undefined) folders.add(found);
    }
  }
  const [, ...packages] = folders;
  return { files: [node, join(root, 'bin', 'clawwatch.cjs')], folders: [...folders, ...nativeFolders(packages)] };
}

function dependenciesOf(folder: string): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
  };
  return Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
}

function packageRoot(folder: string): string {
  let step = folder;
  while (!existsSync(join(step, 'package.json')) && step !== dirname(step)) step = dirname(step);
  return step;
}

function packageFolder(name: string, root: string): string | undefined {
  const paths = createRequire(join(root, 'package.json')).resolve.paths(name) ?? [];
  return paths.map((path) => join(path, name)).find((path) => existsSync(join(path, 'package.json')));
}

/** Packages with binaries for single systems lie beside the one that loads them. */
function nativeFolders(folders: readonly string[]): string[] {
  const beside = new Set(folders.map((folder) => join(dirname(folder), '@koromix')));
  return [...beside].filter((folder) => existsSync(folder));
}
