import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Attribution, createAttributions } from '../../../src/enrich/egress/attribution.ts';
import { commandOfShell, matchCommand } from '../../../src/enrich/egress/shell-command.ts';
import { createOwners } from '../../../src/enrich/role.ts';
import type { AgentActivity } from '../../../src/types/egress.ts';
import type { FamilyMember, ProcessFact } from '../../../src/types/process.ts';
import { config, GATEWAY_PROCESS, gatewayFact, member, NOW, process, STATE_DIR } from '../builders.ts';

// gateway 812 → spawn broker 900 → shell 1000 → curl 1001, as the real one starts an exec command.

// biome-ignore lint/suspicious/noTemplateCurlyInString: text of a shell, not of this program
const PREFIX = 'export PATH="${OPENCLAW_PREPEND_PATH}${PATH:+:$PATH}"; unset OPENCLAW_PREPEND_PATH; ';
const COMMAND = "curl -s 'https://api.example.test/a?b=1' | head";
const SNAPSHOT = `${STATE_DIR}/cache/shell-snapshots/54b3.sh`;
const WRAPPED = `if [ -r '${SNAPSHOT}' ]; then . '${SNAPSHOT}'; fi
export PATH='/usr/bin'
eval '${(PREFIX + COMMAND).replaceAll("'", "'\\''")}'`;

const BROKER = process(900, {
  ppid: 812,
  argv: ['/usr/bin/node', '/opt/openclaw/dist/process/spawn-broker/worker.js'],
});
const shell = (script = WRAPPED, extra: Partial<ProcessFact> = {}) =>
  process(1000, {
    ppid: 900,
    startedAt: NOW,
    argv: ['/bin/bash', '--noprofile', '--norc', '-c', script],
    markers: { OPENCLAW_SHELL: 'exec' },
    ...extra,
  });
const curl = (extra: Partial<ProcessFact> = {}) =>
  process(1001, {
    ppid: 1000,
    startedAt: NOW + 20,
    argv: ['curl', '-s'],
    markers: { OPENCLAW_SHELL: 'exec' },
    ...extra,
  });

const call = (extra: Partial<AgentActivity> = {}): AgentActivity => ({
  kind: 'tool-call',
  gatewayId: 'default',
  startedAt: NOW - 40,
  tool: 'exec',
  toolCallId: 'call_1',
  sessionId: 's1',
  command: COMMAND,
  ...extra,
});
const skillRead = (extra: Partial<AgentActivity> = {}): AgentActivity => ({
  kind: 'skill-read',
  gatewayId: 'default',
  startedAt: NOW - 60_000,
  sessionId: 's1',
  skill: 'weather',
  ...extra,
});
const sha = (id: string) => `sha256:${createHash('sha256').update(id).digest('hex')}`;

interface World {
  processes: ProcessFact[];
  family: FamilyMember[];
  activities: AgentActivity[];
  mcp?: Record<string, unknown>;
}

function attribute(world: World, pid: number, names: string[] = [], startedAt = NOW + 30): Attribution {
  const fact = gatewayFact({ config: config({ mcp: { servers: world.mcp ?? {} } }) });
  const processes = [GATEWAY_PROCESS, ...world.processes];
  const owners = createOwners({
    processes,
    family: world.family,
    gateways: [{ fact, port: 18789 }],
    ownPids: new Set(),
  });
  const attributions = createAttributions({ processes, gateways: [fact], activities: world.activities });
  return attributions.of(owners.of(pid)!, startedAt, names);
}

/** The whole line from the gateway to curl is alive. */
function execWorld(activities: AgentActivity[], own: { shell?: ProcessFact; curl?: ProcessFact } = {}): World {
  const [top, leaf] = [own.shell ?? shell(), own.curl ?? curl()];
  return {
    processes: [BROKER, top, leaf],
    family: [
      member(BROKER, 'descendant', [GATEWAY_PROCESS]),
      member(top, 'descendant', [BROKER, GATEWAY_PROCESS]),
      member(leaf, 'descendant', [top, BROKER, GATEWAY_PROCESS]),
    ],
    activities,
  };
}

/** Known from the audit table alone. */
const { command: _, ...audited } = call({ toolCallId: sha('call_1') });
const byCommand = { tool: 'exec', id: 'call_1', confidence: 'certain', basis: 'command' };

