import { describe, expect, test } from 'vitest';
import { at, connect, exec, exit, fork, GATEWAY, living, NETNS, START, STRANGER, useStories } from './story.ts';

const story = useStories();

/** Who connected, by the observations of a look. */
const who = (brief: { pids?: number[] }[]) => brief.flatMap(({ pids }) => pids ?? []);

describe('between two looks', () => {
  test('a command that comes, connects and goes is family, with its program', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, GATEWAY), exec(1.1, 300), connect(1.2, 300), exit(1.3, 300));
    const look = await it.look(2);
    expect(look.family).toEqual({ 100: 'root', 300: 'descendant' });
    expect(look.brief).toMatchObject([{ pids: [300], netns: NETNS, openedAt: at(1.2), outcome: 'established' }]);
    expect(look.table.processes.get(300)).toMatchObject({ comm: 'curl', exe: '/usr/bin/curl', ppid: GATEWAY });
    expect(look.spots).toEqual({});
    expect((await it.look(4)).brief).toEqual([]);
  });

  test('what could be read while it lived is known: arguments, markers, namespace', async () => {
    const it = story();
    await it.look(0);
    it.clock.at = at(1);
    const startTicks = Math.floor((at(1) - at(-1_000)) / 10);
    const argv = ['curl', 'https://a.test/'];
    it.proc.put({ pid: 300, ppid: GATEWAY, comm: 'curl', argv, startTicks, netns: '77' });
    it.tell(fork(1, 300, GATEWAY), exec(1.1, 300), connect(1.2, 300), exit(1.3, 300));
    const look = await it.look(2);
    expect(look.table.processes.get(300)).toMatchObject({ argv, netns: '77', startTicks });
    expect(look.brief).toMatchObject([{ netns: '77' }]);
    expect(look.sensor?.opens).toEqual([{ netns: '77', opened: 1, owned: 1 }]);
  });

  test('a process that already has the pid by the time of the reading is not taken for it', async () => {
    const it = story();
    await it.look(0);
    it.clock.at = at(10);
    it.proc.put({ pid: 300, comm: 'other', argv: ['other'], startTicks: Math.floor((at(9) - at(-1_000)) / 10) });
    it.tell(fork(1, 300, GATEWAY), exec(1.1, 300), connect(1.2, 300), exit(1.3, 300));
    expect((await it.look(11)).table.processes.get(300)).toMatchObject({ comm: 'curl', argv: [] });
  });

  test('a double fork leaves the tree and stays family, detached', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, GATEWAY), fork(1.1, 301, 300), exit(1.2, 300), exec(1.3, 301), connect(1.4, 301));
    it.tell(exit(1.5, 301));
    const look = await it.look(2);
    expect(look.family).toMatchObject({ 300: 'descendant', 301: 'detached' });
    expect(who(look.brief)).toEqual([301]);
  });

  test('an orphan that lives on is family by the event of its birth alone', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, GATEWAY), fork(1.1, 301, 300), exit(1.2, 300), connect(1.4, 301));
    const look = await it.look(2, [living(301, 1, at(1.1))]);
    expect(look.family).toMatchObject({ 301: 'detached' });
    expect(who(look.brief)).toEqual([301]);
    // And stays it, with whatever it makes later.
    it.tell(fork(3, 302, 301), connect(3.1, 302), exit(3.2, 302));
    const later = await it.look(4, [living(301, 1, at(1.1))]);
    expect(later.family).toMatchObject({ 301: 'detached', 302: 'detached' });
    expect(who(later.brief)).toEqual([302]);
  });

  test("a stranger's child is a stranger's, however it leaves its tree", async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, STRANGER), exec(1.1, 300), connect(1.2, 300), exit(1.3, 300));
    it.tell(fork(1.4, 301, STRANGER), fork(1.5, 302, 301), exit(1.6, 301), connect(1.7, 302));
    const look = await it.look(2, [living(302, 1, at(1.5))]);
    expect(look.family).toEqual({ 100: 'root' });
    expect(look.brief).toEqual([]);
    expect(look.spots).toEqual({});
    expect(look.sensor?.opens).toEqual([{ netns: NETNS, opened: 2, owned: 2 }]);
  });
});

