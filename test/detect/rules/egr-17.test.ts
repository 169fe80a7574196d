import { describe, expect, test } from 'vitest';
import { egr17 } from '../../../src/detect/rules/egr-17.ts';
import type { DnsQuestion } from '../../../src/types/dns.ts';
import { mulberry32 } from '../beacon/random.ts';
import { judge, NOW, process, snapshot } from '../builders.ts';
import { createLife, type LifeOptions } from '../ledger/life.ts';

const S = 1000;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const skill = process(3000, { argv: ['python3', '/home/u/.openclaw/workspace/skills/net-check/scripts/d.py'] });
const family = [
  {
    pid: 3000,
    startTicks: 1,
    gatewayId: 'default',
    basis: 'descendant' as const,
    ancestors: [],
    detached: false,
    firstSeenAt: 0,
  },
];
const base: LifeOptions = { base: { processes: [skill, process(60, { comm: 'firefox' })], family } };

/** One question each second; gives what the look after the last one said. */
function tell(
  count: number,
  of: (i: number, random: () => number) => Partial<DnsQuestion>,
  options: LifeOptions = base,
) {
  const random = mulberry32(5);
  const life = createLife([egr17], options);
  const questions = Array.from({ length: count }, (_, i) => ({
    at: NOW + i * S,
    name: 'x.test',
    type: 'A',
    pid: 3000,
    ...of(i, random),
  }));
  return life.ask(NOW + count * S, questions);
}

const label = (random: () => number, length: number) =>
  Array.from({ length }, () => BASE32[Math.floor(random() * 32)]).join('');
const tunnel = (i: number, random: () => number) => ({
  name: `${label(random, 48)}.${i}.t.exdns.test`,
  rcode: 'NXDOMAIN',
});

describe('EGR-17 tells', () => {
  test('data in base32 labels of a skill, as high, with names and asker', () => {
    const [finding] = tell(60, tunnel);
    expect(finding).toMatchObject({ severity: 'high', subject: 'skill net-check' });
    expect(finding!.title).toMatch(/^Skill "net-check" asked for 60 names below exdns\.test/);
    expect(finding!.evidence.filter(({ label: it }) => it === 'name')).toHaveLength(3);
    expect(JSON.stringify(finding!.evidence)).toContain('d.py (pid 3000)');
  });

  test('it from the thirtieth name on', () => {
    expect(tell(30, tunnel)).toMatchObject([{ severity: 'high' }]);
    expect(tell(29, (i, random) => ({ ...tunnel(i, random), rcode: 'NOERROR' }))).toEqual([]);
  });

  test('many bytes in short labels', () => {
    const short = (_: number, random: () => number) => ({
      name: `${Array.from({ length: 5 }, () => label(random, 6)).join('.')}.exdns.test`,
    });
    expect(tell(130, short)).toMatchObject([{ severity: 'high' }]);
  });

  test.each([
    ['answers that carry data', 20, (i: number) => ({ name: `q${i}.exdns.test`, type: 'TXT', rcode: 'NOERROR' })],
    ['names that do not exist', 20, (i: number) => ({ name: `h${i}.exdns.test`, rcode: 'NXDOMAIN' })],
    ['a burst of names', 200, (i: number) => ({ name: `h${i}.exdns.test`, rcode: 'NOERROR' })],
  ])('%s as medium', (_name, count, of) => {
    expect(tell(count, of)).toMatchObject([{ severity: 'medium' }]);
  });

  test('a hidden asker one step down, as possible', () => {
    const hidden = (i: number, random: () => number) => {
      const { name, rcode } = tunnel(i, random);
      return { name, rcode, pid: 53 };
    };
    const stub = { base: { processes: [process(53, { comm: 'systemd-resolve' })] } };
    expect(tell(60, hidden, stub)).toMatchObject([
      { severity: 'medium', subject: 'this host', confidence: 'possible' },
    ]);
  });

  test('during learning as well', () => {
    expect(tell(60, tunnel, { ...base, history: { learningUntil: () => NOW + 9e9 } })).toHaveLength(1);
  });

  test('that it needs names', () => {
    expect(judge(egr17, snapshot())).toMatchObject([{ verdict: 'unknown', ruleId: 'POS-08' }]);
  });
});

describe('EGR-17 is silent for', () => {
  test('block lists and mail keys', () => {
    expect(tell(40, (i) => ({ name: `${i}.2.0.192.zen.dnsbl.test`, rcode: 'NXDOMAIN' }))).toEqual([]);
    const key = (i: number) => ({ name: `s${i}._domainkey.mailhost${i}.test`, type: 'TXT', rcode: 'NOERROR' });
    expect(tell(25, key)).toEqual([]);
  });

  test('a few long names of a store, and many natural ones', () => {
    expect(tell(12, tunnel)).toEqual([]);
    expect(tell(50, (i) => ({ name: `internationalcommunication-${i}.pages.test`, rcode: 'NOERROR' }))).toEqual([]);
  });

  test('A and AAAA of a few names again and again', () => {
    expect(tell(500, (i) => ({ name: `api${i % 5}.feed.test`, type: i % 2 ? 'A' : 'AAAA', rcode: 'NOERROR' }))).toEqual(
      [],
    );
  });

  test('existing names that the resolver tries with a search domain first', () => {
    const both = (i: number) => ({
      name: `www${i >> 1}.sites.test${i % 2 ? '' : '.lan'}`,
      rcode: i % 2 ? 'NOERROR' : 'NXDOMAIN',
    });
    expect(tell(80, both)).toEqual([]);
    expect(tell(80, (i) => ({ ...both(i), rcode: 'NXDOMAIN' })).length).toBeGreaterThan(0);
  });

  test('strangers, and customers of one cloud', () => {
    expect(tell(60, (i, random) => ({ ...tunnel(i, random), pid: 60 }))).toEqual([]);
    expect(
      tell(100, (i, random) => ({
        name: `${label(random, 40)}.s3.amazonaws.com`,
        rcode: i > 0 ? 'NOERROR' : 'NXDOMAIN',
      })),
    ).toEqual([]);
  });

  test('look-ups of hashes that are exempt', () => {
    const exempt = (i: number, random: () => number) => ({ name: `${label(random, 40)}.${i}.sophosxl.net` });
    expect(tell(60, exempt)).toEqual([]);
  });
});

test('hostile names stay what they are, and commands are quoted', () => {
  const [finding] = tell(60, (i, random) => ({ name: `${label(random, 40)}${i}.\u001b[2J'$(id)${i}.evil'$(id).test` }));
  for (const { command } of finding!.fixes) expect(command).not.toMatch(/\u001b|evil/);
});
