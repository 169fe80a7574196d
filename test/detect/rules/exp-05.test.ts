import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetect } from '../../../src/detect/detect.ts';
import { exp05 } from '../../../src/detect/rules/exp-05.ts';
import { tunnelOf } from '../../../src/detect/tunnel-programs.ts';
import type { Gateway } from '../../../src/types/gateway.ts';
import type { Indicators } from '../../../src/types/indicators.ts';
import type { ProcessFact } from '../../../src/types/process.ts';
import type { Connection, Snapshot } from '../../../src/types/snapshot.ts';
import {
  connection,
  GATEWAY_PROCESS,
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

const numRuns = Number(globalThis.process.env.CLAWWATCH_FUZZ_RUNS ?? 300);

const own = listener('127.0.0.1', 18789, 'loopback', { service: 'gateway' });
const inner = listener('127.0.0.1', 41733, 'loopback', { service: 'gateway-internal' });
const webhook = listener('127.0.0.1', 3978, 'loopback', { service: 'webhook' });
const NO_AUTH: Gateway['auth'] = { mode: 'none', strength: 'none', reasons: [] };

function host(processes: ProcessFact[], more: Partial<Gateway> = {}, connections: Connection[] = []): Snapshot {
  const quiet = gateway({ gatewayListeners: [own.key], otherListeners: [inner.key, webhook.key], ...more });
  return snapshot({ gateways: [quiet], listeners: [own, inner, webhook], processes, connections });
}

const run = (...argv: string[]) => process(700, { comm: argv[0]!.slice(0, 15), argv });
const told = (...argv: string[]) => judge(exp05, host([run(...argv)]));

/** A live pair: the program's end of a loopback connection to a port of the gateway. */
const pair = (fact: ProcessFact, port = 18789) =>
  connection(['127.0.0.1', 50_000], ['127.0.0.1', port], { owner: owner('other', fact), direction: 'internal' });

describe('EXP-05 tells', () => {
  test('a quick tunnel to the gateway, critical without authentication', () => {
    const look = host([run('cloudflared', 'tunnel', '--url', 'http://127.0.0.1:18789')], { auth: NO_AUTH });
    const finding = only(judge(exp05, look));
    expect(finding.severity).toBe('critical');
    expect(finding.title).toBe('cloudflared carries strangers to gateway "default" past its bind');
    expect(wordsIn(finding)).toMatch(/pid 700/);
    expect(finding.fixes[0]!.command).toContain('-p 700');
  });

  test.each<[string, string[]]>([
    ['ngrok', ['ngrok', 'http', '18789']],
    ['ngrok to localhost', ['/usr/bin/ngrok', 'http', 'localhost:18789', '--log=stdout']],
    ['bore', ['bore', 'local', '18789', '--to', 'bore.pub']],
    ['localtunnel under node', ['node', '/usr/lib/node_modules/localtunnel/bin/lt.js', '--port', '18789']],
    ['tunnelmole', ['tmole', '18789']],
    ['an unnamed listener', ['cloudflared', 'tunnel', '--url=http://localhost:41733']],
    ['devtunnel', ['devtunnel', 'host', '-p', '18789']],
    ['pinggy by ssh', ['ssh', '-p', '443', '-R0:localhost:18789', 'a.pinggy.io']],
    ['serveo', ['ssh', '-N', '-R', '80:127.0.0.1:18789', 'serveo.net']],
    ['a cluster of options', ['autossh', '-M0', '-fNR', '80:localhost:18789', 'u@localhost.run']],
    ['Funnel in the foreground', ['tailscale', 'funnel', '18789']],
  ])('%s, high with a sound token', (_, argv) => {
    expect(only(told(...argv)).severity).toBe('high');
  });

  test.each<[string, string[]]>([
    ['ssh -R to a server of one’s own', ['ssh', '-R', '8080:localhost:18789', 'me@vps.example']],
    ['the same as an option', ['ssh', '-o', 'RemoteForward=8080 [::1]:18789', 'me@vps.example']],
    ['chisel', ['chisel', 'client', 'https://vps.example', 'R:8080:localhost:18789']],
    ['frpc', ['frpc', 'tcp', '-s', 'vps.example:7000', '-l', '18789']],
  ])('%s one step less', (_, argv) => {
    expect(only(told(...argv)).severity).toBe('medium');
    expect(only(judge(exp05, host([run(...argv)], { auth: NO_AUTH }))).severity).toBe('high');
  });

  test('a tunnel to a webhook port alone as low', () => {
    const finding = only(told('ngrok', 'http', '3978'));
    expect(finding).toMatchObject({ severity: 'low' });
    expect(finding.title).toContain('a webhook port of gateway');
  });

  test('a tunnel with its route at the service, from its first connection on and for as long as it runs', () => {
    const daemon = run(
      'cloudflared',
      'tunnel',
      'run',
      '--token',
      'eyJhIjoiMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwIn0',
    );
    const detect = createDetect({ rules: [exp05] });
    const look = (connections: Connection[], processes = [daemon]) =>
      detect(host(processes, {}, connections), history(), { now: NOW, singleLook: false });
    const before = only(look([]));
    expect(before).toMatchObject({ severity: 'info', subject: 'tunnel cloudflared' });
    const during = only(look([pair(daemon)]));
    expect(during).toMatchObject({ severity: 'high', confidence: 'certain' });
    expect(wordsIn(during)).not.toContain('eyJ');
    expect(only(look([])).fingerprint).toBe(during.fingerprint);
    expect(look([], [])).toEqual([]);
    // The same pid is another program now.
    expect(look([], [process(700, { startTicks: 1, argv: ['vi'] })])).toEqual([]);
  });

  test('a tunnel inside the gateway by the name of its control host', () => {
    const inside = (name: string, role: 'gateway' | 'skill' = 'gateway') =>
      connection(['192.168.50.10', 50_000], ['203.0.113.50', 443], {
        direction: 'outbound',
        gatewayId: 'default',
        owner: owner(role, GATEWAY_PROCESS),
        destination: { name },
      });
    expect(only(judge(exp05, host([], {}, [inside('connect.ngrok-agent.com')]))).severity).toBe('high');
    expect(judge(exp05, host([], {}, [inside('api.anthropic.com')]))).toEqual([]);
    expect(judge(exp05, host([], {}, [inside('evil-bore.pub')]))).toEqual([]);
    // A skill that uses a tunnel host exposes no gateway.
    expect(judge(exp05, host([], {}, [inside('bore.pub', 'skill')]))).toEqual([]);
    const indicators = { categoriesOf: () => ['tunnel-control'] } as unknown as Indicators;
    const detect = createDetect({ rules: [exp05] });
    const when = { now: NOW, singleLook: false, indicators };
    expect(detect(host([], {}, [inside('relay.test')]), history(), when)).toHaveLength(1);
  });
});

describe('EXP-05 is silent for', () => {
  test.each<[string, string[]]>([
    ['the client side of a login', ['cloudflared', 'access', 'tcp', '--url', '127.0.0.1:18789']],
    ['ssh -L', ['ssh', '-N', '-L', '18789:127.0.0.1:18789', 'me@vps.example']],
    ['another port', ['ngrok', 'http', '3000']],
    ['another machine', ['cloudflared', 'tunnel', '--url', 'http://192.168.50.77:18789']],
    ['the port at the far side', ['ssh', '-R', '18789:localhost:22', 'me@vps.example']],
    ['the server side', ['bore', 'server']],
    ['an editor', ['code', '--wait', '18789']],
  ])('%s', (_, argv) => {
    expect(told(...argv)).toEqual([]);
  });

  test('sshd that forwards to the gateway', () => {
    const sshd = process(40, { comm: 'sshd', argv: ['sshd: u@notty'] });
    expect(judge(exp05, host([sshd], {}, [pair(sshd)]))).toEqual([]);
  });

  test('a tunnel where no gateway runs, or in another network', () => {
    const argv = ['ngrok', 'http', '18789'];
    expect(judge(exp05, host([run(...argv)], { running: false }))).toEqual([]);
    expect(judge(exp05, host([process(700, { argv, netns: '99' })]))).toEqual([]);
  });
});

test('EXP-05 keeps one identity over restarts of the tunnel', () => {
  const argv = ['ngrok', 'http', '18789'];
  const again = judge(exp05, host([process(999, { argv })]));
  expect(only(again).fingerprint).toBe(only(told(...argv)).fingerprint);
});

test('no arguments make the reading fail, take long or leave the range of ports', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('tunnel', '-R', 'R:', '::::', 'http://[', '-o', 'RemoteForward=', '99999', `${'a:'.repeat(5000)}1`),
    fc.stringMatching(/^[-R:a-z0-9[\].=]{0,40}$/),
  );
  const name = fc.constantFrom('cloudflared', 'ssh', 'ngrok', 'frpc', 'chisel', 'node', '');
  fc.assert(
    fc.property(name, fc.array(word, { maxLength: 80 }), (first, rest) => {
      for (const { port } of tunnelOf(process(1, { argv: [first, ...rest] }))?.targets ?? []) {
        expect(port).toBeGreaterThan(0);
        expect(port).toBeLessThan(65_536);
      }
    }),
    { numRuns },
  );
});
