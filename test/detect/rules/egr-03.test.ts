import { describe, expect, test } from 'vitest';
import { createDetect } from '../../../src/detect/detect.ts';
import { egr03 } from '../../../src/detect/rules/egr-03.ts';
import type { Ledger } from '../../../src/types/ledger.ts';
import type { Connection, Role, Snapshot } from '../../../src/types/snapshot.ts';
import { agent, familyLook, HOSTILE_WORDS, LEARNED, named, outbound, skillProcess } from '../agents.ts';
import { history, judge, NOW, only, process, wordsIn } from '../builders.ts';

const RAW: [string, number] = ['198.51.100.80', 443];
const skill = () => agent('skill', skillProcess(3000, 'stock-feed'));
const exec = (argv: string[], exe = `/usr/bin/${argv[0]}`) => agent('exec', process(3000, { comm: 'x', exe, argv }));
const look = (connections: Connection[], more: Partial<Snapshot> = {}) => familyLook([], { connections, ...more });
const tell = (connections: Connection[], more: Partial<Snapshot> = {}) =>
  judge(egr03, look(connections, more), { history: LEARNED }).filter(({ verdict }) => verdict === 'finding');

describe('EGR-03 tells', () => {
  test('a skill at an address to which no name led, with who, where and what to do', () => {
    const finding = only(tell([outbound(skill(), RAW), outbound(skill(), RAW)]));
    expect(finding).toMatchObject({
      severity: 'medium',
      subject: 'skill stock-feed',
      title: 'Skill "stock-feed" contacts the bare address 198.51.100.80:443',
    });
    expect(finding.socketKeys).toHaveLength(2);
    expect(finding.fixes[0]?.command).toBe(
      "clawwatch allow 198.51.100.80:443 --skill=stock-feed --for 30d --reason 'what it is for'",
    );
  });

  test.each<[Role, string]>([
    ['detached', 'medium'],
    ['exec', 'low'],
    ['mcp', 'low'],
  ])('a process of role %s as %s', (role, severity) => {
    expect(only(tell([outbound(agent(role, process(9)), RAW)])).severity).toBe(severity);
  });

  test.each([
    ['in its URL', ['curl', '-s', 'http://198.51.100.80:443/x']],
    ['without a scheme', ['wget', '198.51.100.80/x']],
    ['as one number', ['curl', 'http://3325256784/x']],
    ['inside a text', ['python3', '-c', 'get("http://198.51.100.80/x")']],
  ])('an address %s in its arguments as high, also where no names are seen', (_, argv) => {
    expect(only(tell([outbound(exec(argv), RAW)], { telemetry: 'T0' })).severity).toBe('high');
  });

  test('a port of known malware as high', () => {
    expect(only(tell([outbound(skill(), ['198.51.100.80', 4444])])).severity).toBe('high');
  });

  test('a name that only the process claims, one step milder', () => {
    const finding = only(tell([outbound(skill(), RAW, named('cdn.test', { source: 'sni', claimed: true }))]));
    expect(finding.severity).toBe('low');
    expect(wordsIn(finding)).toContain('by its own word');
  });

  test('while learning as info, unless the address is spelled out', () => {
    const learning = { history: history({ learningUntil: () => NOW + 1 }) };
    expect(only(judge(egr03, look([outbound(skill(), RAW)]), learning)).severity).toBe('info');
    const given = outbound(exec(['curl', 'http://198.51.100.80/']), RAW);
    expect(only(judge(egr03, look([given]), learning)).severity).toBe('high');
  });

  test('in the first half hour of a watch as info, since names may be older', () => {
    const young = { since: () => NOW - 60_000, contacts: () => [] } as unknown as Ledger;
    const detect = createDetect({ rules: [egr03] });
    const when = { now: NOW, singleLook: false, ledger: young };
    expect(only(detect(look([outbound(skill(), RAW)]), LEARNED, when)).severity).toBe('info');
  });

  test('one network once, many as a bounded list', () => {
    const near = [outbound(skill(), RAW), outbound(skill(), ['198.51.100.81', 443])];
    expect(only(tell(near)).evidence.filter(({ label }) => label === 'destination')).toHaveLength(2);
    const many = Array.from({ length: 60 }, (_, index) => outbound(skill(), [`203.0.113.${index}`, 443]));
    expect(tell([...near, ...many.map((one) => ({ ...one, remoteClass: 'public' as const }))]).length).toBe(2);
    const far = Array.from({ length: 60 }, (_, index) =>
      outbound(skill(), [`198.18.${index}.1`, 443], { remoteClass: 'public' }),
    );
    expect(tell(far)).toHaveLength(11);
  });
});

describe('EGR-03 is silent for', () => {
  test.each<[string, Connection]>([
    ['a host with a name', outbound(skill(), RAW, named('a.test'))],
    ['an approved address', outbound(skill(), RAW, { verdict: 'approved' })],
    ['an expected one', outbound(skill(), RAW, { verdict: 'expected' })],
    ['a learned one', outbound(skill(), RAW, { verdict: 'learned' })],
    ['a private one', outbound(skill(), ['192.168.50.30', 443])],
    ['a question for a name', outbound(skill(), ['198.51.100.80', 53], { protocol: 'udp' })],
    ['the time', outbound(skill(), ['198.51.100.80', 123], { protocol: 'udp' })],
    ['ssh by a command', outbound(exec(['ssh', 'u@x']), ['198.51.100.80', 22])],
    ['a browser', outbound(agent('browser', process(9)), RAW)],
    ['the gateway', outbound(agent('gateway', process(9)), RAW)],
    ['others', outbound(agent('other', process(9)), RAW)],
    ['what was open before we looked', outbound(skill(), RAW, { since: { at: NOW - 9, basis: 'first-look' } })],
  ])('%s', (_, contact) => expect(tell([contact])).toEqual([]));

  test('addresses where names are not seen, and says so once', () => {
    const dark = look([outbound(skill(), RAW)], { telemetry: 'T1' });
    expect(judge(egr03, dark, { history: LEARNED })).toMatchObject([{ verdict: 'unknown', severity: 'info' }]);
  });

  test('addresses where hardly anything has a name, but not because of its own number', () => {
    const coverage = { intervalMs: 1_000, opened: 60, seen: 60, owned: 60, named: 10 };
    expect(tell([outbound(skill(), RAW)], { coverage })).toEqual([]);
    const own = Array.from({ length: 50 }, () => outbound(skill(), RAW));
    expect(tell(own, { coverage })).toHaveLength(1);
  });
});

test('EGR-03 keeps hostile words out of its commands', () => {
  for (const word of HOSTILE_WORDS) {
    const who = agent('skill', process(1, { comm: word, argv: ['curl', word, `http://${word}`] }), { skill: word });
    for (const { fixes } of tell([outbound(who, RAW)])) {
      for (const { command = '' } of fixes) expect(command).not.toMatch(/[\u0000-\u001f]|^[^']*rm -rf/);
    }
  }
});
