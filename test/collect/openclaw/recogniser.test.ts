import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFileView } from '../../../src/collect/openclaw/file-view.ts';
import { createRecogniser, type RecogniserOptions } from '../../../src/collect/openclaw/recogniser.ts';
import type { ProcessTable } from '../../../src/types/collector.ts';
import type { Observation } from '../../../src/types/socket.ts';
import { type FakeMachine, fakeMachine, fakeProcess, gatewayProcess, listener, tableOf, UID } from './fake-machine.ts';

let machine: FakeMachine;
beforeEach(() => {
  machine = fakeMachine();
});
afterEach(() => machine.remove());

const HOME = '/home/alice';
const STATE = `${HOME}/.openclaw`;
const CONFIG = { gateway: { bind: 'loopback' } };

function recogniserOf(options: RecogniserOptions = {}) {
  return createRecogniser({ fsRoot: machine.root, procRoot: machine.procRoot, homes: [HOME], ...options });
}

async function look(table: ProcessTable, sockets: Observation[] = [], recogniser = recogniserOf()) {
  const candidates = await recogniser.candidates(table, new AbortController().signal);
  return { candidates, ...recogniser.confirm(candidates, sockets, table) };
}

describe('recogniser: locks', () => {
  test('a lock whose pid and start time fit is a certain gateway, also before it listens', async () => {
    machine.write(`${STATE}/openclaw.json`, CONFIG);
    machine.lock(STATE, { pid: 100, startTime: 1000, port: 18789 });
    const { gateways, candidates } = await look(tableOf(gatewayProcess({ pid: 100 })));
    expect(gateways).toHaveLength(1);
    expect(gateways[0]).toMatchObject({
      id: 'default',
      running: true,
      confidence: 'certain',
      pid: 100,
      stateDir: STATE,
    });
    expect(gateways[0]!.locks[0]).toMatchObject({ status: 'live', port: 18789 });
    expect(gateways[0]!.config.value).toEqual(CONFIG);
    expect(candidates.roots).toEqual([
      expect.objectContaining({ gatewayId: 'default', pid: 100, startTicks: 1000, stateDir: STATE, port: 18789 }),
    ]);
  });

  test('a stale lock is evidence of an installation and no running gateway', async () => {
    machine.write(`${STATE}/openclaw.json`, CONFIG);
    machine.lock(STATE, { pid: 100, startTime: 1000 });
    const { gateways, candidates } = await look(tableOf());
    expect(gateways).toHaveLength(1);
    expect(gateways[0]).toMatchObject({ running: false, locks: [{ status: 'stale', pid: 100 }] });
    expect(gateways[0]!.pid).toBeUndefined();
    expect(candidates.pids.size).toBe(0);
  });

  test('a pid that went to another process does not make that process a gateway', async () => {
    machine.lock(STATE, { pid: 100, startTime: 999 });
    const { gateways } = await look(tableOf(fakeProcess({ pid: 100, exe: '/usr/bin/node' })), [listener(18789, [100])]);
    expect(gateways).toMatchObject([{ running: false, locks: [{ status: 'reused' }] }]);
  });

  test('a lock of another role is live and no gateway', async () => {
    machine.lock(STATE, { pid: 100, startTime: 1000, role: 'agent-embedded' });
    const { gateways } = await look(tableOf(fakeProcess({ pid: 100, exe: '/usr/bin/node' })));
    expect(gateways).toMatchObject([{ running: false, locks: [{ status: 'live', role: 'agent-embedded' }] }]);
  });

  test("a lock in one user's file says nothing about another user's process", async () => {
    machine.lock(STATE, { pid: 100, startTime: 1000 });
    const { gateways } = await look(tableOf(fakeProcess({ pid: 100, uid: UID + 1, exe: '/usr/bin/node' })));
    if (UID !== 0) expect(gateways).toMatchObject([{ running: false, locks: [{ status: 'invalid' }] }]);
    else expect(gateways).toHaveLength(1); // root's files speak for everybody
  });

  test('a lock that names a process which is no JavaScript runtime makes no gateway', async () => {
    machine.lock(STATE, { pid: 100, startTime: 1000 });
    const { gateways } = await look(tableOf(fakeProcess({ pid: 100, exe: '/usr/sbin/sshd', comm: 'sshd' })));
    expect(gateways.filter((gateway) => gateway.running)).toEqual([]);
  });

  test('an invalid lock file is reported as such', async () => {
    machine.write(`${STATE}/tmp/openclaw-1000/gateway.state.lock`, '{"pid": "many"}');
    const { gateways } = await look(tableOf());
    expect(gateways).toMatchObject([{ running: false, locks: [{ status: 'invalid' }] }]);
  });

  test('locks of old builds in the temporary directory of the system count for the state directory they name', async () => {
    machine.write(`${STATE}/openclaw.json`, CONFIG);
    const old = { pid: 100, createdAt: '2026-11-20T10:32:55.005Z', configPath: `${STATE}/openclaw.json` };
    machine.write(`/tmp/openclaw-${UID}/gateway.0a1b2c3d.lock`, JSON.stringify(old));
    const { gateways } = await look(tableOf(gatewayProcess({ pid: 100 })), [listener(18789, [100])]);
    expect(gateways).toMatchObject([{ running: true, stateDir: STATE, locks: [{ status: 'live', pid: 100 }] }]);
  });
});

