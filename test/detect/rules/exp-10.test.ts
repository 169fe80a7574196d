import { describe, expect, test } from 'vitest';
import { exp10 } from '../../../src/detect/rules/exp-10.ts';
import type { Connection, Role } from '../../../src/types/snapshot.ts';
import { connection, gateway, judge, NOW, only, owner, process, snapshot } from '../builders.ts';

const SERVER: [string, number] = ['127.0.0.1', 18789];

/** A row that the server closed `ago` ms ago: it is on the server's side and belongs to nobody. */
const closed = (port: number, ago: number, more: Partial<Connection> = {}) =>
  connection(SERVER, ['127.0.0.1', port], {
    state: 'TIME_WAIT',
    closedAgoMs: ago,
    direction: 'internal',
    since: { at: NOW - Math.min(ago, 2000), basis: 'observed' },
    ...more,
  });

/** Both rows of an open connection. */
function open(port: number, age: number, role: Role, comm: string): Connection[] {
  const since = { at: NOW - age, basis: 'observed' as const };
  const client = owner(role, process(port, { comm, exe: `/usr/bin/${comm}` }));
  return [
    connection(['127.0.0.1', port], SERVER, { direction: 'internal', since, owner: client }),
    connection(SERVER, ['127.0.0.1', port], { direction: 'internal', since, owner: owner('gateway', process(812)) }),
  ];
}

const series = (n: number, everyMs: number) => Array.from({ length: n }, (_, i) => closed(40_000 + i, i * everyMs));
const look = (connections: Connection[]) => snapshot({ gateways: [gateway()], connections });

describe('EXP-10', () => {
  test('fires for a burst whose client nobody saw', () => {
    const finding = only(judge(exp10, look(series(80, 100))));
    expect(finding).toMatchObject({ severity: 'medium', subject: 'gateway default' });
    expect(finding.why).toContain('web page');
  });

  test.each([
    ['other', 'firefox', 'high'],
    ['browser', 'chrome', 'high'],
    ['skill', 'python3', 'high'],
    ['exec', 'curl', 'high'],
    ['other', 'python3', 'medium'],
  ] as const)('grades a client of role %s (%s) as %s once one row shows it', (role, comm, severity) => {
    expect(only(judge(exp10, look([...series(30, 100), ...open(55_000, 100, role, comm)]))).severity).toBe(severity);
  });

  test.each([
    [19, 0, 0],
    [20, 500, 1],
    [20, 530, 0],
    [60, 1000, 1],
    [59, 1000, 0],
  ])('counts %i connections every %i ms as %i findings', (n, everyMs, findings) => {
    expect(judge(exp10, look(series(n, everyMs)))).toHaveLength(findings);
  });

  test('sees a burst that ended half a minute ago', () => {
    expect(judge(exp10, look(Array.from({ length: 25 }, (_, i) => closed(40_000 + i, 30_000 + i * 100))))).toHaveLength(
      1,
    );
  });

  test('counts a connection once although both of its ends are in the table', () => {
    const pairs = Array.from({ length: 12 }, (_, i) => open(50_000 + i, 1000, 'exec', 'curl')).flat();
    expect(pairs).toHaveLength(24);
    expect(judge(exp10, look(pairs))).toEqual([]);
    const more = Array.from({ length: 20 }, (_, i) => open(50_000 + i, 1000, 'exec', 'curl')).flat();
    expect(only(judge(exp10, look(more))).title).toContain('20 new connections');
  });

  test('is silent while the Control UI reconnects with back-off and a command line asks for the status', () => {
    const ui = Array.from({ length: 7 }, (_, i) => closed(41_000 + i, i * 6000));
    const cli = Array.from({ length: 10 }, (_, i) => closed(42_000 + i, i * 5000));
    expect(judge(exp10, look([...ui, ...cli, ...open(43_000, 500, 'other', 'chrome')]))).toEqual([]);
  });

  test('is silent for many connections that were open before, also when a restart closes them at once', () => {
    const before = { at: NOW - 5000, basis: 'first-look' as const };
    const opened = Array.from({ length: 40 }, (_, i) =>
      connection(SERVER, ['127.0.0.1', 44_000 + i], { since: before }),
    );
    const old = { at: NOW - 900_000, basis: 'observed' as const };
    const restarted = Array.from({ length: 40 }, (_, i) => closed(45_000 + i, 1000, { since: old }));
    expect(judge(exp10, look([...opened, ...restarted]))).toEqual([]);
  });

  test('is silent for other ports, other machines and other namespaces', () => {
    const elsewhere = Array.from({ length: 30 }, (_, i) => [
      connection(['127.0.0.1', 3000], ['127.0.0.1', 40_000 + i], { state: 'TIME_WAIT', closedAgoMs: 10 }),
      connection(['192.168.50.10', 18789], ['192.168.50.77', 40_000 + i], { state: 'TIME_WAIT', closedAgoMs: 10 }),
      closed(46_000 + i, 10, { netns: '1' }),
    ]).flat();
    expect(judge(exp10, look(elsewhere))).toEqual([]);
  });

  test('keeps one identity while the client becomes known', () => {
    const unseen = only(judge(exp10, look(series(30, 100))));
    const seen = only(judge(exp10, look([...series(30, 100), ...open(55_000, 100, 'other', 'firefox')])));
    expect(seen.fingerprint).toBe(unseen.fingerprint);
  });
});
