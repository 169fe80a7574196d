import { describe, expect, test } from 'vitest';
import { createDetect } from '../../../src/detect/detect.ts';
import { egr02 } from '../../../src/detect/rules/egr-02.ts';
import type { Ledger } from '../../../src/types/ledger.ts';
import type { ProcessFact } from '../../../src/types/process.ts';
import type { Connection, Snapshot } from '../../../src/types/snapshot.ts';
import { agent, familyLook, HOSTILE_WORDS, LEARNED, named, outbound, shell, skillProcess } from '../agents.ts';
import { judge, NOW, only, process, wordsIn } from '../builders.ts';

const SOCKET = 'socket:[777]';
const skill = (more: Partial<ProcessFact> = {}) => skillProcess(3000, 'market-tools', more);
const tell = (look: Snapshot) => judge(egr02, look, { history: LEARNED });
const end = (fact: ProcessFact, more: Partial<Connection> = {}) =>
  outbound(agent('skill', fact), ['198.51.100.80', 13_338], { inode: 777, ...more });

/** The skill, and a program below it whose descriptors are these. */
function story(stdio: ProcessFact['stdio'], more: Partial<ProcessFact> = {}, held: Partial<Connection> = {}): Snapshot {
  const sh = shell(3001, 3000, { stdio: stdio!, ...more });
  return familyLook([skill(), sh], { connections: [end(skill(), { pids: [3000, 3001], ...held })] });
}

describe('EGR-02 tells', () => {
  test('a shell whose input and output are one connection, with who, where and what to do', () => {
    const finding = only(tell(story([SOCKET, SOCKET, SOCKET])));
    expect(finding).toMatchObject({
      severity: 'critical',
      subject: 'skill market-tools',
      title: 'Skill "market-tools" gives 198.51.100.80:13338 a shell on this machine: bash',
    });
    expect(finding.fixes.map(({ command }) => command)).toContain(
      `[ "$(sed 's/.*) //' /proc/3001/stat | cut -d' ' -f20)" = 30010 ] && kill -STOP 3001`,
    );
  });

  test.each<[string, Partial<ProcessFact>, ProcessFact['stdio'], string]>([
    ['Python', { exe: '/usr/bin/python3.12', argv: ['python3'] }, [SOCKET, SOCKET, '/dev/null'], 'critical'],
    ['errors instead of output', {}, [SOCKET, 'pipe:[1]', SOCKET], 'critical'],
    ['a shell that was deleted', { exe: '/tmp/sh (deleted)' }, [SOCKET, SOCKET, SOCKET], 'critical'],
    ['a shell under another name', { exe: '/tmp/kworker', argv: ['kworker'] }, [SOCKET, SOCKET, SOCKET], 'high'],
  ])('%s as well', (_, more, stdio, severity) => {
    expect(only(tell(story(stdio, more))).severity).toBe(severity);
  });

  test('an approved end too, and while learning: who types is not in any rule', () => {
    const approved = story([SOCKET, SOCKET, SOCKET], {}, { verdict: 'approved' });
    expect(only(judge(egr02, approved)).severity).toBe('critical');
  });

  test('the same shell once with one identity, whatever its pid and ports', () => {
    const again = story([SOCKET, SOCKET, SOCKET], { pid: 4001, startTicks: 9 });
    expect(only(tell(again)).fingerprint).toBe(only(tell(story([SOCKET, SOCKET, SOCKET]))).fingerprint);
  });

  const relay = (output: string, more: Partial<ProcessFact> = {}) =>
    process(3002, {
      comm: 'ncat',
      exe: '/usr/bin/ncat',
      argv: ['ncat', 'x.test', '443'],
      stdio: ['pipe:[2]', output],
      ...more,
    });
  const behind = (nc: ProcessFact, ...rest: ProcessFact[]) =>
    familyLook([nc, ...rest], {
      connections: [outbound(agent('exec', nc), ['198.51.100.71', 443], named('cdn-sync.test'))],
    });

  test('a shell behind a relay, over two pipes', () => {
    const sh = shell(3003, 1, { stdio: ['pipe:[1]', 'pipe:[2]', 'pipe:[2]'] });
    expect(only(tell(behind(relay('pipe:[1]'), sh)))).toMatchObject({
      severity: 'critical',
      title: 'Agent command "ncat" gives cdn-sync.test (198.51.100.71:443) a shell on this machine: bash',
    });
  });

  test('a shell behind a relay, over a FIFO that another program reads out', () => {
    const cat = process(3004, {
      comm: 'cat',
      exe: '/usr/bin/cat',
      argv: ['cat', 'f'],
      cwd: '/tmp',
      stdio: ['/dev/null', 'pipe:[1]'],
    });
    const sh = shell(3003, 1, { argv: ['sh', '-i'], stdio: ['pipe:[1]', 'pipe:[2]', 'pipe:[2]'] });
    expect(only(tell(behind(relay('/tmp/f'), cat, sh))).severity).toBe('critical');
    expect(only(tell(behind(relay('/tmp/f (deleted)'), cat, sh))).severity).toBe('critical');
  });

  test('a script behind a relay as high', () => {
    const sh = shell(3003, 1, { argv: ['sh', 'serve.sh'], stdio: ['pipe:[1]', 'pipe:[2]', 'pipe:[2]'] });
    expect(only(tell(behind(relay('pipe:[1]'), sh))).severity).toBe('high');
  });

  const PTS = ['/dev/pts/3', '/dev/pts/3', '/dev/pts/3'] as const;
  const onTerminal = (
    sh: Partial<ProcessFact> = {},
    held: Partial<Connection> = {},
    broker: Partial<ProcessFact> = {},
  ) =>
    familyLook(
      [
        skill({ holdsTerminal: true, ...broker }),
        shell(3001, 3000, { stdio: PTS, argv: ['bash', '-i'], startedAt: NOW - 6_000, ...sh }),
      ],
      { connections: [end(skill(), held)] },
    );

  test('an interactive shell on the terminal of a connected program, after five seconds', () => {
    expect(only(tell(onTerminal())).severity).toBe('high');
    expect(tell(onTerminal({ startedAt: NOW - 4_000 }))).toEqual([]);
  });

  test.each<[string, Partial<ProcessFact>, Partial<Connection>, Partial<ProcessFact>]>([
    ['a shell with a command, as coding agents start it', { argv: ['bash', '-lc', 'ls'] }, {}, {}],
    ['an end that is expected', {}, { verdict: 'expected' }, {}],
    ['an end that is learned', {}, { verdict: 'learned' }, {}],
    ['a program without a terminal', {}, {}, { holdsTerminal: false }],
    ['a multiplexer of the system', {}, {}, { exe: '/usr/bin/tmux', argv: ['tmux'] }],
    ['a shell of which the arguments are not known', { argv: [] }, {}, {}],
  ])('and not %s', (_, sh, held, broker) => expect(tell(onTerminal(sh, held, broker))).toEqual([]));

  test('a terminal server that only calls itself so', () => {
    expect(
      tell(onTerminal({}, {}, { exe: '/tmp/tmux', argv: ['/home/u/.openclaw/workspace/skills/a/tmux'] })),
    ).toHaveLength(1);
  });

  const PIPED = ['pipe:[5]', 'pipe:[6]', 'pipe:[6]'] as const;
  const piped = story(
    PIPED,
    { argv: ['sh', '-i'], startedAt: NOW - 9_000 },
    { pids: [3000], owner: agent('skill', skill()) },
  );
  const withTurns = (turns: number): Ledger =>
    ({
      contacts: () => [
        {
          socketKeys: [piped.connections[0]!.key],
          activityBytes: Array.from({ length: turns }, () => ({ bytesOut: 80, bytesIn: 30 })),
        },
      ],
    }) as unknown as Ledger;
  const withLedger = (ledger: Ledger) =>
    createDetect({ rules: [egr02] })(piped, LEARNED, {
      now: NOW,
      singleLook: false,
      ledger: { ...ledger, since: () => 0 },
    });

  test('a shell on the pipes of a connected interpreter, by the rhythm of the traffic', () => {
    expect(only(withLedger(withTurns(3))).severity).toBe('high');
    expect(withLedger(withTurns(2))).toEqual([]);
    const unseen = only(tell(piped));
    expect(unseen).toMatchObject({ severity: 'medium', confidence: 'possible' });
    expect(wordsIn(unseen)).toContain('rhythm of the traffic was not seen');
  });
});

