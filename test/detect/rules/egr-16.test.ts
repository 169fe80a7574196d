import { describe, expect, test } from 'vitest';
import { egr16 } from '../../../src/detect/rules/egr-16.ts';
import type { Connection } from '../../../src/types/snapshot.ts';
import { connection, gateway, judge, NOW, owner, process, snapshot } from '../builders.ts';
import { createLife, type Flow, flow, type LifeOptions } from '../ledger/life.ts';

const S = 1000;
const MIB = 1024 * 1024;

function tell(flows: Flow[], options: LifeOptions = {}) {
  const life = createLife([egr16], options);
  life.look(NOW, []);
  return life.look(
    NOW + flows.length * S,
    flows.map((each, i) => flow(NOW + i * S, { host: 'drop.test', ...each })),
  );
}

const OLD: LifeOptions = { history: { destinationFirstSeenAt: () => NOW - 20 * 86_400_000 } };

describe('EGR-16 tells', () => {
  test('an archive of a skill to a new host as high, with who and where', () => {
    const [finding] = tell([{ skill: 'backup-helper', out: 3 * MIB, in: 6144 }]);
    expect(finding).toMatchObject({
      severity: 'high',
      subject: 'skill backup-helper',
      title: 'Skill "backup-helper" sent 3.0 MiB to drop.test, which nothing explains',
    });
    expect(finding!.evidence).toContainEqual({
      label: 'sent',
      value: '3.0 MiB within ten minutes, without handshakes',
    });
    expect(JSON.stringify(finding!.evidence)).toContain('feed.py');
  });

  test('many small connections together', () => {
    expect(tell(Array.from({ length: 60 }, () => ({ out: 8000, in: 5300 })))).toHaveLength(1);
  });

  test('medium for a command, and for a skill to a host known for weeks', () => {
    expect(tell([{ role: 'exec', out: MIB, in: 9000 }])).toMatchObject([{ severity: 'medium' }]);
    expect(tell([{ out: MIB, in: 9000 }], OLD)).toMatchObject([{ severity: 'medium' }]);
  });

  test('one connection of more than 5 MiB, also slowly and while it is open', () => {
    const life = createLife([egr16], OLD);
    let told: unknown[] = [];
    for (let minute = 0; minute <= 60; minute++) {
      const more: Partial<Connection> = {};
      const one = flow(NOW, { host: 'drop.test', brief: false, localPort: 1000, out: minute * 100_000, in: 900, more });
      told = life.look(NOW + minute * 60 * S, [one]);
    }
    expect(told).toMatchObject([{ severity: 'high', socketKeys: [expect.any(String)] }]);
  });

  test('fifty MiB in a day to a new host, whatever came back, and not to one known for weeks', () => {
    const day = Array.from({ length: 30 }, () => ({ out: 2 * MIB, in: 2 * MIB }));
    expect(tell(day)).toHaveLength(1);
    expect(tell(day, OLD)).toEqual([]);
  });

  test('what the kernel counted at the end of a connection that no look saw grow', () => {
    const life = createLife([egr16]);
    const one = flow(NOW, { host: 'drop.test', brief: false, localPort: 1000, out: 0, in: 0 });
    life.look(NOW, [one]);
    const { family, netns, local, remote } = one;
    const end = { at: NOW, family, netns, local, remote: remote!, protocol: 'tcp' as const, cookie: '1' };
    const closedSockets = [{ ...end, bytesOut: 3 * MIB, bytesIn: 6000 }];
    expect(life.look(NOW + 2 * S, [], { closedSockets })).toHaveLength(1);
  });

  test('the browser only for an archive, and own networks at most low', () => {
    expect(tell([{ role: 'browser', out: 4 * MIB, in: 6000 }])).toEqual([]);
    expect(tell([{ role: 'browser', out: 6 * MIB, in: 6000 }])).toMatchObject([{ severity: 'medium' }]);
    const nas: Flow = { address: '192.168.50.30', more: { remoteClass: 'private' } };
    expect(tell([{ ...nas, out: 8 * MIB, in: 6000 }])).toMatchObject([{ severity: 'low' }]);
  });

  test('that nothing counts bytes here', () => {
    const blind = connection(['192.168.50.10', 1000], ['203.0.113.9', 443], {
      direction: 'outbound',
      owner: owner('gateway', process(812)),
      since: { at: NOW - 600 * S, basis: 'observed' },
    });
    const look = (more: Partial<Connection>) =>
      judge(egr16, snapshot({ gateways: [gateway()], connections: [{ ...blind, ...more }] }));
    expect(look({})).toMatchObject([{ verdict: 'unknown', severity: 'info' }]);
    expect(look({ bytesOut: 5, bytesIn: 5 })).toEqual([]);
  });
});

describe('EGR-16 is silent for', () => {
  test.each(['expected', 'approved', 'learned', 'suppressed'] as const)('%s hosts, whatever is sent', (verdict) => {
    const context = Array.from({ length: 6 }, () => ({
      role: 'gateway' as const,
      verdict,
      out: 9_800_000,
      in: 60_000,
    }));
    expect(tell(context)).toEqual([]);
  });

  test('small secrets, which other rules look at', () => {
    expect(tell([{ out: 42_000, in: 5600 }])).toEqual([]);
  });

  test('handshakes: many short connections that say nothing', () => {
    expect(tell(Array.from({ length: 200 }, () => ({ out: 2000, in: 100 })))).toEqual([]);
  });

  test('downloads, and talk that is even', () => {
    expect(tell([{ out: 400_000, in: 900_000_000 }])).toEqual([]);
    expect(tell([{ out: MIB, in: MIB / 2 }])).toEqual([]);
  });

  test('strangers', () => {
    expect(tell([{ role: 'other', out: 90 * MIB, in: 1 }])).toEqual([]);
  });
});
