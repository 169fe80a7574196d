import { describe, expect, it } from 'vitest';
import { createOwners, type Owners } from '../../src/enrich/role.ts';
import type { GatewayFact } from '../../src/types/gateway.ts';
import type { FamilyMember, ProcessFact } from '../../src/types/process.ts';
import type { Role } from '../../src/types/snapshot.ts';
import { config, GATEWAY_PROCESS, gatewayFact, member, process, STATE_DIR } from './builders.ts';

const WORKSPACE = `${STATE_DIR}/workspace`;
const BROKER = process(820, {
  ppid: 812,
  comm: 'MainThread',
  argv: ['/usr/bin/node', '/usr/lib/node_modules/openclaw/dist/process/spawn-broker/worker.js'],
});
const shell = (command: string, extra: Partial<ProcessFact> = {}) =>
  process(900, {
    ppid: 820,
    comm: 'bash',
    argv: ['/bin/bash', '--noprofile', '--norc', '-c', command],
    markers: { OPENCLAW_SHELL: 'exec' },
    cwd: WORKSPACE,
    ...extra,
  });

/** Owners of a family in which each process descends from the one before it in `line`. */
function family(line: ProcessFact[], fact: Partial<GatewayFact> = {}, others: ProcessFact[] = []): Owners {
  const members: FamilyMember[] = line.map((of, index) =>
    member(of, 'descendant', [...line.slice(0, index)].reverse()),
  );
  return createOwners({
    processes: [process(1, { comm: 'systemd', ppid: 0 }), ...line, ...others],
    family: members,
    gateways: [{ fact: gatewayFact(fact), port: 18789 }],
    ownPids: new Set(),
  });
}

describe('roles below the gateway', () => {
  const mcp = config({ mcp: { servers: { files: { command: 'mcp-files', args: ['--root', '/data'] } } } });
  it.each<[string, Partial<ProcessFact>, Role]>([
    [
      'the SQLite reader',
      { argv: ['node', '/x/openclaw/dist/infra/sqlite-readonly-location.worker.js', '--a'] },
      'helper',
    ],
    ['the terminal worker', { argv: ['node', '/x/openclaw/dist/process/terminal-pty-worker.js'] }, 'helper'],
    ['the Mac node worker', { argv: ['openclaw-node-worker'] }, 'helper'],
    ['the MCP relay', { argv: ['node', '/x/dist/supervisor/service-child-relay.js'] }, 'helper'],
    ['npm', { exe: '/usr/bin/npm', argv: ['npm', 'view'] }, 'helper'],
    ['a shell of the exec tool', { argv: ['/bin/bash', '--noprofile', '--norc', '-c', 'ls'] }, 'exec'],
    ['anything with the marker of the exec tool', { argv: ['/bin/zsh'], markers: { OPENCLAW_SHELL: 'exec' } }, 'exec'],
    ['a child that nobody knows', { argv: ['/opt/thing'] }, 'exec'],
    [
      'a browser with its profile in the state directory',
      { argv: ['chrome', `--user-data-dir=${STATE_DIR}/browser/x/user-data`] },
      'browser',
    ],
    ['a browser with its port in the range', { argv: ['chrome', '--remote-debugging-port=18800'] }, 'browser'],
    ['a browser at the end of the range', { argv: ['chrome', '--remote-debugging-port=18899'] }, 'browser'],
    ['a browser past the range', { argv: ['chrome', '--remote-debugging-port=18900'] }, 'exec'],
    ['a browser with a profile elsewhere', { argv: ['chrome', `--user-data-dir=${STATE_DIR}/../.ssh`] }, 'exec'],
    ['a configured MCP server', { argv: ['mcp-files', '--root', '/data'] }, 'mcp'],
    ['the same behind its interpreter', { argv: ['/usr/bin/node', '/usr/bin/mcp-files', '--root', '/data'] }, 'mcp'],
    ['one with other arguments', { argv: ['mcp-files', '--root', '/'] }, 'exec'],
  ])('%s', (_title, extra, role) => {
    const child = process(901, { ppid: 820, ...extra });
    const owner = family([GATEWAY_PROCESS, BROKER, child], { config: mcp }).of(901);
    expect(owner).toMatchObject({ role, gatewayId: 'default' });
  });

  it('makes the root the gateway and its broker a helper', () => {
    const owners = family([GATEWAY_PROCESS, BROKER]);
    expect([owners.of(812)?.role, owners.of(820)?.role]).toEqual(['gateway', 'helper']);
  });

  it('does not let a skill or a command pass for a helper, a browser or an MCP server', () => {
    for (const argv of [
      BROKER.argv,
      ['chrome', '--remote-debugging-port=18800'],
      ['mcp-files', '--root', '/data'],
      ['npm'],
    ]) {
      const liar = process(901, { ppid: 900, argv });
      expect(family([GATEWAY_PROCESS, BROKER, shell('x'), liar], { config: mcp }).of(901)?.role).toBe('exec');
    }
  });

  it('keeps what an MCP server starts with the MCP server', () => {
    const server = process(901, { ppid: 820, argv: ['mcp-files', '--root', '/data'] });
    const child = process(902, { ppid: 901, argv: ['/usr/bin/helper'] });
    expect(family([GATEWAY_PROCESS, BROKER, server, child], { config: mcp }).of(902)).toMatchObject({
      role: 'mcp',
      confidence: 'likely',
    });
  });

  it('says other of strangers, also when they look like a worker', () => {
    const stranger = process(5000, { argv: BROKER.argv });
    expect(family([GATEWAY_PROCESS], {}, [stranger]).of(5000)).toMatchObject({ role: 'other', confidence: 'certain' });
    expect(family([GATEWAY_PROCESS]).of(4711)).toBeUndefined();
  });

  it('counts our own processes to nobody', () => {
    const own = process(901, { ppid: 812 });
    const owners = createOwners({
      processes: [GATEWAY_PROCESS, own],
      family: [member(GATEWAY_PROCESS, 'root'), member(own, 'descendant', [GATEWAY_PROCESS])],
      gateways: [{ fact: gatewayFact(), port: 18789 }],
      ownPids: new Set([901]),
    });
    expect(owners.of(901)?.role).toBe('other');
    expect(owners.of(901)?.gatewayId).toBeUndefined();
  });
});

