import { expect, test } from 'vitest';
import { fingerprint } from '../../src/types/finding.ts';
import { aFinding, aStore, asRecord, clawwatch, NOW } from './world.ts';

const member = (ruleId: string, more: Partial<Parameters<typeof aFinding>[0]> = {}) =>
  asRecord(
    aFinding({ ruleId, fingerprint: fingerprint(ruleId), incidentId: 'I-7K2M9Q', family: 'volume', ...more }),
    NOW,
  );

const [lead, second, apart] = [
  member('EGR-16'),
  member('EGR-05', { severity: 'critical', title: 'Skill "x" sends to \u001b[31mdrop.test' }),
  member('EGR-09', { incidentId: 'I-000000' }),
];
const world = {
  store: aStore({ finding: () => lead, findings: () => [second!, lead!, apart!] }),
};

test('explain names the incident and its further facts, with the id to explain each by', async () => {
  const { out, code } = await clawwatch(['explain', lead!.id], world);
  expect(code).toBe(0);
  expect(out).toContain('I-7K2M9Q, together with');
  expect(out.replaceAll(/\s+/g, ' ')).toContain(`${second!.id} critical EGR-05: Skill "x" sends to \\x1b[31mdrop.test`);
  expect(out).not.toContain(apart!.id);
});

test('JSON has the family, the incident and what belongs to it', async () => {
  const { out } = await clawwatch(['explain', lead!.id, '--json'], world);
  const answer = JSON.parse(out);
  expect(answer.finding).toMatchObject({ family: 'volume', incidentId: 'I-7K2M9Q' });
  expect(answer.incident.map((each: { ruleId: string }) => each.ruleId)).toEqual(['EGR-05']);
});

test('a finding of its own says nothing of incidents', async () => {
  const alone = asRecord(aFinding(), NOW);
  const { out } = await clawwatch(['explain', alone.id], { store: aStore({ finding: () => alone }) });
  expect(out).not.toContain('incident');
});