describe('exec commands', () => {
  test.each<[string, World, object | undefined]>([
    ['the recorded command in its window is certain', execWorld([call()]), byCommand],
    ['also where the call has ended since', execWorld([call({ endedAt: NOW + 500 })]), byCommand],
    [
      'the only open call, recorded without its command, is possible',
      execWorld([audited]),
      { tool: 'exec', id: sha('call_1'), confidence: 'possible', basis: 'time' },
    ],
    ['two such calls are none', execWorld([audited, { ...audited, toolCallId: sha('call_2') }]), undefined],
    ['a call recorded with another command is contradicted', execWorld([call({ command: 'ls' })]), undefined],
    [
      'the same command long ago is not this one',
      execWorld([call({ startedAt: NOW - 60_000, endedAt: NOW - 50_000 })]),
      undefined,
    ],
    ['the same command later is not this one', execWorld([call({ startedAt: NOW + 60_000 })]), undefined],
    ['another gateway called it', execWorld([call({ gatewayId: 'ops' })]), undefined],
    ['no record, no call', execWorld([]), undefined],
    [
      'the same command twice at once names no id',
      execWorld([call(), call({ toolCallId: 'call_2' })]),
      { tool: 'exec', confidence: 'likely', basis: 'command' },
    ],
    [
      'blotted secrets make it likely',
      execWorld([call({ command: "curl -s 'https://api.example.test/a?b=***' | head" })]),
      { ...byCommand, confidence: 'likely' },
    ],
    [
      'a call known by its hash keeps the hash',
      execWorld([call({ toolCallId: sha('call_1') })]),
      { ...byCommand, id: sha('call_1') },
    ],
  ])('%s', (_, world, expected) => {
    expect(attribute(world, 1001).toolCall).toEqual(expected);
  });

  test('a plain shell without the snapshot is understood as well', () => {
    const plain = shell(PREFIX + COMMAND, { argv: ['/usr/bin/sh', '-c', PREFIX + COMMAND] });
    expect(attribute(execWorld([call()], { shell: plain }), 1001).toolCall).toMatchObject(byCommand);
  });

  test("a skill's own shell cannot pass for another call: only the shell that the gateway started counts", () => {
    const outer = shell('/opt/evil.sh', { argv: ['/bin/bash', '--noprofile', '--norc', '-c', '/opt/evil.sh'] });
    const forged = process(1002, { ppid: 1000, startedAt: NOW, argv: shell().argv });
    const leaf = curl({ ppid: 1002 });
    const world: World = {
      processes: [BROKER, outer, forged, leaf],
      family: [
        member(BROKER, 'descendant', [GATEWAY_PROCESS]),
        member(outer, 'descendant', [BROKER, GATEWAY_PROCESS]),
        member(forged, 'descendant', [outer, BROKER, GATEWAY_PROCESS]),
        member(leaf, 'descendant', [forged, outer, BROKER, GATEWAY_PROCESS]),
      ],
      activities: [call({ toolCallId: 'innocent' }), call({ toolCallId: 'own', command: '/opt/evil.sh' })],
    };
    expect(attribute(world, 1001).toolCall).toMatchObject({ id: 'own', basis: 'command' });
  });

  test("a user's process with the same command, environment and tag is nobody's", () => {
    const twin = process(5000, {
      ppid: 1,
      startedAt: NOW,
      argv: shell().argv,
      markers: { OPENCLAW_SHELL: 'exec', CLAWWATCH_CALL: 'call_1' },
    });
    const world = execWorld([call(), skillRead()]);
    world.processes.push(twin);
    expect(attribute(world, 5000, ['api.example.test'])).toEqual({});
  });

  test('a process that is family only by its environment is never more than possible', () => {
    const stray = curl({ ppid: 1, markers: { OPENCLAW_SHELL: 'exec', CLAWWATCH_CALL: 'call_1' } });
    const world = { processes: [stray], family: [member(stray, 'environ')], activities: [call()] };
    expect(attribute(world, 1001).toolCall).toMatchObject({ id: 'call_1', confidence: 'possible' });
  });
});