describe('skills', () => {
  const script = `${WORKSPACE}/skills/weather-pro/scripts/w.js`;
  it.each<[string, Partial<ProcessFact>, string, string]>([
    ['its script', { argv: ['node', script] }, 'weather-pro', 'certain'],
    ['its script after an option', { argv: ['python3', '-u', script] }, 'weather-pro', 'certain'],
    [
      'its script, named from the working directory',
      { argv: ['node', 'skills/weather-pro/w.js'], cwd: WORKSPACE },
      'weather-pro',
      'certain',
    ],
    ['its own program', { exe: `${STATE_DIR}/skills/miner/bin/x` }, 'miner', 'certain'],
    ['a path with steps back', { argv: ['node', `${WORKSPACE}/skills/good/../bad/x.js`] }, 'bad', 'certain'],
    ['.agents in the workspace', { argv: ['sh', `${WORKSPACE}/.agents/skills/a/x.sh`] }, 'a', 'certain'],
    ['.agents at home', { argv: ['sh', '/home/u/.agents/skills/b/x.sh'] }, 'b', 'certain'],
    [
      'the workshop of an agent',
      { argv: ['sh', `${STATE_DIR}/agents/main/agent/workshop-skills/c/x.sh`] },
      'c',
      'certain',
    ],
    ['the library', { argv: ['sh', `${STATE_DIR}/skill-library/d/revisions/00ff/x.sh`] }, 'd', 'certain'],
    ['an extra directory', { argv: ['sh', '/srv/team-skills/e/x.sh'] }, 'e', 'certain'],
    ['an extra directory below home', { argv: ['sh', '/home/u/more/f/x.sh'] }, 'f', 'certain'],
    ['an argument', { argv: ['cat', '--', '-x', `in=${WORKSPACE}/skills/g/SKILL.md`] }, 'g', 'likely'],
    ['its working directory', { argv: ['curl', 'example.test'], cwd: `${WORKSPACE}/skills/h` }, 'h', 'likely'],
  ])('are known by %s', (_title, extra, skill, confidence) => {
    const extraDirs = config({ skills: { load: { extraDirs: ['/srv/team-skills/', '~/more', 7] } } });
    const child = process(901, { ppid: 900, ...extra });
    const owner = family([GATEWAY_PROCESS, BROKER, shell('x'), child], { config: extraDirs }).of(901);
    expect(owner).toMatchObject({ role: 'skill', skill, confidence });
  });

  it.each<[string, Partial<ProcessFact>]>([
    ['the directory of all skills', { cwd: `${WORKSPACE}/skills` }],
    ['a directory that only begins alike', { argv: ['node', `${WORKSPACE}/skills-evil/x/y.js`] }],
    ['another part of an agent', { argv: ['sh', `${STATE_DIR}/agents/main/other/workshop-skills/c/x.sh`] }],
  ])('are not seen in %s', (_title, extra) => {
    const child = process(901, { ppid: 900, ...extra });
    expect(family([GATEWAY_PROCESS, BROKER, shell('x'), child]).of(901)?.role).toBe('exec');
  });

  it('own what the shell that names them starts, likely', () => {
    const child = process(901, { ppid: 900, argv: ['curl', 'https://example.test'] });
    const owners = family([GATEWAY_PROCESS, BROKER, shell(`if true; then eval '${script} Berlin'; fi`), child]);
    expect(owners.of(900)).toMatchObject({ role: 'skill', skill: 'weather-pro', confidence: 'likely' });
    expect(owners.of(901)).toMatchObject({ role: 'skill', skill: 'weather-pro', confidence: 'likely' });
  });
});

