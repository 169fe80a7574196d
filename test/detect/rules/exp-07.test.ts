import { describe, expect, test } from 'vitest';
import { createDetect } from '../../../src/detect/detect.ts';
import { exp07 } from '../../../src/detect/rules/exp-07.ts';
import type { Gateway } from '../../../src/types/gateway.ts';
import type { ProcessFact } from '../../../src/types/process.ts';
import type { Connection, Listener, Reach, Snapshot } from '../../../src/types/snapshot.ts';
import {
  config,
  connection,
  gateway,
  history,
  judge,
  listener,
  NOW,
  only,
  owner,
  process,
  snapshot,
  wordsIn,
} from '../builders.ts';

const own = listener('127.0.0.1', 18789, 'loopback', { service: 'gateway' });
const ingress = listener('127.0.0.1', 18890, 'loopback', { service: 'portal-ingress' });
const caddy = process(800, { comm: 'caddy', argv: ['caddy', 'run', '--config', '/etc/caddy/Caddyfile'], uid: 998 });

const SOUND = { gateway: { trustedProxies: ['127.0.0.1'] } };
const NO_AUTH: Gateway['auth'] = { mode: 'none', strength: 'none', reasons: [] };

const front = (reach: Reach, fact: ProcessFact | undefined = caddy): Listener => {
  const socket = listener('0.0.0.0', 443, reach, { owner: owner('other', fact ?? caddy) });
  const { owner: _owner, gatewayId: _id, ...unowned } = socket;
  return fact === undefined ? unowned : { ...unowned, owner: socket.owner! };
};
const pair = (more: Partial<Connection> = {}, port = 18789) =>
  connection(['127.0.0.1', 50_000], ['127.0.0.1', port], {
    direction: 'internal',
    owner: owner('other', caddy),
    ...more,
  });

function host(more: Partial<Gateway> = {}, extra: Partial<Snapshot> = {}): Snapshot {
  return snapshot({
    gateways: [gateway({ gatewayListeners: [own.key], otherListeners: [ingress.key], uid: 1000, ...more })],
    listeners: [own, ingress, front('public')],
    processes: [caddy],
    connections: [pair()],
    ...extra,
  });
}
const configured = (value: Record<string, unknown>) => ({ config: config({ value }) });

describe('EXP-07 tells', () => {
  test('a proxy on the internet before an old gateway that trusts everybody from loopback', () => {
    const finding = only(judge(exp07, host({ version: { running: '2026.1.20' } })));
    expect(finding).toMatchObject({ severity: 'critical', subject: 'gateway default', confidence: 'certain' });
    expect(finding.title).toContain('Caddy passes the internet');
    expect(finding.evidence.filter(({ label }) => label === 'fault')).toHaveLength(2);
    expect(wordsIn(finding)).toContain('pid 800');
  });

  test.each<[string, Partial<Gateway>, string]>([
    ['no trusted proxies', {}, 'high'],
    ['no authentication', { ...configured(SOUND), auth: NO_AUTH }, 'critical'],
    [
      'a trusted proxy that may name anybody',
      {
        ...configured({ gateway: { trustedProxies: ['127.0.0.1'], auth: { trustedProxy: { userHeader: 'x-user' } } } }),
        auth: { mode: 'trusted-proxy', strength: 'sound', reasons: [] },
      },
      'high',
    ],
    ['addresses by one header', configured({ gateway: { ...SOUND.gateway, allowRealIpFallback: true } }), 'high'],
    [
      'origins by the Host header',
      configured({ gateway: { ...SOUND.gateway, controlUi: { dangerouslyAllowHostHeaderOriginFallback: true } } }),
      'high',
    ],
  ])('%s', (_, more, severity) => {
    expect(only(judge(exp07, host(more))).severity).toBe(severity);
  });

  test('less in the LAN, and one step less for the portal ingress', () => {
    const lan = [own, ingress, front('lan')];
    expect(only(judge(exp07, host({}, { listeners: lan }))).severity).toBe('medium');
    expect(only(judge(exp07, host({}, { connections: [pair({}, 18890)] }))).severity).toBe('medium');
  });

  test('a set-up without a fault as info', () => {
    expect(only(judge(exp07, host(configured(SOUND))))).toMatchObject({ severity: 'info', fixes: [] });
  });

  test('a proxy of another user by the user of its sockets, as likely', () => {
    const { owner: _, ...unowned } = pair({ uid: 998 });
    const look = host({}, { listeners: [own, ingress, front('public', undefined)], connections: [unowned] });
    expect(only(judge(exp07, look))).toMatchObject({ severity: 'high', confidence: 'likely' });
    const { owner: __, ...mine } = pair({ uid: 1000 });
    expect(judge(exp07, { ...look, connections: [mine] })).toEqual([]);
  });

  test('from its first visitor on, as long as the proxy runs, and no longer than the fault', () => {
    const detect = createDetect({ rules: [exp07] });
    const look = (more: Partial<Gateway>, extra: Partial<Snapshot>) =>
      detect(host(more, extra), history(), { now: NOW, singleLook: false });
    expect(look({}, { connections: [] })).toEqual([]);
    const during = only(look({}, {}));
    expect(only(look({}, { connections: [] })).fingerprint).toBe(during.fingerprint);
    expect(only(look(configured(SOUND), { connections: [] })).severity).toBe('info');
    expect(look({}, { connections: [], processes: [] })).toEqual([]);
  });

  test('a master and its workers as one proxy', () => {
    const nginx = (pid: number, title: string) => process(pid, { comm: 'nginx', argv: [title] });
    const [master, worker] = [nginx(10, 'nginx: master process /usr/sbin/nginx'), nginx(11, 'nginx: worker process')];
    const look = host(
      {},
      {
        processes: [master!, worker!],
        listeners: [own, ingress, front('public', master)],
        connections: [pair({ owner: owner('other', worker!) })],
      },
    );
    expect(only(judge(exp07, look)).title).toContain('nginx passes');
  });
});

describe('EXP-07 is silent for', () => {
  test('a proxy that nobody else can reach, that serves something else, or that is no proxy', () => {
    expect(judge(exp07, host({}, { listeners: [own, ingress, front('loopback')] }))).toEqual([]);
    expect(judge(exp07, host({}, { connections: [pair({}, 3000)] }))).toEqual([]);
    const sshd = process(800, { comm: 'sshd', argv: ['sshd: u@notty'] });
    const forward = pair({ owner: owner('other', sshd) });
    expect(judge(exp07, host({}, { processes: [sshd], connections: [forward] }))).toEqual([]);
  });

  test('a gateway that does not run', () => {
    expect(judge(exp07, host({ running: false }))).toEqual([]);
  });
});

test('EXP-07 does not call an unread configuration sound or faulty', () => {
  const unread = host({
    config: config({ status: 'unreadable' }),
    auth: { mode: 'unknown', strength: 'unknown', reasons: [] },
  });
  expect(only(judge(exp07, unread)).verdict).toBe('unknown');
});
