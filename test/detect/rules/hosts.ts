import { createDetect } from '../../../src/detect/detect.ts';
import { registrableDomain } from '../../../src/detect/registrable.ts';
import { loadIntel } from '../../../src/intel/intel.ts';
import type { DnsQuestion } from '../../../src/types/dns.ts';
import type { Finding } from '../../../src/types/finding.ts';
import type { Ledger } from '../../../src/types/ledger.ts';
import type { FamilyMember, ProcessFact } from '../../../src/types/process.ts';
import type { Rule } from '../../../src/types/rule.ts';
import type { Connection, Owner, Role, Snapshot } from '../../../src/types/snapshot.ts';
import { connection, gateway, history, NOW, owner, process, snapshot } from '../builders.ts';

/** Stories about hosts: who of a machine has to do with which name, judged with the lists of a laboratory. */

const DAY = 86_400_000;
const HOME = '/home/u/.openclaw/workspace/skills';

function labEntry(value: string, type: string, tier: string, daysAgo: number): object {
  const first_seen = new Date(NOW - daysAgo * DAY).toISOString();
  return { value, type, tier, first_seen, source_url: 'https://reports.example/1', note: 'the lab' };
}

export const LAB_LISTS = loadIntel({
  packTexts: [
    JSON.stringify({
      format: 'clawwatch-intel-1',
      name: 'lab',
      dated: '2026-11-19',
      indicators: [
        labEntry('198.51.100.66', 'ip', 'A', 5),
        labEntry('198.51.100.66:13338', 'ip:port', 'A', 5),
        labEntry('malbuzz.test', 'domain', 'A', 5),
        labEntry('fakeskills.test', 'domain', 'B', 5),
        labEntry('oldbuzz.test', 'domain', 'A', 400),
        labEntry('oldskills.test', 'domain', 'B', 400),
        labEntry('https://pages.test/bad/x', 'url', 'B', 5),
      ],
      categories: { mining: ['pool.minexmr-like.test', '203.0.113.48'], tor: ['203.0.113.90'] },
    }),
  ],
  labPublic: ['198.51.100.0/24', '203.0.113.0/24'],
  now: () => NOW,
}).indicators;

export interface Actor {
  owner: Owner;
  process: ProcessFact;
  member?: FamilyMember;
}

let pid = 3000;

/** A process with its place in the family; a skill's is its script. */
export function actor(role: Role, argv?: string[], more: Partial<ProcessFact> & { skill?: string } = {}): Actor {
  const { skill = role === 'skill' ? 'metrics' : undefined, ...facts } = more;
  pid += 1;
  const script = `${HOME}/${skill}/scripts/run.py`;
  const words = argv ?? (role === 'skill' ? ['python3', script] : ['node', 'tool.js']);
  const fact = process(pid, { comm: words[0]!.split('/').at(-1)!.slice(0, 15), argv: words, ...facts });
  const whose = owner(role, fact, skill === undefined ? {} : { skill });
  if (role === 'other') return { owner: whose, process: fact };
  const member: FamilyMember = {
    pid,
    startTicks: fact.startTicks,
    gatewayId: 'default',
    basis: role === 'gateway' ? 'root' : 'descendant',
    ancestors: [],
    detached: role === 'detached',
    firstSeenAt: NOW - 60_000,
  };
  return { owner: whose, process: fact, member };
}

let port = 40_000;

/** A connection of this actor to a host, unexpected unless told otherwise. */
export function to(who: Actor, host: string | undefined, more: Partial<Connection> = {}): Connection {
  const end = more.remote ?? { address: '203.0.113.77', port: 443 };
  const family = who.owner.gatewayId;
  return connection(['192.168.50.10', port++], [end.address, end.port], {
    direction: 'outbound',
    owner: who.owner,
    pids: [who.process.pid],
    ...(family === undefined ? {} : { gatewayId: family, verdict: 'unknown' as const }),
    ...(host === undefined
      ? {}
      : { destination: { name: host, source: 'dns', confidence: 'likely', domain: registrableDomain(host) } }),
    ...more,
  });
}

/** A look at these actors and their connections, with names. */
export function lookAt(actors: readonly Actor[], connections: readonly Connection[], more: Partial<Snapshot> = {}) {
  return snapshot({
    telemetry: 'T2',
    gateways: [gateway()],
    processes: actors.map((each) => each.process),
    family: actors.flatMap(({ member }) => member ?? []),
    connections: [...connections],
    ...more,
  });
}

export function question(name: string, who?: Actor, more: Partial<DnsQuestion> = {}): DnsQuestion {
  return { at: NOW - 1000, name, type: 'A', rcode: 'NOERROR', ...(who && { pid: who.process.pid }), ...more };
}

/** What one rule says with the lists; `context` brings what else it knows. */
export function say(
  rule: Rule,
  look: Snapshot,
  more: { ledger?: Ledger; options?: object; learning?: boolean } = {},
): Finding[] {
  const options = more.options === undefined ? {} : { options: { [rule.id]: more.options } };
  const past = history(
    more.learning ? {} : { learningSince: () => NOW - 30 * DAY, learningUntil: () => NOW - 23 * DAY },
  );
  return createDetect({ rules: [rule], indicators: LAB_LISTS, ...options })(look, past, {
    now: NOW,
    singleLook: false,
    ...(more.ledger && { ledger: more.ledger }),
  });
}

/** What a rule says of one connection of one actor. */
export function sayOf(rule: Rule, who: Actor, host: string | undefined, more: Partial<Connection> = {}): Finding[] {
  return say(rule, lookAt([who], [to(who, host, more)]));
}

/** A ledger that holds one contact of a skill that ended. */
export function ledgerOf(
  host: string,
  more: { minutesAgo?: number; bytesOut?: number; verdict?: Connection['verdict']; loopbackPort?: number } = {},
): Ledger {
  const { minutesAgo = 60, bytesOut = 0, verdict = 'unknown', loopbackPort } = more;
  const lastAt = NOW - minutesAgo * 60_000;
  const window = {
    subject: 'skill metrics',
    destination: registrableDomain(host),
    port: 443,
    role: 'skill' as const,
    skill: 'metrics',
    gatewayId: 'default',
    name: host,
    addresses: ['203.0.113.77'],
    remoteClass: 'public' as const,
    verdict,
    firstAt: lastAt,
    lastAt,
    activity: [lastAt],
    activityBytes: [{ bytesOut, bytesIn: 0 }],
    bytesSince: (sinceAt: number) => ({ bytesOut: sinceAt <= lastAt ? bytesOut : 0, bytesIn: 0 }),
    socketKeys: [],
    pids: [],
  };
  const attempt = { at: lastAt, address: '127.0.0.1', port: loopbackPort ?? 0, protocol: 'tcp' as const };
  return {
    contacts: () => [window],
    attempts: (_subject, sinceAt) => (loopbackPort !== undefined && sinceAt <= lastAt ? [attempt] : []),
    subjects: () => ['skill metrics'],
    questions: () => [],
    since: () => NOW - 7 * DAY,
  };
}

/** Names and arguments as an attacker would choose them. */
export const HOSTILE = [
  '__proto__',
  '\u001b[2J\nFAKE: all is well',
  "x'; rm -rf ~ #",
  '\u202egnp.exe',
  'a'.repeat(70_000),
  'http://[',
  'https://%zz@webhook.site:99999/',
  '..',
];

/** Text of every command that a finding gives to copy. */
export function commandsOf(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ fixes }) => fixes.flatMap(({ command }) => command ?? []));
}