describe('recogniser: profiles and places', () => {
  test('finds several gateways at once, each with its own profile and configuration', async () => {
    machine.write(`${STATE}/openclaw.json`, CONFIG);
    machine.lock(STATE, { pid: 100, startTime: 1000, port: 18789 });
    machine.write(`${HOME}/.openclaw-ops/openclaw.json`, { gateway: { bind: 'lan' } });
    machine.lock(`${HOME}/.openclaw-ops`, { pid: 200, startTime: 2000, port: 55291 });
    const { gateways } = await look(tableOf(gatewayProcess({ pid: 100 }), gatewayProcess({ pid: 200 })));
    expect(gateways.map(({ id, profile, pid }) => ({ id, profile, pid }))).toEqual([
      { id: 'default', profile: 'default', pid: 100 },
      { id: 'ops', profile: 'ops', pid: 200 },
    ]);
    expect(gateways[1]!.config.value).toEqual({ gateway: { bind: 'lan' } });
    expect(gateways[1]!.workspaces).toEqual([`${HOME}/.openclaw-ops/workspace`, `${HOME}/.openclaw-ops/workspace-ops`]);
  });

  test('two users with the default profile get different names that stay', async () => {
    const recogniser = recogniserOf({ homes: [HOME, '/home/bob'] });
    machine.write(`${STATE}/openclaw.json`, CONFIG);
    const alone = await look(tableOf(), [], recogniser);
    expect(alone.gateways.map((gateway) => gateway.id)).toEqual(['default']);
    machine.write('/home/bob/.openclaw/openclaw.json', CONFIG);
    machine.lock('/home/bob/.openclaw', { pid: 100, startTime: 1000 });
    const both = await look(tableOf(gatewayProcess({ pid: 100 })), [], recogniser);
    expect(both.gateways.map((gateway) => gateway.id).sort()).toEqual(['default', 'default@/home/bob/.openclaw']);
    expect(both.gateways.find((gateway) => gateway.id === 'default')!.stateDir).toBe(STATE);
  });

  test('two gateways that share one state directory are two, told apart by their ports', async () => {
    machine.lock(STATE, { pid: 100, startTime: 1000, port: 18789 }, 'gateway.aaaaaaaa.lock');
    machine.lock(STATE, { pid: 200, startTime: 2000, port: 19789 }, 'gateway.bbbbbbbb.lock');
    const { gateways } = await look(tableOf(gatewayProcess({ pid: 100 }), gatewayProcess({ pid: 200 })));
    expect(gateways.map(({ id, pid }) => [id, pid])).toEqual([
      ['default', 100],
      [`default@${STATE} port 19789`, 200],
    ]);
  });

  test('old state directories count, and a link from the old name to the new is one installation', async () => {
    machine.write(`${HOME}/.clawdbot/clawdbot.json`, CONFIG);
    const legacy = await look(tableOf());
    expect(legacy.gateways).toMatchObject([
      { stateDir: `${HOME}/.clawdbot`, config: { status: 'read', value: CONFIG } },
    ]);
    machine.link('/home/bob/.moltbot', '/home/bob/.openclaw');
    machine.write('/home/bob/.openclaw/openclaw.json', CONFIG);
    const linked = await look(tableOf(), [], recogniserOf({ homes: ['/home/bob'] }));
    expect(linked.gateways.map((gateway) => gateway.stateDir)).toEqual(['/home/bob/.openclaw']);
  });

  test('a state directory that only a process or our own environment names is found', async () => {
    machine.write('/srv/claw/openclaw.json', CONFIG);
    machine.write('/srv/other/openclaw.json', CONFIG);
    const named = fakeProcess({ pid: 50, markers: { OPENCLAW_STATE_DIR: '/srv/claw/' } });
    const { gateways } = await look(tableOf(named), [], recogniserOf({ env: { OPENCLAW_STATE_DIR: '/srv/other' } }));
    expect(gateways.map((gateway) => gateway.stateDir).sort()).toEqual(['/srv/claw', '/srv/other']);
  });

  test('a gateway that appears between two looks is found by the second', async () => {
    const recogniser = recogniserOf();
    machine.mkdir(HOME);
    expect((await look(tableOf(), [], recogniser)).gateways).toEqual([]);
    machine.write(`${STATE}/openclaw.json`, CONFIG);
    machine.lock(STATE, { pid: 100, startTime: 1000 });
    const table = tableOf(gatewayProcess({ pid: 100 }));
    expect((await look(table, [], recogniser)).gateways).toMatchObject([{ running: true, config: { status: 'read' } }]);
    machine.write(`${STATE}/openclaw.json`, { gateway: { bind: 'lan' } });
    expect((await look(table, [], recogniser)).gateways[0]!.config.value).toEqual({ gateway: { bind: 'lan' } });
  });

  test('homes come from the password file and from /home', async () => {
    machine.write('/etc/passwd', 'root:x:0:0::/root:/bin/sh\nclaw:x:998:998::/var/lib/claw:/bin/false\n');
    machine.write('/var/lib/claw/.openclaw/openclaw.json', CONFIG);
    machine.write('/home/carol/.openclaw/openclaw.json', CONFIG);
    const recogniser = createRecogniser({ fsRoot: machine.root, procRoot: machine.procRoot });
    const { gateways } = await look(tableOf(), [], recogniser);
    expect(gateways.map((gateway) => gateway.stateDir).sort()).toEqual([
      '/home/carol/.openclaw',
      '/var/lib/claw/.openclaw',
    ]);
  });

  test('homes that may not be read are one blind spot with a fix', async () => {
    machine.mkdir(HOME);
    machine.mkdir('/home/bob');
    const view = createFileView(machine.root);
    const hostView = {
      ...view,
      stat: (path: string) => (path.startsWith('/home/bob') ? 'denied' : view.stat(path)),
    } as const;
    const { candidates } = await look(tableOf(), [], recogniserOf({ hostView, homes: [HOME, '/home/bob'] }));
    expect(candidates.blindSpots).toMatchObject([
      { id: 'openclaw.homes.denied', fix: expect.stringContaining('sudo') },
    ]);
    expect(candidates.blindSpots[0]!.what).toContain('/home/bob');
  });

  test('a FIFO or an endless device in place of a state directory, lock or configuration neither hangs nor counts', async () => {
    machine.mkdir(`${STATE}/tmp/openclaw-1000`);
    execFileSync('mkfifo', [
      join(machine.root, `${STATE}/openclaw.json`),
      join(machine.root, `${STATE}/tmp/openclaw-1000/gateway.state.lock`),
    ]);
    machine.mkdir('/home/bob');
    execFileSync('mkfifo', [join(machine.root, '/home/bob/.openclaw')]);
    machine.link('/home/carol/.openclaw/openclaw.json', '/dev/zero');
    const { gateways } = await look(tableOf(), [], recogniserOf({ homes: [HOME, '/home/bob', '/home/carol'] }));
    expect(gateways).toMatchObject([
      { stateDir: STATE, running: false, config: { status: 'unreadable' }, locks: [{ status: 'invalid' }] },
    ]);
  });
});