describe('EGR-02 is silent for', () => {
  test('children of Node, whose socket pairs are in no table', () => {
    const pairs = story(['socket:[1]', 'socket:[1]', 'socket:[2]'], { argv: ['bash', '-c', 'sleep 5'] });
    expect(tell(pairs)).toEqual([]);
  });

  test.each<[string, ProcessFact['stdio'], Partial<Connection>]>([
    ['a connection to this host', [SOCKET, SOCKET, SOCKET], { remote: { address: '127.0.0.1', port: 5000 } }],
    ['a connection that is over', [SOCKET, SOCKET, SOCKET], { state: 'CLOSE_WAIT' }],
    ['input alone', [SOCKET, '/dev/null', 'pipe:[3]'], {}],
    ['two different connections', [SOCKET, 'socket:[778]', 'pipe:[3]'], {}],
    ['descriptors that nobody read', undefined, {}],
  ])('%s', (_, stdio, held) => expect(tell(story(stdio, { argv: ['bash', 'work.sh'] }, held))).toEqual([]));

  test('git over ssh, where both hold the same two pipes', () => {
    const pipes = ['pipe:[1]', 'pipe:[2]', 'pipe:[9]'] as const;
    const sh = shell(10, 9, { argv: ['sh', '-c', 'ssh git@x'], stdio: pipes });
    const ssh = process(11, { ppid: 10, comm: 'ssh', exe: '/usr/bin/ssh', argv: ['ssh', 'git@x'], stdio: pipes });
    const look = familyLook([sh, ssh], { connections: [outbound(agent('exec', ssh), ['203.0.113.23', 22])] });
    expect(tell(look)).toEqual([]);
  });

  test('programs of others, and the gateway with its terminals and connections', () => {
    const stranger = shell(50, 1, { stdio: [SOCKET, SOCKET, SOCKET] });
    expect(tell(familyLook([], { others: [stranger], connections: [end(stranger)] }))).toEqual([]);
    const root = process(812, { exe: '/usr/bin/node', stdio: [SOCKET, SOCKET], holdsTerminal: true });
    expect(
      tell(
        familyLook([root], { connections: [outbound(agent('gateway', root), ['203.0.113.20', 443], { inode: 777 })] }),
      ),
    ).toEqual([]);
  });
});

test('EGR-02 survives what programs call themselves, and keeps it out of its commands', () => {
  for (const word of HOSTILE_WORDS) {
    const look = story([SOCKET, SOCKET, `${word}`], { comm: word, argv: [word, word], exe: `/tmp/${word}`, cwd: word });
    for (const { fixes } of tell(look))
      for (const { command } of fixes) expect(command).not.toMatch(/reboot|rm -rf|\n/);
  }
});
