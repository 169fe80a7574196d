/** What one OpenClaw does on a day on which nothing is wrong, as connections and questions with their moments. */
import type { DnsQuestion } from '../../src/types/dns.ts';
import type { EgressVerdict } from '../../src/types/egress.ts';
import type { Connection, Role } from '../../src/types/snapshot.ts';
import { mulberry32 } from './beacon/random.ts';
import { connection, owner, process } from './builders.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Something that happens: connections known from events, and questions before them. */
export interface Happening {
  at: number;
  connections: Connection[];
  questions: DnsQuestion[];
}

interface End {
  role: Role;
  host: string;
  verdict: EgressVerdict;
  skill?: string;
  port?: number;
  /** Program and arguments, where they matter. */
  argv?: string[];
}

const TELEGRAM: End = { role: 'gateway', host: 'api.telegram.org', verdict: 'expected' };
const MODEL: End = { role: 'gateway', host: 'api.anthropic.com', verdict: 'expected' };
const UPDATES: End = { role: 'gateway', host: 'telemetry.openclaw.ai', verdict: 'expected' };
const HUB: End = { role: 'gateway', host: 'clawhub.ai', verdict: 'expected' };
const NPM: End = { role: 'exec', host: 'any.npmjs.org', verdict: 'learned', argv: ['npm', 'install'] };
const GIT: End = { role: 'exec', host: 'github.com', verdict: 'learned', argv: ['git', 'pull'] };
const PUSH: End = { role: 'exec', host: 'github.com', verdict: 'learned', port: 22, argv: ['ssh', 'git@github.com'] };
const WEATHER: End = { role: 'skill', skill: 'weather', host: 'api.open-meteo.com', verdict: 'approved' };
const MAIL: End = { role: 'skill', skill: 'mail-triage', host: 'imap.mailhost.test', verdict: 'approved', port: 993 };
const MCP: End = { role: 'mcp', host: 'mcp.tracker.test', verdict: 'expected' };

/** A day from `start` on. The same seed gives the same day. */
export function normalDay(seed: number, start: number): Happening[] {
  const random = mulberry32(seed);
  const life = createScribe(random);
  const between = (low: number, high: number) => low + random() * (high - low);
  const whole = (low: number, high: number) => Math.floor(between(low, high + 1));
  const pause = (meanMs: number) => -Math.log(1 - random()) * meanMs;
  const wakeful = () => start + between(8, 22) * HOUR;

  function every(periodMs: number, jitter: number, act: (at: number) => void): void {
    for (let at = start + random() * periodMs; at < start + DAY; at += periodMs * (1 + jitter * (2 * random() - 1)))
      act(at);
  }

  /** A person writes, the agent answers, and now and then looks something up. */
  function chat(): void {
    let at = wakeful();
    for (let turn = whole(3, 15); turn > 0; turn--) {
      at += 5_000 + pause(60_000);
      life.flow(at, TELEGRAM, 500, 300);
      life.flow(at + 1_000, MODEL, between(20_000, 1_800_000), between(2_000, 60_000));
      for (let fetch = whole(0, 3); fetch > 0; fetch--) {
        const host = `www.site${whole(1, 300)}.test`;
        life.flow(
          at + 2_000 + fetch * 700,
          { role: 'gateway', host, verdict: 'unknown' },
          between(600, 2_500),
          between(9_000, 400_000),
        );
      }
      if (random() < 0.2)
        life.flow(
          at + 5_000,
          { role: 'exec', host: `docs${whole(1, 40)}.test`, verdict: 'unknown', argv: ['curl'] },
          800,
          20_000,
        );
    }
  }

  /** The browser of the agent: pages of many hosts, and one that polls while it is open. */
  function browse(): void {
    let at = wakeful();
    for (let page = whole(3, 10); page > 0; page--) {
      for (let part = whole(5, 25); part > 0; part--) {
        const host = `cdn${whole(1, 400)}.pages${whole(1, 120)}.test`;
        life.flow(
          at + part * 150,
          { role: 'browser', host, verdict: 'unknown' },
          between(900, 4_000),
          between(5_000, 300_000),
        );
      }
      at += 10_000 + pause(45_000);
    }
    const until = at + between(5, 90) * MINUTE;
    for (; at < until; at += 15_000)
      life.flow(at, { role: 'browser', host: 'live.news.test', verdict: 'unknown' }, 900, 1_200);
  }

  function work(): void {
    const at = wakeful();
    for (let file = whole(20, 80); file > 0; file--) life.flow(at + file * 130, NPM, 900, between(5_000, 900_000));
    life.flow(at + 30_000, GIT, 2_500, between(50_000, 5_000_000));
    if (random() < 0.5) life.flow(at + 90_000, PUSH, between(10_000, 9_000_000), 40_000);
    // Waits for a deployment: as even as any beacon, and over in ten minutes.
    const host = `preview${whole(1, 9)}.deploy.test`;
    const until = at + 120_000 + between(1, 10) * MINUTE;
    for (let step = at + 120_000; step < until; step += 10_000)
      life.flow(step, { role: 'exec', host, verdict: 'unknown', argv: ['curl'] }, 700, 900);
  }

  /** A search asks many sites at once; a few of them are down. */
  function search(): void {
    const at = wakeful();
    for (let site = whole(10, 30); site > 0; site--) {
      const host = `result${whole(1, 500)}.sites${whole(1, 500)}.test`;
      life.flow(at + site * 200, { role: 'gateway', host, verdict: 'unknown' }, 900, 60_000, random() < 0.15);
    }
  }

  every(30_200, 0.005, (at) => life.flow(at, TELEGRAM, 620, 400));
  every(30 * MINUTE, 0.002, (at) => life.flow(at, MODEL, 45_000, 4_000));
  every(20_000, 0.01, (at) => life.flow(at, MCP, 120, 90));
  every(HOUR, 0.001, (at) => life.flow(at, WEATHER, 900, 8_000));
  every(5 * MINUTE, 0.001, (at) => life.flow(at, MAIL, 700, 4_000));
  every(DAY, 0, (at) => life.flow(at, UPDATES, 900, 600));
  every(6 * HOUR, 0.1, (at) => life.flow(at, HUB, 900, 90_000));
  for (let i = whole(6, 12); i > 0; i--) chat();
  for (let i = whole(1, 4); i > 0; i--) browse();
  for (let i = whole(0, 3); i > 0; i--) work();
  for (let i = whole(1, 5); i > 0; i--) search();
  // Mail of the day: whose server is listed, and which key signed it.
  for (let i = whole(20, 60); i > 0; i--) life.mailLookups(wakeful(), i);
  return life.told();
}

