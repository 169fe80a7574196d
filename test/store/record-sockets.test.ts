import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import type { Connection } from '../../src/types/snapshot.ts';
import { at, connection, listener, openPorts, owner, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();
const blind = (id: string) => ({ id, source: 'procfs', what: 'x', why: 'y', essential: true, socketsMissing: true });

function newStore(path = places.file(), uid = 1000) {
  return places.closing(openStore({ path, uid }));
}

describe('the life of a socket', () => {
  test('an open socket is one row, last seen at the last look', () => {
    const store = newStore();
    for (const second of [0, 2, 4]) store.recordCycle(snapshot(second, { listeners: [listener(18789)] }), [], 'agent');
    expect(store.listeners()).toMatchObject([{ firstAt: at(0), lastAt: at(4), listener: { seenAt: at(4) } }]);
    expect(store.size().rows).toMatchObject({ cycles: 3, listeners: 1 });
  });

  test('one that is gone is closed with its last sight, and is a new row when it comes back', () => {
    const store = newStore();
    store.recordCycle(snapshot(0, { listeners: [listener(1), listener(2)] }), [], 'agent');
    store.recordCycle(snapshot(2, { listeners: [listener(1)] }), [], 'agent');
    expect(store.listeners({ open: false })).toMatchObject([{ firstAt: at(0), lastAt: at(0), closedAt: at(2) }]);
    expect(store.history().firstSeenAt(listener(2).key)).toBeUndefined();
    store.recordCycle(snapshot(4, { listeners: [listener(1), listener(2)] }), [], 'agent');
    expect(store.history().firstSeenAt(listener(2).key)).toBe(at(4));
    expect(store.listeners()).toHaveLength(3);
  });

  test('the same addresses with another inode are another connection', () => {
    const store = newStore();
    store.recordCycle(snapshot(0, { connections: [connection(40000)] }), [], 'agent');
    store.recordCycle(snapshot(2, { connections: [connection(40000, { inode: 7 })] }), [], 'agent');
    expect(store.connections().map((row) => [row.firstAt, row.closedAt])).toEqual([
      [at(2), undefined],
      [at(0), at(2)],
    ]);
  });

  test.each([undefined, 11])('a connection that its process has let go (inode %s) still is that process’s', (inode) => {
    const store = newStore();
    const toolCall = { tool: 'exec', id: 'call-1', confidence: 'likely' } as const;
    const told = { gatewayId: 'default', destination: { name: 'x.test' }, verdict: 'unknown', toolCall } as const;
    const held = connection(40000, { inode: 11, owner: owner(812), ...told });
    const { inode: _inode, uid: _uid, ...orphan } = connection(40000, { state: 'FIN_WAIT2' });
    store.recordCycle(snapshot(0, { connections: [held] }), [], 'agent');
    const left = { ...orphan, ...(inode !== undefined && { inode }), destination: {} };
    store.recordCycle(snapshot(2, { connections: [left] }), [], 'agent');
    const kept = { state: 'FIN_WAIT2', inode: 11, owner: { role: held.owner!.role }, ...told };
    expect(store.connections()).toMatchObject([{ firstAt: at(0), connection: kept }]);
    // Whoever comes to the same ends later is another one.
    store.recordCycle(snapshot(4, { connections: [connection(40000, { inode: 12 })] }), [], 'agent');
    expect(store.connections()).toHaveLength(2);
  });

  test('TIME_WAIT dates the end of a connection, and is recorded once where nothing else was seen of it', () => {
    const store = newStore();
    const remains = (port: number, closedAgoMs: number) =>
      connection(port, { state: 'TIME_WAIT', inode: 0, closedAgoMs });
    store.recordCycle(snapshot(0, { connections: [connection(40000)] }), [], 'agent');
    store.recordCycle(snapshot(2, { connections: [remains(40000, 1500), remains(40001, 500)] }), [], 'agent');
    store.recordCycle(snapshot(4, { connections: [remains(40000, 3500), remains(40001, 2500)] }), [], 'agent');
    expect(store.connections({ open: true })).toEqual([]);
    const rows = store.connections().map((row) => [row.connection.local.port, row.firstAt, row.closedAt]);
    expect(rows.sort()).toEqual([
      [40000, at(0), at(0.5)],
      [40001, at(1.5), at(1.5)],
    ]);
  });

  test('sockets that share an address and port are told apart in any order', () => {
    const store = newStore();
    const [one, two] = [listener(5353, { inode: 5 }), listener(5353, { inode: 9 })];
    const first = store.recordCycle(snapshot(0, { listeners: [one, two] }), [], 'agent');
    store.recordCycle(snapshot(2, { listeners: [two, one] }), [], 'agent');
    expect(first.cycleId).toBe(1);
    expect(store.listeners({ open: true }).map((row) => row.listener.inode)).toEqual([9, 5]);
    expect(store.listeners()).toHaveLength(2);
  });

  test('an owner stays known while the same socket is not looked up again, and changes when it does', () => {
    const store = newStore();
    store.recordCycle(snapshot(0, { listeners: [listener(1, { owner: owner(10), pids: [10] })] }), [], 'agent');
    store.recordCycle(snapshot(2, { listeners: [listener(1, { reach: 'lan' })] }), [], 'agent');
    expect(store.listeners()[0]?.listener).toMatchObject({ reach: 'lan', owner: { process: { pid: 10 } } });
    store.recordCycle(snapshot(4, { listeners: [listener(1, { owner: owner(11), pids: [11] })] }), [], 'agent');
    expect(store.listeners()[0]?.listener).toMatchObject({ reach: 'loopback', owner: { process: { pid: 11 } } });
  });

  test('whatever changes about a connection after quiet looks is on record', () => {
    const store = newStore();
    const destination = { name: 'cdn.example', source: 'hosts', domain: 'cdn.example' } as const;
    const first: Partial<Connection> = { owner: owner(700), pids: [700], destination, verdict: 'unknown' };
    const changes: Partial<Connection>[] = [
      { verdict: 'approved', verdictReason: 'agreed' },
      { destination: { ...destination, name: 'www.cdn.example' } },
      { destination: { ...destination, otherNames: ['other.example'] } },
      { toolCall: { tool: 'exec', confidence: 'likely' } },
      { pids: [700, 701] },
      { owner: { ...owner(700), skill: 'weather' } },
      { owner: owner(700, { startTicks: 9 }) },
      { owner: owner(702), pids: [702] },
      { uid: 7 },
      { remoteClass: 'public' },
      { state: 'CLOSE_WAIT' },
    ];
    let now = first;
    for (const [index, change] of [{}, ...changes].entries()) {
      now = { ...now, ...change };
      for (const second of [0, 2, 4]) {
        store.recordCycle(snapshot(index * 6 + second, { connections: [connection(40000, now)] }), [], 'agent');
      }
      expect(store.connections()).toMatchObject([{ connection: now, firstAt: at(0) }]);
    }
  });

  test('text from outside comes back as it was', () => {
    const store = newStore();
    const argv = ['\u001b[2J', "'; DROP TABLE listeners; --", '\u202e', 'x'.repeat(65_536), '\ud800'];
    const nasty = listener(1, { owner: owner(10, { argv, comm: '\u0000\n' }), pids: [10] });
    store.recordCycle(snapshot(0, { listeners: [nasty] }), [], 'agent');
    expect(store.listeners()[0]?.listener.owner).toEqual(nasty.owner);
  });

  test('a clock that moved back leaves no life that ends before it began, and is on record', () => {
    const store = newStore();
    store.recordCycle(snapshot(3600, { listeners: [listener(1)] }), [], 'agent');
    store.recordCycle(snapshot(0, {}), [], 'agent');
    expect(store.listeners()).toMatchObject([{ firstAt: at(3600), lastAt: at(3600), closedAt: at(3600) }]);
    expect(store.blindPeriods(0)).toEqual([{ fromAt: at(0), toAt: at(3600), cause: 'clock moved back by 3600 s' }]);
    expect(store.lastCycle()?.at).toBe(at(0));
  });
});

describe('looks that see less', () => {
  const all = [listener(1), listener(2)];

  test('a scan with gaps closes nothing that the agent sees', () => {
    const path = places.file();
    const [agent, scan] = [newStore(path), newStore(path)];
    agent.recordCycle(snapshot(0, { listeners: all }), [], 'agent');
    scan.recordCycle(snapshot(1, { listeners: [listener(1)], blindSpots: [blind('gap')] }), [], 'scan');
    expect(openPorts(agent)).toEqual([1, 2]);
    agent.recordCycle(snapshot(2, { listeners: [listener(2)] }), [], 'agent');
    expect(openPorts(agent)).toEqual([2]);
  });

  test('the same eyes with the same gaps do close what they saw', () => {
    const store = newStore();
    store.recordCycle(snapshot(0, { listeners: all, blindSpots: [blind('gap')] }), [], 'agent');
    store.recordCycle(snapshot(2, { listeners: [listener(1)], blindSpots: [blind('gap')] }), [], 'agent');
    expect(openPorts(store)).toEqual([1]);
  });

  test('a scan of fewer namespaces or by another collector closes nothing there', () => {
    const store = newStore();
    const inside = listener(3, { netns: '999' });
    const known = { processes: [{ ...owner(1).process }] };
    store.recordCycle(snapshot(0, { listeners: [...all, inside], ...known }), [], 'agent');
    store.recordCycle(snapshot(1, { listeners: all, ...known }), [], 'scan');
    store.recordCycle(snapshot(2, { sources: ['netstat'] }), [], 'scan');
    expect(openPorts(store)).toEqual([1, 2, 3]);
  });

  test('a namespace that the agent does not find any more takes its sockets along', () => {
    const store = newStore();
    store.recordCycle(snapshot(0, { listeners: [listener(3, { netns: '999' })] }), [], 'agent');
    store.recordCycle(snapshot(2), [], 'agent');
    expect(openPorts(store)).toEqual([]);
  });

  test('what nobody was able to check for a day is closed with its last sight', () => {
    const store = newStore();
    store.recordCycle(snapshot(0, { listeners: [listener(1)] }), [], 'agent');
    store.recordCycle(snapshot(90_000, { blindSpots: [blind('gap')] }), [], 'agent');
    expect(store.listeners()).toMatchObject([{ lastAt: at(0), closedAt: at(90_000) }]);
  });
});

describe('several processes', () => {
  test('a store that another one wrote to in between goes on without duplicates', () => {
    const path = places.file();
    const [agent, scan] = [newStore(path), newStore(path)];
    agent.recordCycle(snapshot(0), [], 'agent');
    scan.recordCycle(snapshot(1, { listeners: [listener(1)] }), [], 'scan');
    expect(agent.history().lastCycleAt()).toBe(at(1));
    agent.recordCycle(snapshot(2, { listeners: [listener(1)] }), [], 'agent');
    expect(agent.listeners()).toMatchObject([{ firstAt: at(1), lastAt: at(2) }]);
  });

  test('a new start goes on where the last one ended', () => {
    const path = places.file();
    const before = openStore({ path });
    before.recordCycle(snapshot(0, { listeners: [listener(1, { owner: owner(10) })] }), [], 'agent');
    before.close();
    const after = newStore(path);
    expect(after.history().firstSeenAt(listener(1).key)).toBe(at(0));
    expect(after.history().sinceOf?.(listener(1).key)).toEqual({ at: at(0), basis: 'first-look' });
    after.recordCycle(snapshot(2, { listeners: [listener(1, { owner: owner(10) })] }), [], 'agent');
    expect(after.listeners()).toMatchObject([{ firstAt: at(0), lastAt: at(2) }]);
  });
});
