import { describe, expect, test } from 'vitest';
import { pos02 } from '../../../src/detect/rules/pos-02.ts';
import type { FirewallDecision, HostFacts } from '../../../src/types/host-facts.ts';
import type { Snapshot } from '../../../src/types/snapshot.ts';
import {
  exposed,
  exposedGateway,
  gateway,
  judge,
  listener,
  NOW,
  only,
  owner,
  process,
  reachable,
  snapshot,
  wordsIn,
} from '../builders.ts';

const decision = (answer: FirewallDecision['answer'], more: Partial<FirewallDecision> = {}): FirewallDecision => ({
  ...{ port: 18789, protocol: 'tcp', family: 4, reason: 'policy accept of chain INPUT', by: 'nftables' },
  answer,
  ...more,
});

const withFacts = (look: Snapshot, hostFacts: HostFacts): Snapshot => ({ ...look, hostFacts });
const lan = (...firewall: FirewallDecision[]) => judge(pos02, withFacts(exposed('lan'), { firewall }));

/** A wildcard socket of both families on a host with a global IPv6 address. */
function bothFamilies(): Snapshot {
  const reachableAt = [reachable('lan'), reachable('public', { address: '2001:db8:a::10', prefix: 64 })];
  const socket = listener('::', 18789, 'public', { service: 'gateway', reachableAt });
  const open = gateway({ reach: 'public', reachableAt, gatewayListeners: [socket.key] });
  return snapshot({ gateways: [open], listeners: [socket] });
}

describe('POS-02 tells', () => {
  test('an exposed port that the filter lets in, with the rule and a line to add', () => {
    const finding = only(lan(decision('open')));
    expect(finding).toMatchObject({ severity: 'medium', subject: 'gateway default' });
    expect(wordsIn(finding)).toContain('policy accept of chain INPUT');
    expect(finding.fixes[0]!.command).toContain('tcp dport 18789 drop');
  });

  test.each([
    ['ufw', 'sudo ufw deny proto tcp to any port 18789'],
    [
      'firewalld',
      'sudo firewall-cmd --permanent --add-rich-rule=\'rule family="ipv4" port port="18789" protocol="tcp" drop\'',
    ],
    ['iptables', 'sudo iptables -I INPUT ! -i lo -p tcp --dport 18789 -j DROP'],
  ])('in the words of %s', (by, command) => {
    expect(only(lan(decision('open', { by }))).fixes[0]!.command).toBe(command);
  });

  test('the family that was forgotten', () => {
    const firewall = [decision('closed'), decision('open', { family: 6, by: 'ip6tables' })];
    const finding = only(judge(pos02, withFacts(bothFamilies(), { firewall })));
    expect(finding.title).toContain('port 18789 over IPv6');
    expect(finding.why).toContain('Only IPv4 is filtered');
    expect(finding.fixes[0]!.command).toContain('ip6tables');
  });

  test('a published port that only UFW denies, and says that UFW is not asked', () => {
    const inside = { ...exposedGateway('lan', { netns: '777' }) };
    const look = snapshot({
      gateways: [inside.gateway],
      listeners: [{ ...inside.listener, netns: '777', place: 'container' }],
      hostFacts: {
        firewall: [decision('closed', { by: 'ufw', reason: 'deny 18789' })],
        publishes: [
          {
            ...{
              container: 'c',
              hostAddress: '0.0.0.0',
              hostPort: 18789,
              containerPort: 18789,
              protocol: 'tcp' as const,
            },
            ...{ source: 'engine' as const, netns: '777' },
          },
        ],
      },
    });
    const finding = only(judge(pos02, look));
    expect(wordsIn(finding)).toContain('ufw drops it (deny 18789), and a published port goes past that');
    expect(finding.fixes[0]!.command).toContain('iptables -I DOCKER-USER');
    const dropped = { ...look.hostFacts, firewall: [decision('closed', { by: 'Docker publish path' })] };
    expect(judge(pos02, { ...look, hostFacts: dropped })).toEqual([]);
  });

  test('a companion port, and nothing that a command of the agent opened', () => {
    const chrome = owner('browser', process(900, { comm: 'chrome' }));
    const open = listener('0.0.0.0', 18800, 'lan', { owner: chrome, service: 'cdp' });
    const own = listener('127.0.0.1', 18789, 'loopback', { service: 'gateway' });
    const look = (extra = open) => ({
      ...snapshot({ gateways: [gateway({ gatewayListeners: [own.key] })], listeners: [own, extra] }),
      hostFacts: { firewall: [decision('open', { port: 18800 })] },
    });
    expect(only(judge(pos02, look())).title).toContain('port 18800');
    expect(judge(pos02, look(listener('0.0.0.0', 5173, 'lan', { owner: owner('exec', process(901)) })))).toEqual([]);
  });

  test('less where the user vouches for a filter of the provider', () => {
    const facts = { firewall: [decision('open')], providerFirewall: true };
    expect(only(judge(pos02, withFacts(exposed('public'), facts))).severity).toBe('info');
  });
});

describe('POS-02 is silent for', () => {
  test('a filter that drops, a loopback gateway and a tailnet one', () => {
    expect(lan(decision('closed'))).toEqual([]);
    for (const reach of ['loopback', 'tailnet'] as const) {
      expect(judge(pos02, withFacts(exposed(reach), { firewall: [decision('open')] }))).toEqual([]);
    }
  });

  test('a socket that a starting gateway has held for a moment', () => {
    const young = process(812, { startedAt: NOW - 500 });
    const look = exposed('lan');
    const listeners = look.listeners.map((each) => ({ ...each, owner: owner('gateway', young) }));
    expect(judge(pos02, { ...look, listeners, hostFacts: { firewall: [decision('open')] } })).toEqual([]);
  });
});

describe('POS-02 says UNKNOWN', () => {
  test.each<[string, HostFacts | undefined]>([
    ['nobody looked', undefined],
    ['rights were missing', { firewall: [decision('unknown', { reason: 'nft: Operation not permitted' })] }],
    ['another port was looked at', { firewall: [decision('closed', { port: 22 })] }],
  ])('once, as info, where %s', (_, hostFacts) => {
    const look = exposed('lan');
    const finding = only(judge(pos02, hostFacts === undefined ? look : withFacts(look, hostFacts)));
    expect(finding).toMatchObject({ verdict: 'unknown', severity: 'info' });
  });

  test('about the family that was not read, beside what is known of the other', () => {
    const found = judge(pos02, withFacts(bothFamilies(), { firewall: [decision('open')] }));
    expect(found.map(({ verdict }) => verdict).sort()).toEqual(['finding', 'unknown']);
  });
});

test('POS-02 keeps one identity for one gateway, whatever its ports', () => {
  const at = (address: string) =>
    only(judge(pos02, withFacts(exposed('lan'), { firewall: [decision('open', { reason: address })] })));
  expect(at('a').fingerprint).toBe(at('b').fingerprint);
});
