import { describe, expect, test } from 'vitest';
import { createDetect } from '../../../src/detect/detect.ts';
import { egr10 } from '../../../src/detect/rules/egr-10.ts';
import type { ProcessFact } from '../../../src/types/process.ts';
import type { Connection, Snapshot } from '../../../src/types/snapshot.ts';
import { agent, familyLook, HOSTILE_WORDS, LEARNED, member, named, outbound } from '../agents.ts';
import { judge, NOW, only, owner, process } from '../builders.ts';

const npm = (name: string) => process(10, { comm: 'npm', exe: '/usr/bin/node', argv: ['npm', 'install', name] });
const script = (event: string, more: Partial<ProcessFact> = {}) =>
  process(11, {
    ppid: 10,
    exe: '/usr/bin/node',
    argv: ['node', 'postinstall.js'],
    markers: { npm_lifecycle_event: event },
    ...more,
  });
const contact = (fact: ProcessFact, host: string | undefined, more: Partial<Connection> = {}) =>
  outbound(agent('exec', fact), ['198.51.100.70', 443], { ...(host === undefined ? {} : named(host)), ...more });
const tell = (fact: ProcessFact, connection: Connection, more: Partial<Snapshot> = {}) =>
  judge(egr10, familyLook([npm('left-pad'), fact], { connections: [connection], ...more }), {
    history: LEARNED,
  }).filter(({ verdict }) => verdict === 'finding');
const on = (event: string, host: string | undefined, more: Partial<Connection> = {}) =>
  tell(script(event), contact(script(event), host, more));

describe('EGR-10 tells', () => {
  test('a post-install script at a host of its own, with the installation', () => {
    const finding = only(on('postinstall', 'skillmetrics.test'));
    expect(finding).toMatchObject({
      severity: 'medium',
      title:
        'Agent command "postinstall.js" contacts skillmetrics.test (198.51.100.70:443) while a package is installed',
    });
    expect(finding.evidence).toContainEqual({ label: 'installation', value: 'npm install left-pad' });
  });

  test('a bare address as high, and a script that outlived its installation', () => {
    expect(only(on('preinstall', undefined)).severity).toBe('high');
    const left = agent('detached', script('install'), { member: member(script('install'), { detached: true }) });
    const held = outbound(left, ['198.51.100.70', 443], named('x.test'));
    expect(only(tell(script('install'), held)).severity).toBe('high');
  });

  test('a paste as high', () => {
    const indicators = { match: () => [], categoriesOf: () => ['paste' as const], datedAt: 0 };
    const look = familyLook([script('install')], { connections: [contact(script('install'), 'glot.io')] });
    const [found] = createDetect({ rules: [egr10] })(look, LEARNED, { now: NOW, singleLook: false, indicators });
    expect(found?.severity).toBe('high');
  });

  test.each([
    ['Python', ['python3', '/x/pip/_vendor/pyproject_hooks/_in_process/_in_process.py', 'build_wheel']],
    ['Ruby', ['ruby', 'extconf.rb']],
    ['old Python', ['python3', 'setup.py', 'install']],
  ])('a build of %s, also below it', (_, argv) => {
    const build = process(11, { ppid: 10, argv });
    const child = process(12, { ppid: 11, comm: 'curl', argv: ['curl', 'x'] });
    const look = familyLook([build, child], { connections: [contact(child, 'x.test')] });
    expect(judge(egr10, look, { history: LEARNED })).toHaveLength(1);
  });

  test("the user's own installation of a package that calls itself after OpenClaw", () => {
    const fact = script('postinstall');
    const held = outbound(owner('other', fact), ['198.51.100.70', 443], named('x.test'));
    const look = (name: string) => familyLook([], { others: [npm(name), fact], connections: [held] });
    expect(judge(egr10, look('@openclaw-ai/openclawai'), { history: LEARNED })).toHaveLength(1);
    for (const name of ['openclaw@latest', '@openclaw/sdk', 'left-pad'])
      expect(judge(egr10, look(name), { history: LEARNED }), name).toEqual([]);
  });
});

describe('EGR-10 is silent for', () => {
  test.each(['any.npmjs.org', 'github.com', 'objects.githubusercontent.com', 'nodejs.org', 'cdn.playwright.dev'])(
    '%s',
    (host) => expect(on('install', host)).toEqual([]),
  );

  test.each(['start', 'test', 'dev', ''])('npm run %s', (event) => expect(on(event, 'x.test')).toEqual([]));

  test('look-alikes of registries are none', () => {
    expect(on('install', 'npmjs.org.evil.test')).toHaveLength(1);
    expect(on('install', 'evilnpmjs.org')).toHaveLength(1);
    expect(on('install', 'github.com', { destination: { name: 'github.com', claimed: true } })).toHaveLength(1);
  });

  test.each(['expected', 'approved', 'learned', 'suppressed'] as const)('what is %s', (verdict) => {
    expect(on('install', 'x.test', { verdict })).toEqual([]);
  });

  test('an address whose name could not be seen, and says so', () => {
    const fact = script('install');
    const look = familyLook([fact], { connections: [contact(fact, undefined)], telemetry: 'T1' });
    expect(judge(egr10, look, { history: LEARNED })).toMatchObject([{ verdict: 'unknown', severity: 'info' }]);
  });
});

test('EGR-10 survives hostile words and rings of parents', () => {
  for (const word of HOSTILE_WORDS) {
    const a = process(11, { ppid: 12, comm: word, argv: [word, word], markers: { npm_lifecycle_event: 'install' } });
    const b = process(12, { ppid: 11, argv: [word] });
    const look = familyLook([a, b], { connections: [contact(a, undefined)] });
    for (const { command = '' } of only(judge(egr10, look, { history: LEARNED })).fixes) {
      expect(command).not.toMatch(/[\u0000-\u001f]|^[^']*rm -rf/);
    }
  }
});
