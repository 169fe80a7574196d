import { describe, expect, test } from 'vitest';
import { createFamilyMemory, type FamilyRoot } from '../../../src/collect/openclaw/family.ts';
import type { ProcessFact } from '../../../src/types/process.ts';
import { fakeProcess, gatewayProcess, tableOf, UID } from './fake-machine.ts';

const STATE = '/home/u/.openclaw';
const ROOT: FamilyRoot = { gatewayId: 'default', pid: 2110, startTicks: 21100, stateDir: STATE, port: 18789 };

/** The tree as it was recorded during an exec of OpenClaw 2026.9.6. */
const gateway = gatewayProcess({ pid: 2110 });
const broker = fakeProcess({
  pid: 2339,
  ppid: 2110,
  comm: 'MainThread',
  exe: '/opt/oc/node',
  argv: ['node', '/opt/oc/openclaw/dist/process/spawn-broker/worker.js'],
});
const MARKERS = {
  OPENCLAW_SHELL: 'exec',
  OPENCLAW_CLI: '1',
  OPENCLAW_STATE_DIR: STATE,
  OPENCLAW_GATEWAY_PORT: '18789',
};
const bash = fakeProcess({ pid: 3570, ppid: 2339, comm: 'bash', markers: MARKERS });
const script = fakeProcess({ pid: 3571, ppid: 3570, comm: 'run.sh', markers: MARKERS });

function summary(family: { pid: number; basis: string; detached: boolean }[]) {
  return Object.fromEntries(family.map(({ pid, basis, detached }) => [pid, detached ? `${basis}, detached` : basis]));
}

const orphaned = (process: ProcessFact): ProcessFact => ({ ...process, ppid: 1 });