describe('recogniser: services', () => {
  const CGROUP = '/user.slice/user-1000.slice/user@1000.service/app.slice/openclaw-gateway-ops.service';

  test('the main process of a unit with the service environment is certain, with arguments and markers of the unit', async () => {
    machine.write(
      `${HOME}/.config/systemd/user/openclaw-gateway-ops.service`,
      '[Service]\nExecStart=/usr/bin/node /opt/oc/openclaw.mjs gateway --port 19999 --auth token --token do-not-keep\nEnvironment="OPENCLAW_STATE_DIR=%h/.openclaw-ops"\nEnvironment=OPENCLAW_GATEWAY_TOKEN=do-not-keep OPENCLAW_GATEWAY_PORT=19999\n',
    );
    machine.mkdir(`${HOME}/.openclaw-ops`);
    const cgroup = CGROUP.replaceAll('1000', String(UID));
    const service = gatewayProcess({
      pid: 100,
      cgroup,
      markers: { OPENCLAW_SERVICE_MARKER: 'openclaw', OPENCLAW_SERVICE_KIND: 'gateway' },
    });
    const orphan = fakeProcess({ pid: 300, cgroup, exe: '/usr/bin/node', comm: 'MainThread' });
    const { gateways } = await look(tableOf(service, orphan));
    expect(gateways).toMatchObject([
      {
        id: 'ops',
        pid: 100,
        confidence: 'certain',
        unit: 'openclaw-gateway-ops.service',
        stateDir: `${HOME}/.openclaw-ops`,
        startArguments: [
          '/usr/bin/node',
          '/opt/oc/openclaw.mjs',
          'gateway',
          '--port',
          '19999',
          '--auth',
          'token',
          '--token',
          '***',
        ],
        markers: { OPENCLAW_GATEWAY_PORT: '19999' },
      },
    ]);
    expect(JSON.stringify(gateways)).not.toContain('do-not-keep');
    expect(gateways[0]!.evidence.map((one) => one.kind)).toEqual(
      expect.arrayContaining(['service-unit', 'environ', 'title']),
    );
  });

  test('a unit that is not running is an installation', async () => {
    machine.write(
      '/etc/systemd/system/openclaw-gateway.service',
      '[Service]\nExecStart=/usr/bin/openclaw gateway\nEnvironment=OPENCLAW_STATE_DIR=/srv/claw\n',
    );
    machine.mkdir('/srv/claw');
    const { gateways } = await look(tableOf());
    expect(gateways).toMatchObject([{ running: false, stateDir: '/srv/claw', unit: 'openclaw-gateway.service' }]);
  });
});