describe('the tag in the environment', () => {
  const tag = (id: string) => ({ OPENCLAW_SHELL: 'exec', CLAWWATCH_CALL: id });
  const tagged = (shellTag: string, leafTag = shellTag) => ({
    shell: shell('true', { markers: tag(shellTag) }),
    curl: curl({ markers: tag(leafTag) }),
  });

  test('on the shell and with a record it is certain', () => {
    const world = execWorld([call({ command: 'x' })], tagged('call_1'));
    expect(attribute(world, 1001).toolCall).toMatchObject({ id: 'call_1', confidence: 'certain', basis: 'environ' });
  });

  test('with a record that has only its hash too', () => {
    const world = execWorld([call({ toolCallId: sha('call_1') })], tagged('call_1'));
    expect(attribute(world, 1001).toolCall).toMatchObject({ id: 'call_1', confidence: 'certain' });
  });

  test('without a record yet it is likely, with a record of a later call possible', () => {
    expect(attribute(execWorld([], tagged('call_1')), 1001).toolCall?.confidence).toBe('likely');
    const later = execWorld([call({ startedAt: NOW + 60_000 })], tagged('call_1'));
    expect(attribute(later, 1001).toolCall?.confidence).toBe('possible');
  });

  test('what a child puts over it does not count', () => {
    const world = execWorld(
      [call({ command: 'x' }), call({ toolCallId: 'call_2', command: 'y' })],
      tagged('call_1', 'call_2'),
    );
    expect(attribute(world, 1001).toolCall).toMatchObject({ id: 'call_1', confidence: 'likely' });
  });

  test('tag and command that contradict each other are worth less than either', () => {
    const contradiction = { shell: shell(WRAPPED, { markers: tag('call_2') }) };
    const world = execWorld([call(), call({ toolCallId: 'call_2', command: 'y' })], contradiction);
    expect(attribute(world, 1001).toolCall).toMatchObject({ id: 'call_2', confidence: 'possible' });
  });

  test('it survives in a detached child whose shell is gone', () => {
    const orphan = curl({ ppid: 1, markers: tag('call_1') });
    const gone = shell();
    const family = [{ ...member(orphan, 'remembered', [gone, BROKER, GATEWAY_PROCESS]), detached: true }];
    const world = { processes: [BROKER, orphan], family, activities: [call()] };
    expect(attribute(world, 1001).toolCall).toMatchObject({ id: 'call_1', confidence: 'likely' });
  });
});

describe('MCP servers', () => {
  const server = process(2000, { ppid: 900, startedAt: NOW - 90_000, argv: ['/usr/bin/node', '/srv/mcp/server.js'] });
  const world = (
    activities: AgentActivity[],
    mcp: Record<string, unknown> = { 'my-lab': { command: '/usr/bin/node', args: ['/srv/mcp/server.js'] } },
  ): World => ({
    processes: [BROKER, server],
    family: [member(BROKER, 'descendant', [GATEWAY_PROCESS]), member(server, 'descendant', [BROKER, GATEWAY_PROCESS])],
    activities,
    mcp,
  });
  const ping = call({ tool: 'my-lab__ping', toolCallId: 'call_9' });

  test('an open call of its own tool is likely', () => {
    expect(attribute(world([ping]), 2000).toolCall).toEqual({
      tool: 'my-lab__ping',
      id: 'call_9',
      confidence: 'likely',
      basis: 'mcp',
    });
  });

  test.each<[string, AgentActivity[]]>([
    ['a call of another server', [call({ tool: 'other__ping' })]],
    ['a call that ended before', [{ ...ping, endedAt: NOW - 10_000, startedAt: NOW - 20_000 }]],
    ['an exec call that happens to be open', [call()]],
    ['calls of two of its tools at once', [ping, call({ tool: 'my-lab__pong', toolCallId: 'x' })]],
  ])('%s says nothing', (_, activities) => {
    expect(attribute(world(activities), 2000)).toEqual({});
  });

  test('two servers with one command line cannot be told apart', () => {
    const same = { command: '/usr/bin/node', args: ['/srv/mcp/server.js'] };
    expect(attribute(world([ping], { 'my-lab': same, twin: same }), 2000)).toEqual({});
  });
});