describe('parents that ended earlier', () => {
  const shell = living(300, GATEWAY, at(0.5));

  test('one that the last look still saw is a parent all the same', async () => {
    const it = story();
    it.tell(fork(0.5, 300, GATEWAY));
    expect((await it.look(1, [shell])).family).toMatchObject({ 300: 'descendant' });
    it.tell(fork(2, 301, 300), exec(2.1, 301), connect(2.2, 301), exit(2.3, 301), exit(2.4, 300));
    const look = await it.look(3);
    expect(who(look.brief)).toEqual([301]);
    expect(look.family).toMatchObject({ 300: 'descendant', 301: 'descendant' });
    expect(look.spots).toEqual({});
  });

  test('also when all of it is told only after the look', async () => {
    const it = story();
    it.tell(fork(0.5, 300, GATEWAY));
    await it.look(1, [shell]);
    await it.look(3);
    it.tell(fork(2.9, 301, 300), connect(2.92, 301), exit(2.95, 301), exit(2.96, 300));
    const look = await it.look(5);
    expect(who(look.brief)).toEqual([301]);
    expect(look.family).toMatchObject({ 301: 'descendant' });
  });

  test('itself connected last, as another program than at the last look', async () => {
    const it = story();
    it.tell(fork(0.5, 300, GATEWAY));
    await it.look(1, [shell]);
    it.tell(exec(2, 300), connect(2.1, 300), exit(2.2, 300));
    const look = await it.look(3);
    expect(who(look.brief)).toEqual([300]);
    expect(look.table.processes.get(300)).toMatchObject({ comm: 'curl', startTicks: shell.startTicks });
  });

  test('the gateway itself ended: its last commands are its own', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, GATEWAY), connect(1.1, 300), exit(1.2, 300), exit(1.3, GATEWAY));
    const gone = living(GATEWAY, 1, at(1.8), { comm: 'someone' });
    const look = await it.look(2, [gone]);
    // Its pid lives again, so this one birth has no parent any more; that is counted and not hidden.
    expect(look.brief).toEqual([]);
    expect(look.spots['sensor.unfollowed']).toContain('1 short connection');
  });

  test('are forgotten some seconds after all is told', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, GATEWAY), exit(1.1, 300));
    for (const second of [2, 4, 6]) await it.look(second);
    it.tell(connect(6.1, 300));
    expect((await it.look(8)).brief).toEqual([]);
  });
});

describe('a pid that is used again', () => {
  test('by a stranger is his, and what was done before is counted', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, GATEWAY), connect(1.1, 300), exit(1.2, 300));
    it.tell(fork(1.9, 300, STRANGER), connect(1.95, 300));
    const look = await it.look(2, [living(300, STRANGER, at(1.9))]);
    expect(look.family).toEqual({ 100: 'root' });
    expect(look.brief).toEqual([]);
    expect(look.spots['sensor.unfollowed']).toContain('1 short connection');
  });

  test('by a stranger of whose birth nothing was told yet is his as well', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, GATEWAY), connect(1.1, 300), exit(1.2, 300));
    const look = await it.look(2, [living(300, STRANGER, at(1.9))]);
    expect(look.family).toEqual({ 100: 'root' });
    it.tell(fork(1.9, 300, STRANGER), connect(2.5, 300));
    expect((await it.look(3, [living(300, STRANGER, at(1.9))])).brief).toEqual([]);
  });

  test('by the family is the family', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, STRANGER), connect(1.1, 300), exit(1.2, 300));
    it.tell(fork(1.5, 300, GATEWAY), connect(1.6, 300), exit(1.7, 300));
    const look = await it.look(2);
    expect(look.brief).toMatchObject([{ pids: [300], openedAt: at(1.6) }]);
    expect(look.brief[0]).not.toHaveProperty('attempts');
  });
});