describe('family', () => {
  test('everything below the gateway belongs to it, with its lineage', () => {
    const { family } = createFamilyMemory({ now: () => 5 }).update(tableOf(script, bash, broker, gateway), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root', 2339: 'descendant', 3570: 'descendant', 3571: 'descendant' });
    expect(family.find((member) => member.pid === 3571)).toMatchObject({
      gatewayId: 'default',
      ancestors: ['3570:35700', '2339:23390', '2110:21100'],
      firstSeenAt: 5,
    });
  });

  test('processes outside the tree do not belong to it', () => {
    const { family } = createFamilyMemory().update(tableOf(gateway, fakeProcess({ pid: 77 })), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root' });
  });

  test('who was seen in the tree stays a member after re-parenting, detached and with the lineage of the first sight', () => {
    const clock = { at: 5 };
    const memory = createFamilyMemory({ now: () => clock.at });
    const plain = { ...script, markers: {} };
    memory.update(tableOf(gateway, broker, bash, plain), [ROOT]);
    clock.at = 9;
    const { family } = memory.update(tableOf(gateway, broker, orphaned(plain)), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root', 2339: 'descendant', 3571: 'remembered, detached' });
    expect(family.find((member) => member.pid === 3571)).toMatchObject({
      ancestors: ['3570:35700', '2339:23390', '2110:21100'],
      firstSeenAt: 5,
    });
    const child = fakeProcess({ pid: 4000, ppid: 3571 });
    const later = memory.update(tableOf(gateway, orphaned(plain), child), [ROOT]);
    expect(summary(later.family)).toMatchObject({ 4000: 'remembered, detached' });
  });

  test('a process with the pid of a dead member and another start time inherits nothing', () => {
    const memory = createFamilyMemory();
    memory.update(tableOf(gateway, broker, bash), [ROOT]);
    const stranger = fakeProcess({ pid: 3570, startTicks: 99_999 });
    const { family } = memory.update(tableOf(gateway, broker, stranger), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root', 2339: 'descendant' });
    expect(memory.gatewayOf(stranger)).toBeUndefined();
  });

  test('a child does not belong to a younger process that got the pid of its parent', () => {
    const child = fakeProcess({ pid: 50, startTicks: 100, ppid: 2110 });
    const { family } = createFamilyMemory().update(tableOf(gateway, child), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root' });
  });

  test('after a restart of the gateway the survivors of the old one are detached members of the same gateway', () => {
    const memory = createFamilyMemory();
    memory.update(tableOf(gateway, broker, bash), [ROOT]);
    const next = gatewayProcess({ pid: 5000 });
    const root = { ...ROOT, pid: 5000, startTicks: 50_000 };
    const { family } = memory.update(tableOf(next, orphaned(broker), bash), [root]);
    expect(summary(family)).toEqual({ 5000: 'root', 2339: 'remembered, detached', 3570: 'remembered, detached' });
    expect(new Set(family.map((member) => member.gatewayId))).toEqual(new Set(['default']));
  });

  test('a gateway that one look did not recognise keeps its family', () => {
    const memory = createFamilyMemory();
    memory.update(tableOf(gateway, broker), [ROOT]);
    expect(summary(memory.update(tableOf(gateway, broker), []).family)).toEqual({ 2110: 'root', 2339: 'descendant' });
  });

  test('an orphan that was never seen in the tree is rescued by the environment of its start', () => {
    const { family } = createFamilyMemory().update(tableOf(gateway, orphaned(script)), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root', 3571: 'environ, detached' });
  });

  test('an orphan adopted by the user manager is rescued too', () => {
    const manager = fakeProcess({ pid: 900, comm: 'systemd', markers: {} });
    const { family } = createFamilyMemory().update(tableOf(gateway, manager, { ...script, ppid: 900 }), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root', 3571: 'environ, detached' });
  });

  test('variables that a user exports in a terminal make no member', () => {
    const sshd = fakeProcess({ pid: 800, comm: 'sshd' });
    const shell = fakeProcess({ pid: 801, ppid: 800, comm: 'bash' });
    const command = fakeProcess({ pid: 802, ppid: 801, markers: MARKERS });
    const { family } = createFamilyMemory().update(tableOf(gateway, sshd, shell, command), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root' });
  });

  test("variables of another gateway's state directory make no member, and neither does a state directory alone", () => {
    const other = orphaned({ ...script, markers: { ...MARKERS, OPENCLAW_STATE_DIR: '/home/v/.openclaw' } });
    const unit = fakeProcess({ pid: 60, markers: { OPENCLAW_STATE_DIR: STATE } });
    const node = fakeProcess({ pid: 61, markers: { ...MARKERS, OPENCLAW_SERVICE_KIND: 'node' } });
    const { family } = createFamilyMemory().update(tableOf(gateway, other, unit, node), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root' });
  });

  test('a state directory has all the names by which the gateway knows it', () => {
    const root = { ...ROOT, stateDirAliases: ['/data/claw'] };
    const linked = orphaned({ ...script, markers: { ...MARKERS, OPENCLAW_STATE_DIR: '/data/claw/' } });
    const { family } = createFamilyMemory().update(tableOf(gateway, linked), [root]);
    expect(summary(family)).toEqual({ 2110: 'root', 3571: 'environ, detached' });
  });

  test('the dedicated control group of the service makes members, a shared one does not', () => {
    const service = '/user.slice/user-1000.slice/user@1000.service/app.slice/openclaw-gateway.service';
    const inService = fakeProcess({ pid: 70, cgroup: `${service}/sub` });
    const { family } = createFamilyMemory().update(tableOf({ ...gateway, cgroup: service }, inService), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root', 70: 'cgroup, detached' });
    for (const cgroup of ['/', '/user.slice/user-1000.slice/session-1.scope']) {
      const shared = fakeProcess({ pid: 70, cgroup });
      const look = createFamilyMemory().update(tableOf({ ...gateway, cgroup }, shared), [ROOT]);
      expect(summary(look.family)).toEqual({ 2110: 'root' });
    }
  });

  test('we and our children belong to nobody, also below the gateway', () => {
    const self = fakeProcess({ pid: 6000, ppid: 3570, markers: MARKERS });
    const tool = fakeProcess({ pid: 6001, ppid: 6000, markers: MARKERS });
    const { family } = createFamilyMemory({ ownPids: [6000] }).update(tableOf(gateway, broker, bash, self, tool), [
      ROOT,
    ]);
    expect(summary(family)).toEqual({ 2110: 'root', 2339: 'descendant', 3570: 'descendant' });
  });

  test('a gateway below another has its own family', () => {
    const inner = gatewayProcess({ pid: 7000, ppid: 3570 });
    const innerChild = fakeProcess({ pid: 7001, ppid: 7000 });
    const roots = [ROOT, { gatewayId: 'inner', pid: 7000, startTicks: 70_000 }];
    const { family } = createFamilyMemory().update(tableOf(gateway, broker, bash, inner, innerChild), roots);
    expect(Object.fromEntries(family.map(({ pid, gatewayId }) => [pid, gatewayId]))).toEqual({
      2110: 'default',
      2339: 'default',
      3570: 'default',
      7000: 'inner',
      7001: 'inner',
    });
  });

  test('memory holds the living only', () => {
    const memory = createFamilyMemory();
    memory.update(tableOf(gateway, broker, bash), [ROOT]);
    expect(memory.update(tableOf(), []).family).toEqual([]);
    expect(memory.gatewayOf(bash)).toBeUndefined();
  });

  test('tables that bend the laws of parenthood are survived', () => {
    const ring = [
      fakeProcess({ pid: 10, ppid: 11, startTicks: 5 }),
      fakeProcess({ pid: 11, ppid: 10, startTicks: 5 }),
      fakeProcess({ pid: 12, ppid: 12, startTicks: 5 }),
    ];
    const chain = Array.from({ length: 5000 }, (_, i) =>
      fakeProcess({ pid: 10_000 + i, ppid: i === 0 ? 2110 : 9_999 + i, startTicks: 30_000 }),
    );
    const { family } = createFamilyMemory().update(tableOf(gateway, ...ring, ...chain), [ROOT]);
    expect(family).toHaveLength(5001);
  });

  test('of two gateways with the same port in two network namespaces the near one started the orphan', () => {
    const far = { ...gatewayProcess({ pid: 900 }), netns: '1' };
    const near = { ...gateway, netns: '2' };
    const markers = { OPENCLAW_SHELL: 'exec', OPENCLAW_GATEWAY_PORT: '18789' };
    const orphan = { ...orphaned(script), markers, netns: '2' };
    const roots = [{ gatewayId: 'far', pid: 900, startTicks: 9000, port: 18789 }, ROOT];
    const { family } = createFamilyMemory().update(tableOf(far, near, orphan), roots);
    expect(family.find((member) => member.pid === orphan.pid)?.gatewayId).toBe('default');
  });

  test('orphans of the same user whose environment is hidden are a blind spot', () => {
    const hidden = fakeProcess({ pid: 90, markersUnread: true, uid: UID });
    const { blindSpots } = createFamilyMemory().update(tableOf(gateway, hidden), [ROOT]);
    expect(blindSpots).toMatchObject([
      { id: 'family.environ.unread', what: expect.stringContaining('1 orphaned process') },
    ]);
  });
});

describe('a process whose birth an event told', () => {
  const told = (makers: [number, number][], ...processes: ProcessFact[]) => ({
    ...tableOf(...processes),
    makers: new Map(makers),
  });
  const bare = (pid: number, fields: Partial<ProcessFact> = {}) => fakeProcess({ pid, markers: {}, ...fields });

  test('belongs to whoever made it, also when it left the tree before the first look at it', () => {
    const child = bare(3_600);
    const { family } = createFamilyMemory().update(told([[3_600, 2110]], gateway, child), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root', 3600: 'remembered, detached' });
    expect(family.find(({ pid }) => pid === 3_600)?.ancestors).toEqual(['2110:21100']);
    expect(summary(createFamilyMemory().update(tableOf(gateway, child), [ROOT]).family)).toEqual({ 2110: 'root' });
  });

  test('is a plain descendant while its maker is its parent', () => {
    const child = bare(3_600, { ppid: 2110 });
    const { family } = createFamilyMemory().update(told([[3_600, 2110]], gateway, child), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root', 3600: 'descendant' });
  });

  test('stays what it is when no event tells of it any more, and so do its children', () => {
    const memory = createFamilyMemory();
    const child = bare(3_600);
    memory.update(told([[3_600, 2110]], gateway, child), [ROOT]);
    const { family } = memory.update(tableOf(gateway, child, bare(3_700, { ppid: 3_600 })), [ROOT]);
    expect(summary(family)).toMatchObject({ 3600: 'remembered, detached', 3700: 'remembered, detached' });
  });

  test('of a chain of makers that are all gone but in the table of this look', () => {
    const chain = [bare(3_601, { ppid: 1 }), bare(3_602, { ppid: 1 }), bare(3_603, { ppid: 1 })];
    const makers: [number, number][] = [
      [3_601, 2110],
      [3_602, 3_601],
      [3_603, 3_602],
    ];
    const { family } = createFamilyMemory().update(told(makers, gateway, ...chain), [ROOT]);
    expect(Object.keys(summary(family))).toEqual(['2110', '3601', '3602', '3603']);
  });

  test('made by a stranger is a stranger, whatever its parent is called', () => {
    const stranger = bare(77);
    const child = bare(3_600, { ppid: 2110, startTicks: 36_000 });
    const { family } = createFamilyMemory().update(told([[3_600, 77]], gateway, stranger, child), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root' });
  });

  test('has no maker in a process that is half a second younger and more; a little younger is what clocks do', () => {
    const near = bare(3_600, { startTicks: 21_060 });
    const far = bare(3_601, { startTicks: 21_040 });
    const makers: [number, number][] = [
      [3_600, 2110],
      [3_601, 2110],
    ];
    const { family } = createFamilyMemory().update(told(makers, gateway, near, far), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root', 3600: 'remembered, detached' });
  });

  test('of makers in a ring, of nobody and of itself is survived', () => {
    const makers: [number, number][] = [
      [10, 11],
      [11, 10],
      [12, 12],
      [13, 99_999],
    ];
    const processes = [10, 11, 12, 13].map((pid) => bare(pid, { startTicks: 50_000 }));
    const { family } = createFamilyMemory().update(told(makers, gateway, ...processes), [ROOT]);
    expect(summary(family)).toEqual({ 2110: 'root' });
  });
});