describe("the gateway's own connections", () => {
  const fetch = call({ tool: 'web_fetch', toolCallId: 'call_7', hosts: ['pages.example.test'] });
  const world = (activities: AgentActivity[]): World => ({ processes: [], family: [], activities });

  test('a fetch of that host that is open is likely, and no skill is said', () => {
    expect(attribute(world([fetch, skillRead()]), 812, ['pages.example.test'])).toEqual({
      toolCall: { tool: 'web_fetch', id: 'call_7', confidence: 'likely', basis: 'host' },
    });
  });

  test.each<[string, AgentActivity[], string[]]>([
    ['another host', [fetch], ['api.telegram.org']],
    ['a host without a name', [fetch], []],
    ['a name below it', [fetch], ['evil.pages.example.test']],
    ['a fetch that ended', [{ ...fetch, startedAt: NOW - 60_000, endedAt: NOW - 30_000 }], ['pages.example.test']],
    ['a command that names the host', [call({ hosts: ['pages.example.test'] })], ['pages.example.test']],
  ])('%s is not the fetch', (_, activities, names) => {
    expect(attribute(world(activities), 812, names)).toEqual({});
  });
});

describe('skills', () => {
  test.each<[string, AgentActivity[], string | undefined]>([
    ['read in the same session shortly before', [call(), skillRead()], 'weather'],
    ['read too long ago', [call(), skillRead({ startedAt: NOW - 121_000 })], undefined],
    ['read afterwards', [call(), skillRead({ startedAt: NOW + 1_000 })], undefined],
    ['read in another session', [call(), skillRead({ sessionId: 's2' })], undefined],
    ['two of them read in the session', [call(), skillRead(), skillRead({ skill: 'mail' })], undefined],
    [
      'one in this session, one in another',
      [call(), skillRead(), skillRead({ skill: 'mail', sessionId: 's2' })],
      'weather',
    ],
    ['read in a session that nobody recorded', [call(), skillRead({ sessionId: undefined as never })], 'weather'],
    ['no call known, one skill read', [skillRead()], 'weather'],
    ['no call known, two skills read', [skillRead(), skillRead({ skill: 'mail' })], undefined],
  ])('%s', (_, activities, skill) => {
    const expected = skill === undefined ? undefined : { name: skill, confidence: 'possible', basis: 'skill-read' };
    expect(attribute(execWorld(activities), 1001).skill).toEqual(expected);
  });

  test('the path of the program beats what was read', () => {
    const script = `${STATE_DIR}/workspace/skills/mail/run.sh`;
    const leaf = curl({ argv: ['/bin/sh', script], exe: '/bin/sh' });
    expect(attribute(execWorld([call(), skillRead()], { curl: leaf }), 1001).skill).toEqual({
      name: 'mail',
      confidence: 'certain',
      basis: 'path',
    });
  });
});

describe('comparison of commands', () => {
  test.each<[string, string, string, string | undefined]>([
    ['equal', 'curl a', 'curl a', 'exact'],
    ['trailing blank', 'curl a', 'curl a\n', 'exact'],
    ['a longer one', 'curl a; curl b', 'curl a', undefined],
    ['a blot in the middle', 'curl -H token=abc https://x.test', 'curl -H token=*** https://x.test', 'partial'],
    ['a blot with another end', 'curl -H token=abc https://y.test', 'curl -H token=*** https://x.test', undefined],
    ['parts that overlap', 'curl token=aaa', 'curl token=*** token=aaa', undefined],
    ['nothing but a blot', 'rm -rf /', '***', undefined],
    ['too little certain', 'rm -rf /', 'r***/', undefined],
    ['cut at the limit', `${'x'.repeat(4_096)}yz`, 'x'.repeat(4_096), 'partial'],
    ['an empty record', '', '', undefined],
  ])('%s', (_, command, recorded, expected) => {
    expect(matchCommand(command, recorded)).toBe(expected);
  });

  test('programs that are no shells have no command', () => {
    expect(commandOfShell(['python3', '-c', COMMAND])).toBeUndefined();
    expect(commandOfShell(['/bin/bash', 'script.sh'])).toBeUndefined();
    expect(commandOfShell([])).toBeUndefined();
  });

  test('the wrapping of the real gateway comes off, quotes and all', () => {
    expect(commandOfShell(shell().argv)).toBe(COMMAND);
  });
});