describe('detached processes', () => {
  it('are detached, and skills stay skills', () => {
    const survivor = process(950, { markers: { OPENCLAW_SHELL: 'exec' } });
    const skill = process(951, { argv: ['node', `${WORKSPACE}/skills/x/y.js`] });
    const child = process(952, { ppid: 950 });
    const owners = createOwners({
      processes: [GATEWAY_PROCESS, survivor, skill, child],
      family: [
        { ...member(survivor, 'remembered', [process(899), BROKER, GATEWAY_PROCESS]), detached: true },
        { ...member(skill, 'environ'), detached: true },
        member(child, 'descendant', [survivor]),
      ],
      gateways: [{ fact: gatewayFact(), port: 18789 }],
      ownPids: new Set(),
    });
    expect(owners.of(950)).toMatchObject({ role: 'detached', confidence: 'certain' });
    expect(owners.of(951)).toMatchObject({ role: 'skill', skill: 'x' });
    expect(owners.of(952)?.role).toBe('detached');
  });

  it('keep the ancestors that have ended in their lineage', () => {
    const survivor = process(950, { comm: 'nc' });
    const owners = createOwners({
      processes: [process(1), GATEWAY_PROCESS, survivor],
      family: [{ ...member(survivor, 'remembered', [process(899), BROKER, GATEWAY_PROCESS]), detached: true }],
      gateways: [{ fact: gatewayFact(), port: 18789 }],
      ownPids: new Set(),
    });
    expect(owners.of(950)?.lineage).toEqual([
      { pid: 950, comm: 'nc' },
      { pid: 899, comm: '(ended)' },
      { pid: 820, comm: '(ended)' },
      { pid: 812, comm: 'openclaw-gatewa' },
    ]);
  });
});

describe('lineage', () => {
  it('goes from the owner up to the gateway', () => {
    const owners = family([GATEWAY_PROCESS, BROKER, shell('x')]);
    expect(owners.of(900)?.lineage.map(({ pid }) => pid)).toEqual([900, 820, 812]);
  });

  it('of a stranger goes up to pid 1', () => {
    const parent = process(4000);
    const child = process(4001, { ppid: 4000 });
    expect(
      family([GATEWAY_PROCESS], {}, [parent, child])
        .of(4001)
        ?.lineage.map(({ pid }) => pid),
    ).toEqual([4001, 4000, 1]);
  });

  it('ends at a cycle of parents', () => {
    const a = process(4000, { ppid: 4001, startTicks: 0 });
    const b = process(4001, { ppid: 4000, startTicks: 0 });
    const self = process(4002, { ppid: 4002 });
    const owners = family([GATEWAY_PROCESS], {}, [a, b, self]);
    expect(owners.of(4000)?.lineage.map(({ pid }) => pid)).toEqual([4000, 4001]);
    expect(owners.of(4002)?.lineage.map(({ pid }) => pid)).toEqual([4002]);
  });

  it('judges members whose recorded ancestors form a cycle', () => {
    const a = process(4000);
    const b = process(4001);
    const owners = createOwners({
      processes: [a, b],
      family: [member(a, 'remembered', [b]), member(b, 'remembered', [a])],
      gateways: [{ fact: gatewayFact(), port: 18789 }],
      ownPids: new Set(),
    });
    expect(owners.of(4000)).toMatchObject({ role: 'exec', confidence: 'possible' });
  });

  it('stops at a pid that a younger process has taken', () => {
    const child = process(100, { ppid: 4000, startTicks: 5 });
    const reused = process(4000, { startTicks: 9_000_000 });
    expect(
      family([GATEWAY_PROCESS], {}, [child, reused])
        .of(100)
        ?.lineage.map(({ pid }) => pid),
    ).toEqual([100]);
  });

  it('survives a chain deeper than the stack', () => {
    const line = [GATEWAY_PROCESS, BROKER];
    for (let pid = 1000; pid < 21_000; pid++) line.push(process(pid, { ppid: line.at(-1)!.pid, argv: ['x'] }));
    const owners = createOwners({
      processes: line,
      family: line.map((of, index) => member(of, 'descendant', index > 0 ? [line[index - 1]!] : [])),
      gateways: [{ fact: gatewayFact(), port: 18789 }],
      ownPids: new Set(),
    });
    expect(owners.of(20_999)?.role).toBe('exec');
    expect(owners.of(20_999)!.lineage.length).toBeLessThanOrEqual(64);
  });
});

describe('a reused pid', () => {
  it('inherits neither family nor gateway', () => {
    const late = process(812, { startTicks: 999_999, comm: 'nginx' });
    const owners = createOwners({
      processes: [late],
      family: [member(GATEWAY_PROCESS, 'root')],
      gateways: [{ fact: gatewayFact(), port: 18789 }],
      ownPids: new Set(),
    });
    expect(owners.of(812)).toMatchObject({ role: 'other' });
    expect(owners.of(812)?.gatewayId).toBeUndefined();
  });
});

describe('several holders of one socket', () => {
  it('yield the gateway before its family before strangers', () => {
    const owners = family([GATEWAY_PROCESS, BROKER], {}, [process(5000, { startTicks: 1 })]);
    expect(owners.among([5000, 820, 812])?.process.pid).toBe(812);
    expect(owners.among([5000, 820])?.process.pid).toBe(820);
    expect(owners.among([])).toBeUndefined();
    expect(owners.among([4711, 4712])).toBeUndefined();
  });
});
