// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is how the configuration refers to the environment
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConfigRequest, createConfigReader } from '../../../../src/collect/openclaw/config/read-config.ts';
import { workspacesOf } from '../../../../src/collect/openclaw/config/workspaces.ts';
import { createFileView, type FileView } from '../../../../src/collect/openclaw/file-view.ts';
import type { ConfigFact } from '../../../../src/types/gateway.ts';
import { type FakeMachine, fakeMachine } from '../fake-machine.ts';

const RUNS = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1_000);
const FUZZ = { timeout: 20_000 + RUNS * 5 };
const STATE = '/home/u/.openclaw';
const FILE = `${STATE}/openclaw.json`;

let machine: FakeMachine;
beforeEach(() => {
  machine = fakeMachine();
  machine.mkdir(STATE);
});
afterEach(() => machine.remove());

const reader = createConfigReader({ hashKey: 'key' });

function read(request: Partial<ConfigRequest> = {}, from = reader): ConfigFact {
  return from.read({ view: createFileView(machine.root), stateDir: STATE, environment: {}, ...request });
}

/** The configuration of one text, without a disk. */
function readText(text: string | Buffer, environment: Record<string, string> = {}): ConfigFact {
  const stamp = {
    key: String(Math.random()),
    kind: 'file',
    uid: 0,
    modifiedAt: 7,
    changedAt: 7,
    identity: '1',
  } as const;
  const view: FileView = {
    root: '',
    place: 'host',
    stat: (path) => (path === FILE ? stamp : 'missing'),
    read: (path) =>
      path === FILE
        ? { ok: true, text: text.toString('utf8'), stamp, validUtf8: true }
        : { ok: false, reason: 'missing', why: 'no such file' },
    list: () => [],
  };
  return createConfigReader({ hashKey: 'key' }).read({ view, stateDir: STATE, environment });
}

describe('which file', () => {
  test('the path that the gateway names wins over openclaw.json, and that over clawdbot.json', () => {
    machine.write(`${STATE}/clawdbot.json`, { gateway: { bind: 'tailnet' } });
    expect(read().value).toEqual({ gateway: { bind: 'tailnet' } });
    machine.write(FILE, { gateway: { bind: 'loopback' } });
    expect(read().value).toEqual({ gateway: { bind: 'loopback' } });
    machine.write('/etc/claw.json', { gateway: { bind: 'lan' } });
    expect(read({ path: '/etc/claw.json' })).toMatchObject({
      path: '/etc/claw.json',
      value: { gateway: { bind: 'lan' } },
    });
  });

  test('a missing file, a broken one and a denied one are three answers, none of them a value', () => {
    expect(read()).toMatchObject({ status: 'missing', value: {}, networkSubset: {} });
    machine.write(FILE, '{gateway: {bind: "lan"');
    expect(read()).toMatchObject({ status: 'invalid', value: {}, problems: [expect.stringContaining('line 1')] });
    const view = createFileView(machine.root);
    const denying: FileView = { ...view, read: () => ({ ok: false, reason: 'denied', why: 'permission denied' }) };
    expect(read({ view: denying, uid: 5 })).toMatchObject({
      status: 'unreadable',
      value: {},
      problems: [`${FILE}: permission denied`],
    });
  });

  test('a file that grew beyond one MiB is not read, and says so', () => {
    machine.write(FILE, `{"a":"${'x'.repeat(1_048_600)}"}`);
    expect(read()).toMatchObject({ status: 'unreadable', problems: [expect.stringContaining('larger than')] });
  });

  test.runIf(process.getuid?.() === 0)('a file that the user of the gateway could not read is not read for him', () => {
    machine.write(FILE, { gateway: {} });
    execFileSync('chmod', ['600', join(machine.root, FILE)]);
    expect(read({ uid: 4242 })).toMatchObject({
      status: 'unreadable',
      problems: [expect.stringContaining("another user's file")],
    });
  });

  test('a change of the file or of an included file is seen by the next read, an unchanged one is the same object', () => {
    machine.write(FILE, { $include: './net.json' });
    machine.write(`${STATE}/net.json`, { gateway: { bind: 'lan' } });
    const first = read();
    expect(first.value).toEqual({ gateway: { bind: 'lan' } });
    expect(read()).toBe(first);
    machine.write(`${STATE}/net.json`, { gateway: { bind: 'loopback' } });
    expect(read().value).toEqual({ gateway: { bind: 'loopback' } });
    machine.write(`${STATE}/config.yaml`, 'gateway:\n  bind: loopback\n');
    expect(read().unknownKeys).toMatchObject([{ key: 'config.yaml' }]);
  });

  test('an included file that appears later heals the configuration', () => {
    machine.write(FILE, { $include: './net.json' });
    expect(read()).toMatchObject({ status: 'invalid' });
    machine.write(`${STATE}/net.json`, { gateway: { bind: 'lan' } });
    expect(read()).toMatchObject({ status: 'read', value: { gateway: { bind: 'lan' } } });
  });
});

