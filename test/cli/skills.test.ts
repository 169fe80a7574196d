import { expect, test } from 'vitest';
import type { SkillFact } from '../../src/types/egress.ts';
import { aSnapshot, clawwatch, NOW } from './world.ts';

const weather: SkillFact = {
  name: 'weather-pro',
  directory: '/home/u/.openclaw/workspace/skills/weather-pro',
  source: 'workspace',
  gatewayId: 'default',
  version: '1.2.0',
  origin: { owner: 'maker', slug: 'weather-pro' },
  installedAt: NOW - 3_600_000,
  changedAt: NOW - 60_000,
  drift: 'changed',
};
const bundled: SkillFact = { ...weather, name: 'github', source: 'bundled', drift: 'unknown' };
const hostile: SkillFact = { ...weather, name: 'nice\u001b[2J\u202eskill\n', drift: 'none' };
const snapshot = aSnapshot({ skills: [hostile, bundled, weather] });

test('skills are listed with what changed first, and those of OpenClaw only when asked for', async () => {
  const { out, code } = await clawwatch(['skills', '--live'], { snapshot });
  expect(code).toBe(0);
  expect(out).toContain('2 installed skills');
  expect(out.replace(/\s+/g, ' ')).toContain('1 that come with OpenClaw (--all shows them)');
  const rows = out.split('\n').filter((line) => /workspace|bundled/.test(line));
  expect(rows[0]).toMatch(/^weather-pro +changed +workspace +1\.2\.0 +maker\/weather-pro/);
  expect(rows).toHaveLength(2);
  expect((await clawwatch(['skills', '--live', '--all'], { snapshot })).out).toContain('github');
});

test('a name is made inert', async () => {
  const { out } = await clawwatch(['skills', '--live'], { snapshot });
  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(out).toContain('nice\\x1b[2J');
});

test('the JSON holds every field of a skill', async () => {
  const { out } = await clawwatch(['skills', '--live', '--json'], { snapshot });
  expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, command: 'skills', source: 'look' });
  expect((JSON.parse(out) as { skills: SkillFact[] }).skills).toContainEqual(weather);
});