describe('recogniser: pretenders and squatters', () => {
  test('a title with a listening socket is likely, a title alone is nothing', async () => {
    const titled = gatewayProcess({ pid: 100 });
    expect((await look(tableOf(titled), [listener(18789, [100])])).gateways).toMatchObject([
      { confidence: 'likely', pid: 100 },
    ]);
    expect((await look(tableOf(titled), [listener(18789, [7])])).gateways).toEqual([]);
    const named = fakeProcess({ pid: 100, comm: 'openclaw-gatewa' });
    expect((await look(tableOf(named), [listener(18789, [100])])).gateways).toEqual([]);
  });

  test('a titled process whose sockets are hidden is possible and an essential blind spot', async () => {
    const { exe: _, ...hidden } = gatewayProcess({ pid: 100, uid: 4242 });
    const { gateways, blindSpots } = await look(tableOf(hidden), [listener(18789, [], { uid: 7 })]);
    expect(gateways).toMatchObject([{ confidence: 'possible', pid: 100 }]);
    expect(blindSpots).toContainEqual(
      expect.objectContaining({ id: 'openclaw.gateway.sockets-unseen', essential: true }),
    );
  });

  test("a squatter on the gateway's port is not taken for the gateway", async () => {
    machine.write(`${STATE}/openclaw.json`, CONFIG);
    machine.lock(STATE, { pid: 100, startTime: 1000, port: 18789 });
    const squatter = fakeProcess({ pid: 300, exe: '/usr/bin/node', comm: 'node', argv: ['node', 'squat.js'] });
    const { gateways } = await look(tableOf(gatewayProcess({ pid: 100 }), squatter), [listener(18789, [300])]);
    expect(gateways.map((gateway) => gateway.pid)).toEqual([100]);
    expect(gateways[0]!.evidence.map((one) => one.kind)).not.toContain('listen');
    const alone = await look(tableOf(squatter), [listener(18789, [300])]);
    expect(alone.gateways).toMatchObject([{ running: false, locks: [{ status: 'stale' }] }]);
  });

  test('a command of the agent that takes the title, the variables and a port stays a command', async () => {
    machine.lock(STATE, { pid: 100, startTime: 1000, port: 18789 });
    const markers = { OPENCLAW_SERVICE_MARKER: 'openclaw', OPENCLAW_SERVICE_KIND: 'gateway' };
    const fake = gatewayProcess({ pid: 200, ppid: 150, markers });
    const shell = fakeProcess({ pid: 150, ppid: 100, comm: 'bash', exe: '/bin/bash' });
    const table = tableOf(gatewayProcess({ pid: 100 }), shell, fake);
    const { gateways } = await look(table, [listener(18789, [100]), listener(4444, [200])]);
    expect(gateways.map((gateway) => gateway.pid)).toEqual([100]);
  });

  test('it stays a command when it has left the tree and the family memory knows it', async () => {
    const fake = gatewayProcess({ pid: 200 });
    const recogniser = recogniserOf({ isFamilyCommand: (process) => process.pid === 200 });
    expect((await look(tableOf(fake), [listener(4444, [200])], recogniser)).gateways).toEqual([]);
  });

  test('with a lock of its own it is shown as a second gateway, never a certain one', async () => {
    machine.lock(STATE, { pid: 100, startTime: 1000, port: 18789 });
    machine.lock(`${HOME}/.openclaw-evil`, { pid: 200, startTime: 2000, port: 4444 });
    const { gateways } = await look(tableOf(gatewayProcess({ pid: 100 }), gatewayProcess({ pid: 200, ppid: 100 })));
    expect(gateways.map(({ pid, confidence }) => ({ pid, confidence }))).toEqual([
      { pid: 100, confidence: 'certain' },
      { pid: 200, confidence: 'likely' },
    ]);
  });

  test('children that inherit the service variables are not gateways', async () => {
    const markers = { OPENCLAW_SERVICE_MARKER: 'openclaw', OPENCLAW_SERVICE_KIND: 'gateway' };
    const gateway = gatewayProcess({ pid: 100, markers });
    const worker = fakeProcess({ pid: 101, ppid: 100, comm: 'MainThread', exe: '/usr/bin/node', markers });
    const { gateways } = await look(tableOf(gateway, worker), [listener(18789, [100])]);
    expect(gateways).toMatchObject([{ pid: 100, confidence: 'certain' }]);
  });

  test('the node host service is no gateway', async () => {
    const node = fakeProcess({
      pid: 100,
      comm: 'openclaw-node',
      exe: '/usr/bin/node',
      markers: { OPENCLAW_SERVICE_MARKER: 'openclaw', OPENCLAW_SERVICE_KIND: 'node' },
    });
    expect((await look(tableOf(node), [listener(9000, [100])])).gateways).toEqual([]);
  });
});

