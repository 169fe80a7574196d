import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSkillInventory } from '../../../../src/collect/openclaw/skills/inventory.ts';
import { hashFile, readTree, treeDigest } from '../../../../src/collect/openclaw/skills/tree.ts';
import type { SkillFact } from '../../../../src/types/egress.ts';
import type { GatewayFact } from '../../../../src/types/gateway.ts';
import { gateway } from '../activity/state-folder.ts';

const INSTALLED_AT = 1_790_000_000_000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function home(): string {
  const path = mkdtempSync(join(tmpdir(), 'clawwatch-skills-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

function skill(directory: string, text = '---\nname: x\n---\n'): string {
  write(join(directory, 'SKILL.md'), text);
  return directory;
}

const treeOf = (directory: string) =>
  treeDigest(readTree(directory).entries, (path) => hashFile(join(directory, path)) ?? '');

/** Installed as ClawHub does it: files, then the note of origin, then the lock file. */
function installed(workspace: string, name: string, more: { lock?: object; noTree?: boolean } = {}): string {
  const directory = skill(join(workspace, 'skills', name), '---\nname: Weather\nversion: 0.9.0\n---\nhi\n');
  write(join(directory, 'scripts/run.sh'), '#!/bin/sh\n');
  const hashes = {
    skillFile: { path: 'SKILL.md', sha256: sha256('---\nname: Weather\nversion: 0.9.0\n---\nhi\n') },
    ...(more.noTree ? {} : { fileTreeSha256: `sha256:${treeOf(directory)}` }),
  };
  const note = {
    version: 1,
    registry: 'https://clawhub.ai',
    slug: name,
    ownerHandle: 'owner',
    installedVersion: '1.2.3',
  };
  write(join(directory, '.clawhub/origin.json'), JSON.stringify({ ...note, installedAt: INSTALLED_AT, ...hashes }));
  const entry = {
    version: '1.2.3',
    registry: 'https://clawhub.ai',
    installedAt: INSTALLED_AT,
    ...hashes,
    ...more.lock,
  };
  write(join(workspace, '.clawhub/lock.json'), JSON.stringify({ version: 1, skills: { [name]: entry } }));
  return directory;
}

function read(fact: GatewayFact): { skills: SkillFact[]; ids: string[] } {
  const { skills, blindSpots } = createSkillInventory({ procRoot: '/nonexistent' }).read([fact]);
  return { skills, ids: blindSpots.map(({ id }) => id) };
}

const drift = (fact: GatewayFact) => read(fact).skills.map((one) => [one.drift, one.driftDetail]);

describe('where skills are found', () => {
  test('every kind of root counts, with its name', () => {
    const root = home();
    const state = join(root, '.openclaw');
    const elsewhere = home();
    const places: [SkillFact['source'], string][] = [
      ['workspace', skill(join(state, 'workspace/skills/a'))],
      ['project-agents', skill(join(state, 'workspace/.agents/skills/b'))],
      ['user-agents', skill(join(root, '.agents/skills/c'))],
      ['state', skill(join(state, 'skills/d'))],
      ['workshop', skill(join(state, 'agents/main/agent/workshop-skills/e'))],
      ['library', skill(join(state, 'skill-library/f/revisions/0123abcd'))],
      ['plugin', skill(join(state, 'extensions/ext/skills/g'))],
      ['extra', skill(join(elsewhere, 'more/h'))],
      ['bundled', skill(join(elsewhere, 'package/skills/i'))],
    ];
    const fact = gateway(state, { version: { packagePath: join(elsewhere, 'package') } });
    fact.config.value = { skills: { load: { extraDirs: [join(elsewhere, 'more'), 7, 'relative'] } } };
    const { skills, ids } = read(fact);
    expect(skills.map((one) => [one.source, one.directory])).toEqual(places);
    expect(skills.map(({ name }) => name).join('')).toBe('abcdefghi');
    expect(ids).toEqual([]);
  });

  test('grouped skills are found to the sixth level and no deeper; what lies inside a skill is part of it', () => {
    const state = home();
    skill(join(state, 'skills/1/2/3/4/5/six'));
    skill(join(state, 'skills/1/2/3/4/5/6/seven'));
    skill(join(state, 'skills/outer/inner'));
    skill(join(state, 'skills/outer'));
    skill(join(state, 'skills/node_modules/no'));
    skill(join(state, 'skills/.hidden'));
    expect(read(gateway(state)).skills.map(({ name }) => name)).toEqual(['outer', 'six']);
  });

  test('links in a circle end, and a skill with two names counts once', () => {
    const state = home();
    skill(join(state, 'skills/real'));
    symlinkSync(join(state, 'skills'), join(state, 'skills/loop'));
    mkdirSync(join(state, 'plugin-skills'));
    symlinkSync(join(state, 'skills/real'), join(state, 'plugin-skills/again'));
    expect(read(gateway(state)).skills.map(({ name }) => name)).toEqual(['real']);
  });

  test('more than is searched is a blind spot and no endless search', () => {
    const state = home();
    for (let i = 0; i < 510; i++) skill(join(state, `skills/s${i}`));
    const { skills, ids } = read(gateway(state));
    expect(skills).toHaveLength(500);
    expect(ids).toEqual(['openclaw.skills.incomplete']);
  });

  test('a gateway without a state directory has none', () => {
    expect(read({ ...gateway('/nonexistent'), workspaces: [] })).toEqual({ skills: [], ids: [] });
  });
});

describe('what is told of a skill', () => {
  test('its note of origin comes before what it says of itself', () => {
    const state = home();
    installed(join(state, 'workspace'), 'weather');
    const [fact] = read(gateway(state)).skills;
    expect(fact).toMatchObject({
      name: 'weather',
      declaredName: 'Weather',
      source: 'workspace',
      gatewayId: 'default',
      version: '1.2.3',
      origin: { registry: 'https://clawhub.ai', slug: 'weather', owner: 'owner' },
      installedAt: INSTALLED_AT,
      drift: 'none',
    });
    expect(fact!.changedAt).toBeLessThanOrEqual(Date.now());
  });

  test('the folder that ClawHub used before counts as well', () => {
    const state = home();
    const directory = skill(join(state, 'skills/old'));
    write(join(directory, '.clawdhub/origin.json'), JSON.stringify({ version: 1, slug: 'old', installedVersion: '3' }));
    expect(read(gateway(state)).skills[0]).toMatchObject({ version: '3', origin: { slug: 'old' }, drift: 'unknown' });
  });

  test('a note that is no object, too large or of wrong types is none', () => {
    const state = home();
    for (const [name, text] of [
      ['a', '[1'],
      ['b', '"x"'],
      ['c', `{"slug":"${'x'.repeat(70_000)}"}`],
      ['d', '{"slug":{},"installedAt":"now","skillFile":7,"fileTreeSha256":"abc"}'],
    ] as const) {
      write(join(skill(join(state, 'skills', name)), '.clawhub/origin.json'), text);
    }
    const { skills } = read(gateway(state));
    expect(skills.map((one) => [one.name, one.origin, one.drift])).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => [name, undefined, 'unknown']),
    );
  });
});

describe('drift of files', () => {
  const story = (change: (directory: string) => void, more: Parameters<typeof installed>[2] = {}) => {
    const state = home();
    change(installed(join(state, 'workspace'), 'weather', more));
    return drift(gateway(state))[0];
  };

  test('a changed SKILL.md is named', () => {
    expect(story((directory) => write(join(directory, 'SKILL.md'), 'evil'))).toEqual([
      'changed',
      'SKILL.md is not as installed',
    ]);
  });

  test.each<[string, (directory: string) => void]>([
    ['a changed script', (directory) => write(join(directory, 'scripts/run.sh'), 'evil')],
    ['a new file', (directory) => write(join(directory, 'scripts/new.sh'), '')],
    ['an empty new folder', (directory) => mkdirSync(join(directory, 'new'))],
    ['a removed file', (directory) => unlinkSync(join(directory, 'scripts/run.sh'))],
    ['a link', (directory) => symlinkSync('/etc/hostname', join(directory, 'link'))],
  ])('%s counts as a change', (_, change) => {
    expect(story(change)?.[0]).toBe('changed');
  });

  test("the installer's own notes are no change", () => {
    expect(story((directory) => write(join(directory, '.clawhub/more.json'), '{}'))?.[0]).toBe('none');
  });

  test('a note that was rewritten to fit is betrayed by the lock file', () => {
    const more = { lock: { skillFile: { path: 'SKILL.md', sha256: '0'.repeat(64) } } };
    expect(story(() => {}, more)).toEqual([
      'changed',
      'its origin note and the lock file of the workspace name different hashes',
    ]);
  });

  test('a file with a second name is not judged', () => {
    expect(story((directory) => linkSync(join(directory, 'scripts/run.sh'), join(directory, '../../copy')))?.[0]).toBe(
      'unknown',
    );
  });

  test('without a tree hash only SKILL.md is compared, and that is said', () => {
    const change = (directory: string) => write(join(directory, 'scripts/run.sh'), 'evil');
    expect(story(change, { noTree: true })).toEqual(['none', 'only SKILL.md is compared']);
  });

  test('a path that leads out of the skill is not followed', () => {
    const state = home();
    const directory = skill(join(state, 'skills/x'));
    const outside = write(join(state, 'outside'), 'text');
    const skillFile = { path: '../../outside', sha256: hashFile(outside) };
    write(join(directory, '.clawhub/origin.json'), JSON.stringify({ slug: 'x', skillFile }));
    expect(drift(gateway(state))).toEqual([['changed', 'the file that was noted at its installation is gone']]);
  });
});

describe('the tree hash', () => {
  test('is the one that OpenClaw computes', () => {
    const directory = home();
    write(join(directory, 'SKILL.md'), '---\nname: tree-lab\nversion: 2.0.0\n---\nhi\n');
    write(join(directory, 'scripts/run.sh'), '#!/bin/sh\necho 1\n');
    write(join(directory, 'a.b/é.txt'), 'x');
    write(join(directory, 'a'), '');
    write(join(directory, '.hidden'), 'dot');
    write(join(directory, '.clawhub/origin.json'), '{}');
    mkdirSync(join(directory, 'empty'));
    // From `digestClawHubSkillTree` of OpenClaw 2026.9.6 over the same files.
    expect(treeOf(directory)).toBe('d3abbac48dede127b13af05e83ac4f3db86beddc9d2058b8a78aa307504b6f64');
  });
});

describe('a steady machine', () => {
  test('the disk is looked at again after ten seconds, or when the clock was set back', () => {
    const state = home();
    skill(join(state, 'skills/a'));
    let now = 1_000_000;
    const inventory = createSkillInventory({ now: () => now, procRoot: '/nonexistent' });
    const count = () => inventory.read([gateway(state)]).skills.length;
    expect(count()).toBe(1);
    skill(join(state, 'skills/b'));
    now += 9_999;
    expect(count()).toBe(1);
    now += 1;
    expect(count()).toBe(2);
    skill(join(state, 'skills/c'));
    now -= 500_000;
    expect(count()).toBe(3);
  });
});