describe('includes', () => {
  test('merge as OpenClaw merges: later files and own keys win, lists are joined', () => {
    machine.write(FILE, "{$include: ['./a.json5', './sub/b.json5'], gateway: {port: 3}, // mine\n}");
    machine.write(`${STATE}/a.json5`, '{gateway: {bind: "lan", port: 1, trustedProxies: ["10.0.0.1"]}}');
    machine.write(
      `${STATE}/sub/b.json5`,
      '{gateway: {port: 2, trustedProxies: ["10.0.0.2"]}, mcp: {$include: "../mcp.json5"}}',
    );
    machine.write(`${STATE}/mcp.json5`, '{apps: {enabled: true}}');
    expect(read()).toMatchObject({
      status: 'read',
      value: {
        gateway: { bind: 'lan', port: 3, trustedProxies: ['10.0.0.1', '10.0.0.2'] },
        mcp: { apps: { enabled: true } },
      },
      files: [FILE, `${STATE}/a.json5`, `${STATE}/sub/b.json5`, `${STATE}/mcp.json5`],
    });
  });

  test.each([
    ['a file that is missing', './none.json', 'invalid', 'no such file'],
    [
      'a path outside the configuration directory',
      '../../../etc/passwd',
      'invalid',
      'leaves the configuration directory',
    ],
    ['a circle', './openclaw.json', 'invalid', 'circle'],
    ['a number', 5, 'invalid', 'not a file name'],
  ])('%s makes the whole configuration unusable and never a default', (_, include, status, problem) => {
    machine.write(FILE, { gateway: { bind: 'loopback' }, extra: { $include: include } });
    expect(read()).toMatchObject({ status, value: {}, problems: [expect.stringContaining(problem)] });
  });

  test('roots that the environment allows may be included from', () => {
    machine.write(FILE, { $include: '/srv/shared/net.json' });
    machine.write('/srv/shared/net.json', { gateway: { bind: 'lan' } });
    expect(read().status).toBe('invalid');
    expect(read({ environment: { OPENCLAW_INCLUDE_ROOTS: '/nowhere:/srv/shared' } }).value).toEqual({
      gateway: { bind: 'lan' },
    });
  });

  test('eleven levels are too deep, and a bomb of lists ends early', () => {
    for (let i = 0; i < 14; i++) machine.write(`${STATE}/${i}.json`, { $include: `./${i + 1}.json` });
    machine.write(FILE, { $include: './0.json' });
    expect(read()).toMatchObject({ status: 'invalid', problems: [expect.stringContaining('deeper than 10')] });
    for (let i = 0; i < 9; i++) machine.write(`${STATE}/${i}.json`, { $include: Array(20).fill(`./${i + 1}.json`) });
    machine.write(`${STATE}/9.json`, {});
    machine.write(FILE, { $include: ['./0.json', './0.json'] });
    expect(read()).toMatchObject({ status: 'invalid', problems: [expect.stringContaining('more than 64')] });
  });
});

describe('environment', () => {
  test('known variables are put in, unknown ones stay visible and are a problem', () => {
    const fact = readText(
      '{gateway: {bind: "${OPENCLAW_PROFILE}", customBindHost: "${MY_HOST}"}, ui: {a: "$${MY_HOST} $x ${lower}"}}',
      {
        OPENCLAW_PROFILE: 'lan',
      },
    );
    expect(fact.value).toEqual({
      gateway: { bind: 'lan', customBindHost: '${MY_HOST}' },
      ui: { a: '${MY_HOST} $x ${lower}' },
    });
    expect(fact.problems).toEqual([expect.stringContaining('${MY_HOST} has no value')]);
  });
});

