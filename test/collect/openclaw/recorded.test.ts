import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createProcfsProcesses } from '../../../src/collect/linux/index.ts';
import { createFamilyMemory } from '../../../src/collect/openclaw/family.ts';
import { familyRootOf } from '../../../src/collect/openclaw/family-root.ts';
import { createFileView, ownedBy } from '../../../src/collect/openclaw/file-view.ts';
import { createRecogniser } from '../../../src/collect/openclaw/recogniser.ts';

const RECORDED = 'test/fixtures/recorded';
const machines = readdirSync(RECORDED, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

describe('recorded machines', () => {
  test.each(machines)('%s: its one gateway is found with state, port and family', async (name) => {
    const root = `${process.cwd()}/${RECORDED}/${name}`;
    const procRoot = `${root}/proc`;
    const signal = new AbortController().signal;
    const table = await createProcfsProcesses({ procRoot }).read(signal);
    const recogniser = createRecogniser({
      hostView: ownedBy(createFileView(root), 0),
      procRoot,
      homes: ['/home/claw'],
    });
    const candidates = await recogniser.candidates(table, signal);
    const { gateways } = recogniser.confirm(candidates, [], table);
    const profile = name === 'profile-ops' ? 'ops' : 'default';
    const stateDir = profile === 'ops' ? '/home/claw/.openclaw-ops' : '/home/claw/.openclaw';
    expect(gateways).toHaveLength(1);
    expect(gateways[0]).toMatchObject({ id: profile, profile, running: true, stateDir, config: { status: 'read' } });
    expect(candidates.roots).toMatchObject([{ gatewayId: profile, port: profile === 'ops' ? 55291 : 18789 }]);
    const { family } = createFamilyMemory().update(table, candidates.roots);
    expect(gateways[0]!.inContainer).toBe(name === 'unset-in-container');
    expect(gateways.map(familyRootOf)).toEqual([
      expect.objectContaining({ gatewayId: profile, pid: gateways[0]!.pid }),
    ]);
    expect(family.filter((member) => member.basis === 'root')).toHaveLength(1);
    // The agent of that machine ran `setsid nohup sleep`, which we see for the first time as an orphan.
    const orphans = family.filter((member) => member.detached).map((member) => member.basis);
    expect(orphans).toEqual(name === 'portal-and-exec' ? ['environ'] : []);
    expect(family.length).toBeGreaterThanOrEqual(3);
  });
});
