import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ownProgram } from '../../src/sensor/own-program.ts';
import { findUnsafePath, type LookAtPath } from '../../src/sensor/program-path.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cw-program-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function file(path: string, mode = 0o644): string {
  const full = join(root, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, '');
  chmodSync(full, mode);
  return full;
}

/** The real files, as if root owned them all and nobody could write above the test's own folder. */
function asRoots(changes: Record<string, { uid?: number; mode?: number }> = {}): LookAtPath {
  return (path) => {
    const stats = lstatSync(path);
    const kind = stats.isSymbolicLink() ? 'link' : stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
    const isOurs = path.startsWith(`${root}/`);
    const change = changes[path.slice(root.length + 1)];
    return { uid: 0, mode: isOurs ? stats.mode : 0o755, kind, ...(isOurs ? change : {}) };
  };
}

describe('a program of root', () => {
  beforeEach(() => {
    file('app/bin/start.cjs', 0o755);
    file('app/package.json');
    file('app/node_modules/direct/index.js');
    file('app/node_modules/direct/node_modules/inner/index.js');
    file('app/node_modules/transitive/index.js');
  });

  const program = () => ({
    files: [join(root, 'app/bin/start.cjs')],
    folders: [join(root, 'app'), join(root, 'app/node_modules/direct')],
  });

  test('that only root can write is safe', () => expect(findUnsafePath(program(), asRoots())).toBeUndefined());

  test.each([
    'app',
    'app/bin',
    'app/bin/start.cjs',
    'app/package.json',
    'app/node_modules',
    'app/node_modules/direct/index.js',
    'app/node_modules/direct/node_modules/inner',
    'app/node_modules/direct/node_modules/inner/index.js',
    'app/node_modules/transitive',
    'app/node_modules/transitive/index.js',
  ])('is unsafe when others can write %s, and when it is theirs', (path) => {
    for (const mode of [0o100_664, 0o100_646, 0o040_777, 0o041_777]) {
      expect(findUnsafePath(program(), asRoots({ [path]: { mode } }))).toEqual({
        path: join(root, path),
        why: expect.stringMatching(/^can be written by others \(mode [0-7]{3,4}\)$/),
      });
    }
    expect(findUnsafePath(program(), asRoots({ [path]: { uid: 1000 } }))).toEqual({
      path: join(root, path),
      why: 'belongs to uid 1000',
    });
  });

  test('a file beside the starter counts as much as the starter', () => {
    file('app/bin/other.cjs', 0o666);
    expect(findUnsafePath(program(), asRoots())?.path).toBe(join(root, 'app/bin/other.cjs'));
  });

  test('parents count up to the root of the file system', () => {
    const look: LookAtPath = (path) => (path === '/' ? { uid: 0, mode: 0o777, kind: 'folder' } : asRoots()(path));
    expect(findUnsafePath(program(), look)).toEqual({ path: '/', why: 'can be written by others (mode 777)' });
  });

  test('what is never loaded does not matter, except below other folders', () => {
    file('app/test/data', 0o666);
    file('app/.git/index', 0o666);
    expect(findUnsafePath(program(), asRoots())).toBeUndefined();
    file('app/node_modules/transitive/test/data.js', 0o666);
    expect(findUnsafePath(program(), asRoots())?.path).toContain('transitive/test/data.js');
  });

  test('a file that is not there is said', () => {
    const files = [join(root, 'nothing/here')];
    expect(findUnsafePath({ files, folders: [] }, asRoots())).toEqual({ path: files[0], why: 'does not exist' });
  });
});