describe('what is kept', () => {
  test('old bind words stay as they were written', () => {
    for (const bind of ['0.0.0.0', '127.0.0.1', 'localhost']) {
      expect(readText(JSON.stringify({ gateway: { bind } })).value).toEqual({ gateway: { bind } });
    }
  });

  test('keys of old guides are named with what to write instead', () => {
    const fact = readText(
      '{gateway: {bind_address: "127.0.0.1", host: "x", allow_external: false, announce: true, token: "t", porr: 1, auth: {tokenn: "x"}}, discovery: {announce: false}, network: {}, browser: {controlPort: 1}}',
    );
    const hints = new Map(fact.unknownKeys.map(({ key, hint }) => [key, hint]));
    for (const key of ['gateway.bind_address', 'gateway.host', 'gateway.allow_external'])
      expect(hints.get(key)).toContain('gateway.bind');
    expect([...hints.keys()]).toEqual(
      expect.arrayContaining([
        'gateway.announce',
        'discovery.announce',
        'gateway.token',
        'network',
        'browser.controlPort',
        'gateway.porr',
        'gateway.auth.tokenn',
      ]),
    );
    for (const hint of hints.values()) expect(hint).toContain('OpenClaw');
    expect(fact.status).toBe('read');
  });

  test.each(readdirSync('test/fixtures/openclaw/audit'))('%s, which OpenClaw accepts, holds no unknown key', (name) => {
    const fact = readText(readFileSync(`test/fixtures/openclaw/audit/${name}`, 'utf8'));
    expect(fact).toMatchObject({ status: 'read', unknownKeys: [], problems: [] });
    expect(JSON.stringify(fact)).not.toContain('clawwatch-lab-token');
  });

  test('workspaces are those of all agents and the default one', () => {
    const config = {
      agents: {
        defaults: { workspace: '~/w' },
        list: [{ id: 'a', workspace: '/srv/a/' }, 5],
        entries: { b: { workspace: 'relative' } },
      },
    };
    expect(workspacesOf(config, { stateDir: STATE, home: '/home/u' })).toEqual([
      '/home/u/w',
      '/srv/a/',
      `${STATE}/workspace`,
    ]);
  });
});

describe('drift', () => {
  test('order of keys and cosmetic keys do not change the hash, a bind or a bot token does', () => {
    const base = readText('{gateway: {bind: "lan", port: 1}, ui: {theme: "a"}}');
    expect(readText('{ui: {theme: "b"}, gateway: {port: 1, bind: "lan"}}').networkHash).toBe(base.networkHash);
    expect(readText('{gateway: {bind: "loopback", port: 1}}').networkHash).not.toBe(base.networkHash);
    expect(readText('{gateway: {bind: "lan", port: 1}, channels: {telegram: {enabled: true}}}').networkHash).not.toBe(
      base.networkHash,
    );
  });

  test('secret hashes take part only when their key lasts', () => {
    machine.write(FILE, { channels: { telegram: { botToken: '1:aaaa' } } });
    const lasting = createConfigReader({ hashKey: 'key', hashKeyLasts: true });
    expect(JSON.stringify(read().networkSubset)).not.toContain('hash');
    expect(JSON.stringify(read({}, lasting).networkSubset)).toContain('hash');
  });
});

describe('hostile text', () => {
  test.each([
    ['a megabyte of brackets', '['.repeat(1_048_576)],
    ['a megabyte of opened objects', '{a:'.repeat(300_000)],
    ['zero bytes', '\0\0\0'],
    ['a list', '[1]'],
    ['a word', 'null'],
    ['nothing', ''],
  ])('%s is invalid', (_, text) => {
    expect(readText(text)).toMatchObject({ status: 'invalid', value: {} });
  });

  test('prototype keys reach no object', () => {
    const fact = readText(
      '{"__proto__": {"polluted": 1}, "gateway": {"__proto__": {"bind": "loopback"}, "constructor": {"x": 1}}}',
    );
    expect(fact.value).toEqual({ gateway: {} });
    expect((fact.value.gateway as { bind?: string }).bind).toBeUndefined();
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('bytes that are not UTF-8 are read and are a problem', () => {
    machine.write(FILE, '{"ui":{"a":"\ufffd"}}');
    expect(read()).toMatchObject({ status: 'read', problems: [expect.stringContaining('not UTF-8')] });
  });

  test('the place of a parse error is told and the text is not', () => {
    expect(JSON.stringify(readText('root:$6$hash:19000:0'))).not.toContain('hash:19000');
  });

  test('a key full of escapes is inert', () => {
    const fact = readText(JSON.stringify({ gateway: { '\u001b[2J\u202e': 1 } }));
    expect(fact.unknownKeys[0]!.key).toBe('gateway.\\x1b[2J\\u{202e}');
  });

  test('no text throws, and whatever is not read has no value', FUZZ, () => {
    const valid =
      '{gateway: {bind: "lan", auth: {token: "${X}"}}, /* c */ mcp: {servers: {a: {url: "http://u:p@h/"}}}}';
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .tuple(fc.nat(valid.length), fc.string({ unit: 'binary', maxLength: 8 }), fc.nat(5))
        .map(([at, junk, cut]) => valid.slice(0, at) + junk + valid.slice(at + cut)),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const fact = readText(text);
        expect(['read', 'invalid']).toContain(fact.status);
        if (fact.status === 'read') expect(fact.networkHash).toMatch(/^[0-9a-f]{64}$/);
        else expect([fact.value, fact.networkHash, fact.problems.length > 0]).toEqual([{}, undefined, true]);
      }),
      { numRuns: RUNS },
    );
  });
});