describe('recogniser: containers', () => {
  test('a gateway in a container is found through its own file system and by its inner pid', async () => {
    const proc = join('..', 'proc', '100');
    machine.write(`${proc}/status`, 'Name:\topenclaw-gatewa\nNSpid:\t100\t7\n');
    machine.write(`${proc}/root/.dockerenv`, '');
    machine.write(`${proc}/root/home/node/.openclaw/openclaw.json`, { gateway: { bind: 'lan' } });
    machine.write(
      `${proc}/root/home/node/.openclaw/tmp/openclaw-1000/gateway.state.lock`,
      JSON.stringify({
        pid: 7,
        startTime: 1000,
        port: 18789,
        createdAt: 'x',
        configPath: '/home/node/.openclaw/openclaw.json',
      }),
    );
    const other = fakeProcess({ pid: 7, startTicks: 12, exe: '/usr/bin/node' });
    const { gateways } = await look(tableOf(other, gatewayProcess({ pid: 100, markers: { HOME: '/home/node' } })));
    expect(gateways).toMatchObject([
      {
        pid: 100,
        confidence: 'certain',
        inContainer: true,
        stateDir: '/home/node/.openclaw',
        config: { value: { gateway: { bind: 'lan' } } },
      },
    ]);
  });

  test('an absolute link in a container does not lead to a file of the host', async () => {
    machine.write('/etc/host-only.json', { gateway: { bind: 'lan' } });
    machine.write('../proc/100/status', 'NSpid:\t100\t7\n');
    machine.link('../proc/100/root/home/node/.openclaw/openclaw.json', join(machine.root, '/etc/host-only.json'));
    const { gateways } = await look(tableOf(gatewayProcess({ pid: 100, markers: { HOME: '/home/node' } })), [
      listener(18789, [100]),
    ]);
    expect(gateways[0]!.stateDir).toBe('/home/node/.openclaw');
    expect(gateways[0]!.config.value).toEqual({});
  });
});

describe('recogniser: other people', () => {
  test.runIf(UID === 0)("a user's link to another user's file is not followed by root", async () => {
    machine.write('/root/private.json', { gateway: { bind: 'lan' } });
    machine.link(`${STATE}/openclaw.json`, '/root/private.json');
    execFileSync('chown', ['-h', '4242', join(machine.root, `${STATE}/openclaw.json`), join(machine.root, STATE)]);
    chmodSync(join(machine.root, '/root/private.json'), 0o600);
    const { gateways } = await look(tableOf());
    expect(gateways).toMatchObject([{ config: { status: 'unreadable', value: {} } }]);
  });
});