function createScribe(random: () => number) {
  const happenings: Happening[] = [];
  const addresses = new Map<string, string>();
  const asked = new Map<string, number>();
  let port = 20_000;

  function addressOf(host: string): string {
    const known = addresses.get(host);
    if (known !== undefined) return known;
    const block = ['198.51.100', '203.0.113'][Math.floor(random() * 2)];
    const address = `${block}.${1 + Math.floor(random() * 250)}`;
    addresses.set(host, address);
    return address;
  }

  function pidOf({ role, skill, host }: End): number {
    if (role === 'gateway') return 812;
    if (role === 'browser') return 900;
    return role === 'exec' ? 4_000 + (host.length % 50) : skill === 'weather' ? 950 : skill === undefined ? 970 : 960;
  }

  /** Answers are kept for a minute, then asked for again. */
  function questionsOf(at: number, end: End): DnsQuestion[] {
    const key = `${pidOf(end)} ${end.host}`;
    if (at - (asked.get(key) ?? Number.NEGATIVE_INFINITY) < MINUTE) return [];
    asked.set(key, at);
    const one = { at, name: end.host, rcode: 'NOERROR', server: '192.168.50.1', pid: pidOf(end) };
    return [
      { ...one, type: 'A' },
      { ...one, type: 'AAAA' },
      // A search domain that does not have it.
      ...(random() < 0.1 ? [{ ...one, name: `${end.host}.lan`, type: 'A', rcode: 'NXDOMAIN' }] : []),
    ];
  }

  return {
    flow(moment: number, end: End, out: number, received: number, isDown = false): void {
      const at = Math.round(moment);
      const { role, host, verdict, skill, argv = ['node'] } = end;
      const fact = process(pidOf(end), { comm: argv[0]!, exe: `/usr/bin/${argv[0]}`, argv });
      port = port >= 60_000 ? 20_000 : port + 1;
      const one = connection(['192.168.50.10', port], [addressOf(host), end.port ?? 443], {
        seenAt: at,
        direction: 'outbound',
        state: 'CLOSE',
        brief: true,
        openedAt: at,
        outcome: isDown ? 'failed' : 'established',
        bytesOut: isDown ? 0 : Math.round(out) + 2_048,
        bytesIn: isDown ? 0 : Math.round(received) + 5_120,
        owner: owner(role, fact, skill === undefined ? {} : { skill }),
        gatewayId: 'default',
        verdict,
        since: { at, basis: 'observed' },
        destination: { name: host, source: 'dns', confidence: 'certain', domain: host.split('.').slice(-2).join('.') },
      });
      happenings.push({ at, connections: [one], questions: questionsOf(at - 30, end) });
    },
    mailLookups(moment: number, index: number): void {
      const at = Math.round(moment);
      const one = { at, server: '192.168.50.1', pid: 960 };
      const questions = [
        { ...one, name: `${index}.2.0.192.zen.dnsbl.test`, type: 'A', rcode: 'NXDOMAIN' },
        { ...one, name: `s${index}._domainkey.sender${index}.test`, type: 'TXT', rcode: 'NOERROR' },
        { ...one, name: `_dmarc.sender${index}.test`, type: 'TXT', rcode: index % 3 ? 'NOERROR' : 'NXDOMAIN' },
      ];
      happenings.push({ at, connections: [], questions });
    },
    told: () => happenings.sort((a, b) => a.at - b.at),
  };
}
