import { expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import type { SkillFact } from '../../src/types/egress.ts';
import { gateway, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();

function skill(name: string, more: Partial<SkillFact> = {}): SkillFact {
  const directory = `/home/u/.openclaw/workspace/skills/${name}`;
  return { name, directory, source: 'workspace', gatewayId: 'default', drift: 'none', ...more };
}

const names = (store: { skills(): SkillFact[] }) => store.skills().map(({ name, drift }) => `${name} ${drift}`);

test('skills are recorded as last found; what went away is no longer listed', () => {
  const store = places.closing(openStore({ path: places.file() }));
  const gateways = [gateway('default', 18789)];
  store.recordCycle(snapshot(0, { gateways, skills: [skill('weather'), skill('notes')] }), [], 'agent');
  expect(names(store)).toEqual(['notes none', 'weather none']);
  store.recordCycle(snapshot(2, { gateways, skills: [skill('weather', { drift: 'changed' })] }), [], 'agent');
  expect(names(store)).toEqual(['weather changed']);
});

test('a look that could not see the skills of a gateway removes none', () => {
  const store = places.closing(openStore({ path: places.file() }));
  store.recordCycle(snapshot(0, { gateways: [gateway('default', 18789)], skills: [skill('weather')] }), [], 'agent');
  store.recordCycle(snapshot(2, { gateways: [], skills: [] }), [], 'agent');
  const spot = { id: 'openclaw.skills.container', source: 's', what: 'w', why: 'y', essential: false };
  store.recordCycle(
    snapshot(4, { gateways: [gateway('default', 18789)], skills: [], blindSpots: [spot] }),
    [],
    'agent',
  );
  store.recordCycle(snapshot(6, { gateways: [gateway('default', 18789)] }), [], 'agent');
  expect(names(store)).toEqual(['weather none']);
});
