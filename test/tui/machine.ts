/** A record with something in it, and a screen in memory that shows it. */
import { createPaint } from '../../src/cli/paint.ts';
import { openLiveReader } from '../../src/store/live.ts';
import { openStore } from '../../src/store/store.ts';
import { App, type AppWorld } from '../../src/tui/app.ts';
import type { Clicked, Pressed, Screen } from '../../src/tui/screen.ts';
import type { Finding } from '../../src/types/finding.ts';
import { findingId, fingerprint } from '../../src/types/finding.ts';
import type { Connection, Snapshot } from '../../src/types/snapshot.ts';
import type { Store } from '../../src/types/store.ts';
import {
  aBlindSpot,
  aConnection,
  aFinding,
  aListener,
  anExposedGateway,
  anOwner,
  aSnapshot,
  NOW,
} from '../cli/world.ts';

process.env.TZ = 'UTC';

export { NOW };

/** A name as an attacker would choose it: escape codes, reversed reading, nothing to see, beyond the basic plane, wide. */
export const HOSTILE = 'we\u001b[31mather\u202egnp.sh\u200b\u{1f4a3}{red-bg}漢字\nx';

/** An outbound connection of the family; `index` makes it another one. */
export function outbound(
  index: number,
  more: Partial<Connection> & { skill?: string; name?: string } = {},
): Connection {
  const { skill, name, ...rest } = more;
  const local = { address: '192.168.50.7', port: 20_000 + (index % 40_000) };
  const remote = { address: `203.0.113.${index % 250}`, port: 443 };
  const owner = anOwner(
    { pid: 900 + (index % 50), startTicks: 1, comm: 'node', argv: ['node', skill ? 'w.js' : 'gateway'] },
    skill === undefined ? {} : { role: 'skill', skill },
  );
  const host = name ?? `host-${index % 97}.example.com`;
  return aConnection({
    local,
    remote,
    key: `4026531840 tcp ${local.address} ${local.port} ${remote.address} ${remote.port} ${index}`,
    inode: 100_000 + index,
    owner,
    destination: { name: host, source: 'dns', confidence: 'likely', domain: host },
    verdict: skill === undefined ? 'expected' : 'unknown',
    verdictReason: skill === undefined ? 'provider anthropic is configured' : 'nobody expects it',
    bytesOut: 1000 + index,
    bytesIn: 50 * index,
    ...rest,
  });
}

/** A machine with an exposed gateway, two skills and somebody who talks to a request bin. */
export function aBusySnapshot(overrides: Partial<Snapshot> = {}): Snapshot {
  return aSnapshot({
    at: NOW - 2_000,
    gateways: [anExposedGateway()],
    listeners: [
      aListener(),
      aListener({
        local: { address: '127.0.0.1', port: 22 },
        key: '4026531840 tcp 127.0.0.1 22',
        service: 'none',
        reach: 'loopback',
        reachableAt: [
          {
            address: '127.0.0.1',
            interface: 'lo',
            prefix: 8,
            class: 'loopback',
            reach: 'loopback',
            confidence: 'certain',
          },
        ],
        owner: { ...anOwner({ pid: 77, comm: 'sshd', argv: ['sshd: /usr/sbin/sshd -D'] }), role: 'other' },
      }),
    ],
    connections: [
      outbound(1, { name: 'api.anthropic.com' }),
      outbound(2, { name: 'api.telegram.org' }),
      outbound(3, { skill: 'weather-pro', name: 'webhook.site' }),
    ],
    skills: [
      {
        name: 'weather-pro',
        directory: '/s/weather-pro',
        source: 'workspace',
        gatewayId: 'default',
        drift: 'changed',
        installedAt: NOW - 86_400_000,
        changedAt: NOW - 3_600_000,
        version: '1.2.0',
      },
      { name: 'notes', directory: '/s/notes', source: 'bundled', gatewayId: 'default', drift: 'none' },
    ],
    blindSpots: [aBlindSpot()],
    coverage: { intervalMs: 2000, opened: 41, seen: 38, owned: 36, named: 30 },
    ...overrides,
  });
}

export function theFindings(): Finding[] {
  return [
    aFinding(),
    aFinding({
      ruleId: 'EGR-05',
      title: 'Skill "weather-pro" sent 2.3 kB to webhook.site (a request bin)',
      subject: 'skill weather-pro',
      severity: 'critical',
      fingerprint: fingerprint('EGR-05', 'skill weather-pro', 'webhook.site'),
      socketKeys: [outbound(3).key],
      fixes: [{ text: 'Remove the skill.', command: 'openclaw skills remove weather-pro' }],
    }),
    aFinding({
      ruleId: 'POS-04',
      title: 'mDNS announces full details on the LAN',
      severity: 'low',
      fingerprint: fingerprint('POS-04', 'x'),
      socketKeys: [],
    }),
  ];
}

