import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Files and folders that root runs when it runs the sensor. */
export interface OwnProgram {
  files: string[];
  folders: string[];
}

/** Node, our own package, and every package that it may load. */
export function ownProgram(root = packageRoot(import.meta.dirname), node = process.execPath): OwnProgram {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
  };
  const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const folders = names.flatMap((name) => packageFolder(name, root) ?? []);
  return { files: [node, join(root, 'bin', 'clawwatch.cjs')], folders: [root, ...folders, ...nativeFolders(folders)] };
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
  return folders.map((folder) => join(dirname(folder), '@koromix')).filter((folder) => existsSync(folder));
}