describe('before the first look', () => {
  test('nobody is known, and whoever came from the gateway is found then', async () => {
    const it = story();
    it.tell(fork(-2, 300, GATEWAY), connect(-1.9, 300), exit(-1.8, 300));
    it.tell(fork(-2, 301, STRANGER), connect(-1.9, 301), exit(-1.8, 301));
    it.tell(connect(-1, 302));
    const look = await it.look(0);
    expect(who(look.brief)).toEqual([300]);
    expect(look.family).toEqual({ 100: 'root', 300: 'descendant' });
  });
});

describe('what an attacker makes of it', () => {
  test('a fork bomb after a connection does not hide that there was one', async () => {
    const it = story();
    await it.look(0);
    it.tell(fork(1, 300, GATEWAY), connect(1.1, 300), exit(1.2, 300));
    for (let pid = 1_000; pid < 31_000; pid++) it.tell(fork(1.3, pid, GATEWAY), exit(1.31, pid));
    const look = await it.look(2);
    const told = look.brief.length + (look.spots['sensor.unfollowed'] === undefined ? 0 : 1);
    expect(told).toBe(1);
    expect(look.table.processes.size).toBeLessThan(2_100);
  });

  test('more commands than a look takes in are counted', async () => {
    const it = story();
    await it.look(0);
    for (let pid = 1_000; pid < 4_000; pid++) it.tell(fork(1, pid, GATEWAY), connect(1, pid), exit(1, pid));
    const look = await it.look(2);
    expect(look.brief).toHaveLength(2_000);
    expect(look.spots['sensor.unfollowed']).toContain('1000 short connections');
  });

  test("strangers' births cost no look at them, and the family's only so many in a second", async () => {
    const it = story();
    await it.look(0);
    it.clock.at = at(1);
    const startTicks = Math.floor((at(1) - at(-1_000)) / 10);
    for (let pid = 1_000; pid < 1_300; pid++) it.proc.put({ pid, argv: ['x'], startTicks });
    for (let pid = 1_000; pid < 1_300; pid++) it.tell(fork(1, pid, GATEWAY), connect(1.1, pid), exit(1.2, pid));
    const look = await it.look(2);
    const read = [...look.table.processes.values()].filter(({ argv }) => argv[0] === 'x');
    expect(read).toHaveLength(200);
    expect(look.brief).toHaveLength(300);
  });

  test('names of programs may be anything', async () => {
    const it = story();
    await it.look(0);
    for (const [index, filename] of ['', '/', '///', '\u0000\u001b[2J', `/${'x'.repeat(5_000)}`, '../..'].entries()) {
      const pid = 300 + index;
      it.tell(fork(1, pid, GATEWAY, '\n'), exec(1.1, pid, filename), connect(1.2, pid), exit(1.3, pid));
    }
    const look = await it.look(2);
    expect(look.brief).toHaveLength(6);
    for (const { comm } of look.table.processes.values()) expect(comm.length).toBeLessThanOrEqual(15);
  });

  test('ends and programs of nobody, and a process that is its own maker, are survived', async () => {
    const it = story();
    await it.look(0);
    it.tell(exit(1, 999), exec(1, 998), fork(1, 300, 300), connect(1, 300), fork(1, 301, 302), fork(1, 302, 301));
    it.tell(connect(1.1, 301), exit(1.2, 301), exit(1.2, 302), exit(1.2, 300));
    const look = await it.look(2);
    expect(look.family).toEqual({ 100: 'root' });
    expect(look.brief).toEqual([]);
  });
});

test('the clock of the stories is the one of the fake host', () => expect(START % 1_000).toBe(0));