/** The same machine as an attacker would have it look. */
export function aHostileSnapshot(): Snapshot {
  const busy = aBusySnapshot();
  return {
    ...busy,
    connections: [outbound(3, { skill: HOSTILE, name: `${HOSTILE}.example.com` })],
    skills: [
      {
        name: HOSTILE,
        directory: '/s/x',
        source: 'workspace',
        gatewayId: 'default',
        drift: 'changed',
        version: HOSTILE,
      },
    ],
    listeners: [aListener({ owner: anOwner({ comm: HOSTILE.slice(0, 15), argv: [HOSTILE, HOSTILE] }) })],
    blindSpots: [aBlindSpot({ what: HOSTILE, why: HOSTILE })],
  };
}

export function hostileFindings(): Finding[] {
  return [
    aFinding({
      title: HOSTILE,
      subject: HOSTILE,
      why: HOSTILE,
      evidence: [{ label: HOSTILE, value: HOSTILE }],
      fingerprint: fingerprint('EXP-01', HOSTILE),
    }),
  ];
}

/** A machine with `number` connections, and as many findings as `findings` says. */
export function aFullSnapshot(number: number): Snapshot {
  return aBusySnapshot({
    connections: Array.from({ length: number }, (_, index) =>
      outbound(index, index % 50 === 0 ? { skill: 'weather-pro' } : {}),
    ),
  });
}

export function manyFindings(number: number): Finding[] {
  return Array.from({ length: number }, (_, index) =>
    aFinding({
      ruleId: 'EGR-04',
      severity: index % 3 === 0 ? 'medium' : 'low',
      title: `First contact number ${index}`,
      subject: `skill s${index % 7}`,
      fingerprint: fingerprint('EGR-04', String(index)),
    }),
  );
}

/** Writes looks into a new record at `path`. */
export function record(path: string, looks: readonly (readonly [Snapshot, Finding[]])[]): void {
  const store = openStore({ path, now: () => NOW });
  for (const [snapshot, findings] of looks) store.recordCycle(snapshot, findings, 'agent');
  store.close();
}

export function withStore<Result>(path: string, use: (store: Store) => Result): Result {
  const store = openStore({ path, now: () => NOW });
  try {
    return use(store);
  } finally {
    store.close();
  }
}

/** A window in memory. */
export class FakeScreen implements Screen {
  columns: number;
  rows: number;
  lines: readonly string[] = [];
  frames = 0;
  sent: string[] = [];
  isOpen = true;
  #key: (key: Pressed) => void = () => {};
  #mouse: (click: Clicked) => void = () => {};
  #resize: () => void = () => {};

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }
  size = () => ({ columns: this.columns, rows: this.rows });
  draw(lines: readonly string[]) {
    this.lines = lines;
    this.frames++;
  }
  onKey(listener: (key: Pressed) => void) {
    this.#key = listener;
  }
  onMouse(listener: (click: Clicked) => void) {
    this.#mouse = listener;
  }
  onResize(listener: () => void) {
    this.#resize = listener;
  }
  send(sequence: string) {
    this.sent.push(sequence);
  }
  redraw() {}
  close() {
    this.isOpen = false;
  }
  press(...names: string[]) {
    for (const name of names)
      this.#key({ name, ...(name.length === 1 ? { text: name } : name === 'space' ? { text: ' ' } : {}) });
  }
  type(text: string) {
    for (const character of text) this.press(character === ' ' ? 'space' : character);
  }
  click(kind: Clicked['kind'], column: number, line: number) {
    this.#mouse({ kind, column, line });
  }
  resize(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#resize();
  }
  /** What a person reads. */
  text(): string {
    return this.lines.map((line) => line.replaceAll(/\u001b\[[0-9;]*m/g, '').trimEnd()).join('\n');
  }
}

export interface Running {
  app: App;
  screen: FakeScreen;
  ended: Promise<unknown>;
  /** Moves the clock on and lets the screen take in what changed. */
  pass(ms: number): void;
}

/** The whole screen over a record, on a clock that stands still. */
export async function open(
  path: string,
  columns: number,
  rows: number,
  more: Partial<AppWorld> = {},
): Promise<Running> {
  const screen = new FakeScreen(columns, rows);
  const clock = { at: NOW };
  const app = new App({
    screen,
    paintOf: (width) => createPaint({ env: { LANG: 'C.UTF-8' }, isTTY: true, columns: width }, { color: false }),
    color: true,
    config: { intervalMs: 2000 },
    host: 'atlas',
    now: () => clock.at,
    monotonic: () => clock.at - NOW,
    isAgentAlive: () => true,
    openReader: async () => openLiveReader({ path }),
    fileId: () => 1,
    lookNow: async () => {},
    addRule: () => Promise.reject(new Error('no rules in this world')),
    exportFolder: '/nonexistent',
    remembered: {},
    stop: new AbortController().signal,
    ...more,
  });
  const ended = app.run();
  ended.catch(() => {});
  // The record is opened in a turn of its own.
  await new Promise((resolve) => setTimeout(resolve, 5));
  const pass = (ms: number) => {
    clock.at += ms;
    app.refresh();
    app.draw();
  };
  while (app.model?.isLoading) app.refresh();
  pass(0);
  return { app, screen, ended, pass };
}

export const idOf = (finding: Finding) => findingId(finding.fingerprint);