describe('links', () => {
  beforeEach(() => {
    file('app/main.js');
    file('elsewhere/lib/index.js');
  });
  const program = () => ({ files: [], folders: [join(root, 'app')] });

  test('are followed: the folder beyond, its parents and all below it count', () => {
    symlinkSync('../elsewhere/lib', join(root, 'app/lib'));
    expect(findUnsafePath(program(), asRoots())).toBeUndefined();
    for (const path of ['elsewhere', 'elsewhere/lib', 'elsewhere/lib/index.js']) {
      expect(findUnsafePath(program(), asRoots({ [path]: { uid: 7 } }))?.path).toBe(join(root, path));
    }
  });

  test("somebody's own link counts, a link's own mode does not", () => {
    symlinkSync('../elsewhere/lib/index.js', join(root, 'app/link.js'));
    expect(lstatSync(join(root, 'app/link.js')).mode & 0o777).toBe(0o777);
    expect(findUnsafePath(program(), asRoots())).toBeUndefined();
    expect(findUnsafePath(program(), asRoots({ 'app/link.js': { uid: 7 } }))?.path).toBe(join(root, 'app/link.js'));
  });

  test('in a ring, and to nowhere, end the search no worse', () => {
    symlinkSync('.', join(root, 'app/self'));
    symlinkSync('../app', join(root, 'app/again'));
    symlinkSync('nowhere', join(root, 'app/dangling'));
    symlinkSync('loop', join(root, 'app/loop'));
    expect(findUnsafePath(program(), asRoots())).toBeUndefined();
  });

  test('a starter that is a link is checked at both ends', () => {
    symlinkSync(join(root, 'elsewhere/lib/index.js'), join(root, 'app/start'));
    const files = [join(root, 'app/start')];
    expect(findUnsafePath({ files, folders: [] }, asRoots())).toBeUndefined();
    expect(findUnsafePath({ files, folders: [] }, asRoots({ 'elsewhere/lib': { mode: 0o40777 } }))?.path).toBe(
      join(root, 'elsewhere/lib'),
    );
  });
});

test('real files in the folder for temporary ones are unsafe for whoever runs this', () => {
  file('app/main.js');
  const found = findUnsafePath({ files: [], folders: [join(root, 'app')] });
  // As root the sticky folder above is what is wrong, as somebody else the files are.
  expect(found?.why).toMatch(/^(belongs to uid \d+|can be written by others \(mode 1777\))$/);
});

describe('our own program', () => {
  test('is Node, our package and what it loads', () => {
    const { files, folders } = ownProgram();
    expect(files[0]).toBe(process.execPath);
    expect(files[1]).toMatch(/\/bin\/clawwatch\.cjs$/);
    for (const path of [...files, ...folders]) expect(() => lstatSync(path)).not.toThrow();
    expect(folders.some((folder) => folder.endsWith('/node_modules/commander'))).toBe(true);
    expect(folders.every((folder) => folder.startsWith('/'))).toBe(true);
  });

  test('leaves out what is not installed, and finds packages beside it', () => {
    const dependencies = { there: '1', absent: '1' };
    file('node_modules/clawwatch/package.json');
    writeFileSync(join(root, 'node_modules/clawwatch/package.json'), JSON.stringify({ dependencies }));
    file('node_modules/there/package.json');
    writeFileSync(join(root, 'node_modules/there/package.json'), JSON.stringify({ dependencies: { below: '1' } }));
    // Of a package and not of ours, and it leads back to where it came from.
    file('node_modules/below/package.json');
    writeFileSync(join(root, 'node_modules/below/package.json'), JSON.stringify({ dependencies: { there: '1' } }));
    mkdirSync(join(root, 'node_modules/@koromix/koffi-linux-x64'), { recursive: true });
    const own = join(root, 'node_modules/clawwatch');
    expect(ownProgram(own, '/usr/bin/node')).toEqual({
      files: ['/usr/bin/node', join(own, 'bin/clawwatch.cjs')],
      folders: [own, ...['there', 'below', '@koromix'].map((name) => join(root, 'node_modules', name))],
    });
  });

  test.skipIf(process.getuid?.() !== 0)('is checked in well below the time that a service may take to start', () => {
    const before = performance.now();
    const look = (path: string) => ({ ...asRoots()(path), mode: 0o755 });
    expect(findUnsafePath(ownProgram(), look)).toBeUndefined();
    const ms = performance.now() - before;
    if (process.env.CLAWWATCH_FIGURES) console.log(`own program checked in ${ms.toFixed(0)} ms`);
    expect(ms).toBeLessThan(10_000);
  });
});
