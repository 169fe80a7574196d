import { describe, expect, test } from 'vitest';
import { egr13 } from '../../../src/detect/rules/egr-13.ts';
import type { Connection } from '../../../src/types/snapshot.ts';
import { gateway, judge, NOW, snapshot } from '../builders.ts';
import { createLife, type Flow, flow } from '../ledger/life.ts';

const S = 1000;
const LAN: Partial<Connection> = { remoteClass: 'private' };
const failed: Partial<Connection> = { outcome: 'failed' };

/** As many flows, each a step apart, in one look after the last of them. */
function tell(count: number, stepMs: number, of: (i: number) => Flow) {
  const life = createLife([egr13]);
  life.look(NOW, []);
  const flows = Array.from({ length: count }, (_, i) => flow(NOW + i * stepMs, of(i)));
  return life.look(NOW + count * stepMs, flows);
}

describe('EGR-13 tells', () => {
  test('a fast sweep of the LAN on one port, seen by polling alone', () => {
    const life = createLife([egr13], { base: { telemetry: 'T0' } });
    const open = (i: number) =>
      flow(NOW + i * 100, {
        role: 'exec',
        address: `192.168.50.${40 + i}`,
        port: 22,
        brief: false,
        localPort: 1000 + i,
        more: { ...LAN, state: 'SYN_SENT' },
      });
    const all = Array.from({ length: 40 }, (_, i) => open(i));
    life.look(NOW, [all[0]!]);
    life.look(NOW + 2 * S, all.slice(0, 20));
    const told = life.look(NOW + 4 * S, all.slice(10, 40));
    expect(told).toMatchObject([
      {
        severity: 'high',
        subject: 'exec',
        title: expect.stringMatching(/^A command of the agent \(feed\.py\) scans: /),
        confidence: 'certain',
      },
    ]);
    const words = JSON.stringify(told[0]);
    expect(words).toContain('192.168.50.');
    expect(words).toContain('hosts of own networks at port 22');
  });

  test('many public ends without an answer: high for a skill, medium for a command', () => {
    const ends =
      (role: 'skill' | 'exec') =>
      (i: number): Flow => ({ role, address: `198.51.100.${i}`, more: failed });
    expect(tell(15, 3000, ends('skill'))).toMatchObject([{ severity: 'high', subject: 'skill stock-feed' }]);
    expect(tell(15, 3000, ends('exec'))).toMatchObject([{ severity: 'medium', subject: 'exec' }]);
  });

  test('many ports of one host, loopback too', () => {
    const inside = { direction: 'internal' as const, remoteClass: 'loopback' as const };
    expect(tell(20, 100, (i) => ({ address: '127.0.0.1', port: 8000 + i, more: inside }))).toHaveLength(1);
  });

  test('a slow one: forty hosts in ten minutes, sixty in a day', () => {
    const host = (i: number): Flow => ({ address: `192.168.50.${i + 1}`, port: 8000 + i, more: LAN });
    expect(tell(40, 14_000, host)).toHaveLength(1);
    expect(tell(60, 1_400_000, host)).toHaveLength(1);
    expect(tell(39, 15_500, host)).toEqual([]);
  });

  test('one finding for one subject, whatever it scans', () => {
    const all = tell(60, 100, (i) => ({ address: `192.168.50.${i + 1}`, port: 22, more: { ...LAN, ...failed } }));
    expect(all).toHaveLength(1);
    expect(all[0]!.evidence.filter(({ label }) => label === 'scan').length).toBeGreaterThan(2);
  });

  test('also during learning and to approved hosts: it is about how many, and not who', () => {
    const life = createLife([egr13], { history: { learningUntil: () => NOW + 9e9 } });
    life.look(NOW, []);
    const flows = Array.from({ length: 9 }, (_, i) =>
      flow(NOW, { address: `192.168.50.${i + 1}`, port: 445, verdict: 'approved', more: LAN }),
    );
    expect(life.look(NOW + S, flows)).toHaveLength(1);
  });

  test('that polling misses attempts', () => {
    const look = snapshot({ gateways: [gateway()] });
    expect(judge(egr13, look)).toEqual([]);
    expect(createLife([egr13]).look(NOW, [])).toEqual([]);
  });
});

describe('EGR-13 is silent for', () => {
  test('the browser of the agent on its forty-five sites', () => {
    expect(tell(45, 500, (i) => ({ role: 'browser', address: `198.51.100.${i}`, more: failed }))).toEqual([]);
  });

  test('a search that reaches many sites, of which a few are down', () => {
    const site = (i: number): Flow => ({
      address: `198.51.100.${i}`,
      more: i % 3 === 0 ? failed : { outcome: 'established' },
    });
    expect(tell(40, 500, site)).toEqual([]);
  });

  test('a domain with many addresses that none can be reached of', () => {
    const address = (i: number): Flow => ({ host: 'any.npmjs.org', address: `2001:db8::${i + 1}`, more: failed });
    expect(tell(24, 100, address)).toEqual([]);
  });

  test('one program beside others that all have no network', () => {
    const life = createLife([egr13]);
    life.look(NOW, []);
    const others = ['api.telegram.org', 'api.anthropic.com'].map((host, i) =>
      flow(NOW, { role: 'gateway', host, address: `203.0.113.${i}`, more: failed }),
    );
    const own = Array.from({ length: 20 }, (_, i) => flow(NOW, { address: `198.51.100.${i}`, more: failed }));
    expect(life.look(NOW + S, [...others, ...own])).toEqual([]);
    const alive = flow(NOW + S, { role: 'gateway', address: '203.0.113.9', more: { outcome: 'established' } });
    expect(life.look(NOW + 2 * S, [alive])).toHaveLength(1);
  });

  test('seven printers, and a user in a browser of his own', () => {
    expect(tell(7, 100, (i) => ({ address: `192.168.50.${i + 1}`, port: 631, more: LAN }))).toEqual([]);
    expect(tell(80, 100, (i) => ({ role: 'other', address: '127.0.0.1', port: 18_000 + i }))).toEqual([]);
  });

  test('a minute in which the window has gone by', () => {
    const life = createLife([egr13]);
    life.look(NOW, []);
    const flows = Array.from({ length: 12 }, (_, i) =>
      flow(NOW, { address: `192.168.50.${i + 1}`, port: 22, more: LAN }),
    );
    expect(life.look(NOW + S, flows)).toHaveLength(1);
    expect(life.look(NOW + 62 * S, [])).toEqual([]);
  });
});

test('a skill with a hostile name is one subject and a safe command', () => {
  const skill = `browser'; $(id) \u001b]0;`;
  const [finding] = tell(12, 100, (i) => ({ skill, address: `192.168.50.${i + 1}`, port: 22, more: LAN }));
  expect(finding!.subject).toBe(`skill ${skill}`);
  for (const { command } of finding!.fixes) expect(command).not.toMatch(/\u001b|--skill=browser/);
});
