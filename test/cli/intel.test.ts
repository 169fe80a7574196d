import { generateKeyPairSync, sign } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/cli/width.ts';
import { sha256Of } from '../../src/intel/verify.ts';
import { CERTIFICATE, redirects, sends, useFeedServer } from '../intel/feed-server.ts';
import { clawwatch, NOW } from './world.ts';

const feed = useFeedServer();
const secure = useFeedServer('https');
let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'clawwatch-intel-'));
  folder = join(home, '.local', 'share', 'clawwatch', 'intel');
});
afterEach(() => {
  rmSync(home, { recursive: true });
  feed.forget();
  secure.forget();
});

const intel = (argv: string[], env: NodeJS.ProcessEnv = {}) =>
  clawwatch(['intel', ...argv], { io: { home, cwd: home, env } });
const json = async (argv: string[]) => {
  const { out, code } = await intel([...argv, '--json']);
  return { answer: JSON.parse(out), code };
};
const packs = async () => (await json(['list'])).answer.packs.map(({ name }: { name: string }) => name);

function entry(value: string, type: string, more: object = {}): object {
  return { value, type, tier: 'A', first_seen: '2026-11-01', source_url: 'https://reports.example/1', ...more };
}

interface PackText {
  name?: string | undefined;
  dated?: string;
  licence?: string | undefined;
  indicators?: object[];
  categories?: object;
}

function packText(more: PackText = {}): string {
  return JSON.stringify({
    format: 'clawwatch-intel-1',
    name: 'feed',
    dated: '2026-11-18',
    licence: 'CC0-1.0',
    source: 'https://feeds.example/feed.json',
    indicators: [entry('evil[.]example', 'domain'), entry('91.92.242.31', 'ip', { tier: 'B' })],
    ...more,
  });
}

/** A file in the home, by its name. */
function file(text: string | Uint8Array, name = 'pack.json'): string {
  writeFileSync(join(home, name), text);
  return name;
}

const many = (count: number) => Array.from({ length: count }, (_, i) => entry(`bad${i}.example`, 'domain'));

describe('update from a file', () => {
  test('installs it, for its owner alone, and says what is in it', async () => {
    const text = packText({
      indicators: [
        ...many(9),
        entry('91.92.242.31', 'ip', { tier: 'B', first_seen: '2026-07-20' }),
        entry('old.example', 'domain', { first_seen: '2023-01-01' }),
        entry('10.0.0.1', 'ip'),
      ],
      categories: { paste: ['paste.evil.example'] },
    });
    const { code, out, err } = await intel(['update', '--from', file(text)]);
    expect([code, err]).toEqual([0, '']);
    await expect(out).toMatchFileSnapshot('screens/intel-update.txt');
    expect(readdirSync(folder)).toEqual(['feed.json']);
    expect(readFileSync(join(folder, 'feed.json'), 'utf8')).toBe(text);
  });

  test('is data too', async () => {
    const text = packText();
    const { answer, code } = await json(['update', '--from', file(text)]);
    expect(code).toBe(0);
    expect(answer).toEqual({
      schemaVersion: 1,
      command: 'intel update',
      changed: true,
      checkedBy: [],
      sha256: sha256Of(Buffer.from(text)),
      bytes: text.length,
      hasFormer: false,
      pack: {
        name: 'feed',
        datedAt: Date.UTC(2026, 10, 18),
        licence: 'CC0-1.0',
        source: 'https://feeds.example/feed.json',
        indicators: [
          { type: 'ip', A: 0, B: 1 },
          { type: 'domain', A: 1, B: 0 },
        ],
        ages: { fresh: 2, aged: 0, expired: 0 },
        categories: [],
        refused: [],
      },
    });
  });

  test('of the same pack changes nothing, and the way back stays', async () => {
    await intel(['update', '--from', file(packText({ dated: '2026-11-17' }))]);
    await intel(['update', '--from', file(packText())]);
    const { answer } = await json(['update', '--from', file(packText())]);
    expect(answer).toMatchObject({ changed: false, hasFormer: true });
    expect(readFileSync(join(folder, 'feed.json.former'), 'utf8')).toContain('2026-11-17');
  });

  test('without a licence warns, and with a name of ours takes that', async () => {
    const { code, err } = await intel(['update', '--name', 'mine', '--from', file(packText({ licence: undefined }))]);
    expect(code).toBe(0);
    expect(err).toContain('pack mine names no licence');
    expect(await packs()).toEqual(['bundled', 'mine']);
  });

  test.each<[string, string, string]>([
    ['a page', '<!doctype html><p>log in', 'it is a web page and not JSON'],
    ['a piece of JSON', '{"indicators": [', 'it is not JSON'],
    ['bytes', '\ufffd', 'it is not JSON'],
    ['nothing', '{}', 'there is nothing in it'],
    ['another format', '{"format":"stix-2.1"}', 'another format'],
    [
      'a poisoned one',
      packText({ indicators: [entry('8.8.8.8', 'ip'), entry('evil.example', 'domain')] }),
      '1 of its 2 entries are refused',
    ],
    ['one of the future', packText({ dated: '2030-01-01' }), 'it is dated in the future'],
    ['one without a name', packText({ name: undefined }), 'the pack has no name'],
    ['one that poses as ours', packText({ name: 'bundled' }), 'cannot be called bundled'],
    ['one that leaves the folder', packText({ name: '../../evil' }), 'the pack has no name'],
  ])('of %s is refused, and what is installed stays', async (_, text, message) => {
    await intel(['update', '--from', file(packText())]);
    const { code, out, err } = await intel(['update', '--from', file(text, 'other.json')]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).toMatch(/\n {2}hint: \S/);
    expect(readdirSync(folder)).toEqual(['feed.json']);
    expect(readFileSync(join(folder, 'feed.json'), 'utf8')).toBe(packText());
  });

  test('of what is no text is refused', async () => {
    const { code, err } = await intel(['update', '--from', file(Buffer.from([0xff, 0xfe, 0x00]))]);
    expect(code).toBe(2);
    expect(err).toContain('it is not text in UTF-8');
  });

  test.each([
    ['a file that is not there', ['--from', 'none.json'], 'it cannot be opened (ENOENT)'],
    ['a folder', ['--from', '.'], 'it is no regular file'],
    ['a device', ['--from', '/dev/zero'], 'it is no regular file'],
    ['no source', [], "required option '--from <file|url>' not specified"],
    ['a time that is none', ['--from', 'x', '--timeout', 'soon'], '--timeout soon is not possible'],
    ['a name that is none', ['--from', 'pack.json', '--name', 'A B'], 'a pack cannot be called A B'],
    ['a checksum that is none', ['--from', 'pack.json', '--sha256', 'abc'], '64 hexadecimal digits'],
    ['a key that is none', ['--from', 'pack.json', '--key', 'pack.json'], 'no public key of Ed25519'],
    ['a check and none', ['--from', 'pack.json', '--unsigned', '--key', 'k'], '--unsigned stands for no check'],
  ])('of %s is an error of use', async (_, options, message) => {
    file(packText());
    const { code, err } = await intel(['update', ...options]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test('refuses an older pack and a sudden change of size, unless it is forced', async () => {
    await intel(['update', '--from', file(packText({ indicators: many(40) }))]);
    const older = file(packText({ dated: '2026-11-10', indicators: many(40) }), 'older.json');
    const smaller = file(packText({ dated: '2026-11-19', indicators: many(19) }), 'smaller.json');
    const larger = file(packText({ dated: '2026-11-19', indicators: many(81) }), 'larger.json');
    for (const [name, message] of [
      [older, 'is older than the one that is installed'],
      [smaller, 'has 19 entries, and the one that is installed 40'],
      [larger, 'has 81 entries, and the one that is installed 40'],
    ] as const) {
      const { code, err } = await intel(['update', '--from', name]);
      expect(code).toBe(2);
      expect(err).toContain(message);
      expect(err).toContain('--force');
    }
    expect((await intel(['update', '--force', '--from', older])).code).toBe(0);
  });

  test('refuses a ninth pack', async () => {
    for (let number = 1; number <= 8; number++) {
      expect((await intel(['update', '--name', `p${number}`, '--from', file(packText())])).code).toBe(0);
    }
    const { code, err } = await intel(['update', '--name', 'p9', '--from', file(packText())]);
    expect(code).toBe(2);
    expect(err).toContain('there are 8 packs already');
  });

  test('into a folder that others can write is refused', async () => {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    const { code, err } = await intel(['update', '--from', file(packText())]);
    expect(code).toBe(2);
    expect(err).toContain('can be written by others');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('update from a server', () => {
  const at = (path = '/feed.json') => `${feed.origin}${path}`;
  const digest = (text: string) => sha256Of(Buffer.from(text));

  test('needs a checksum, a signature, or the word that it has none, before anybody is asked', async () => {
    feed.answer['/feed.json'] = sends(packText());
    const { code, err } = await intel(['update', '--from', at()]);
    expect(code).toBe(2);
    expect(err).toContain('needs a check of what arrives');
    expect(feed.asked).toEqual([]);
    expect((await intel(['update', '--from', at(), '--unsigned'])).code).toBe(0);
    expect(await packs()).toEqual(['bundled', 'feed']);
  });

  test('with its checksum', async () => {
    feed.answer['/feed.json'] = sends(packText());
    const { answer } = await json(['update', '--from', at(), '--sha256', digest(packText())]);
    expect(answer).toMatchObject({ changed: true, checkedBy: ['sha256'], sha256: digest(packText()) });
  });

  test('over TLS, with a CA of our own, and with its signature', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    file(publicKey.export({ type: 'spki', format: 'pem' }) as string, 'pub.pem');
    secure.answer['/feed.json'] = sends(packText());
    secure.answer['/feed.json.sig'] = sends(
      sign(null, Buffer.from(packText()), privateKey),
      'application/octet-stream',
    );
    const from = ['update', '--from', `${secure.origin}/feed.json`, '--key', 'pub.pem'];
    const untrusted = await intel(from);
    expect(untrusted.code).toBe(2);
    expect(untrusted.err).toContain('shows no certificate that is trusted');
    const { answer } = await json([...from, '--ca', resolve(CERTIFICATE), '--sha256', digest(packText())]);
    expect(answer).toMatchObject({ changed: true, checkedBy: ['sha256', 'signature'] });
  });

  const other = packText({ dated: '2026-11-19' });
  test.each<[string, Parameters<typeof sends>, string]>([
    ['by somebody else', [sign(null, Buffer.from(other), generateKeyPairSync('ed25519').privateKey)], 'does not agree'],
    ['that is a page', ['<html>', 'text/html'], 'sends text/html'],
    ['that is too long', ['x'.repeat(5000), 'text/plain'], 'sends more than 4096 bytes'],
    ['that is none', ['hello', 'text/plain'], 'the signature is none of Ed25519'],
  ])('with a signature %s is refused', async (_, signature, message) => {
    const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string;
    feed.answer['/feed.json'] = sends(other);
    feed.answer['/feed.json.sig'] = sends(signature[0], signature[1] ?? 'application/octet-stream');
    const { code, err } = await intel(['update', '--from', at(), '--key', file(pem, 'pub.pem')]);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(await packs()).toEqual(['bundled']);
  });

  test('without the signature that was promised is refused', async () => {
    const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string;
    feed.answer['/feed.json'] = sends(packText());
    const { code, err } = await intel(['update', '--from', at(), '--key', file(pem, 'pub.pem')]);
    expect(code).toBe(2);
    expect(err).toContain('has nothing at /feed.json.sig (404)');
  });

  test.each<[string, Parameters<typeof sends> | 'hang' | 'cut' | 'away' | undefined, string]>([
    ['changed bytes', [`${packText()} `], 'the checksum does not agree'],
    ['a page as JSON', ['<html>', 'application/json'], 'the checksum does not agree'],
    ['a page', ['<html>', 'text/html'], 'sends text/html, and JSON is expected'],
    ['too much', [Buffer.alloc(17 * 1024 * 1024)], 'sends more than 16 MiB'],
    [
      'a bomb',
      [gzipSync(Buffer.alloc(100_000_000)), 'application/json', { 'content-encoding': 'gzip' }],
      'not unpacked here',
    ],
    ['half of it', 'cut', 'ended the connection before all was sent'],
    ['nothing for ever', 'hang', 'did not send it all within 0.3 s'],
    ['a redirect', 'away', 'other places are not followed'],
    ['404', undefined, 'has nothing at /feed.json (404)'],
  ])('that sends %s is refused, and the pack in use stays', async (_, answer, message) => {
    await intel(['update', '--from', file(packText({ dated: '2026-11-01' }))]);
    feed.answer['/feed.json.sig'] = sends('');
    if (answer === 'hang') feed.answer['/feed.json'] = () => {};
    else if (answer === 'away') feed.answer['/feed.json'] = redirects('http://10.0.0.1/feed.json');
    else if (answer === 'cut') {
      feed.answer['/feed.json'] = (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 5000 });
        response.write('{');
        setImmediate(() => response.destroy());
      };
    } else if (answer) feed.answer['/feed.json'] = sends(...answer);
    const { code, out, err } = await intel([
      ...['update', '--from', at(), '--sha256', digest(packText())],
      ...(answer === 'hang' ? ['--timeout', '300ms'] : []),
    ]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).toMatch(/\n {2}hint: \S/);
    expect(readdirSync(folder)).toEqual(['feed.json']);
    expect(readFileSync(join(folder, 'feed.json'), 'utf8')).toContain('2026-11-01');
  });

  test('that is not on this host is not asked over plain http', async () => {
    const { code, err } = await intel(['update', '--unsigned', '--from', 'http://192.0.2.1/feed.json']);
    expect(code).toBe(2);
    expect(err).toContain('plain http can be changed on its way');
  });

  test('asks for the pack alone, never for anything that is in it', async () => {
    const trap = entry(`${feed.origin}/trap`, 'url');
    feed.answer['/feed.json'] = sends(packText({ indicators: [...many(9), trap] }));
    await intel(['update', '--unsigned', '--from', at()]);
    await intel(['list']);
    await intel(['check', `${feed.origin}/trap`]);
    expect(feed.asked).toEqual(['/feed.json']);
  });
});

describe('list', () => {
  test('tells what is used, where it is from, and what is wrong', async () => {
    await intel(['update', '--from', file(packText({ dated: '2026-11-10' }))]);
    await intel(['update', '--from', file(packText({ indicators: [...many(9), entry('com', 'domain')] }))]);
    utimesSync(join(folder, 'feed.json'), NOW / 1000, NOW / 1000);
    await intel(['update', '--name', 'old', '--from', file(packText({ dated: '2026-02-01', licence: undefined }))]);
    utimesSync(join(folder, 'old.json'), NOW / 1000, NOW / 1000);
    writeFileSync(join(folder, 'broken.json'), '<html>', { mode: 0o600 });
    const { out, code, err } = await intel(['list']);
    expect([code, err]).toEqual([3, '']);
    await expect(out).toMatchFileSnapshot('screens/intel-list.txt');
  });

  test('without any pack of ours is the one that comes along', async () => {
    const { answer, code } = await json(['list']);
    expect(code).toBe(0);
    expect(answer).toMatchObject({ command: 'intel list', verdict: 'OK', exitCode: 0, folder, problems: [] });
    expect(answer.packs).toEqual([
      expect.objectContaining({ name: 'bundled', licence: 'MIT', installedAt: null, hasFormer: false }),
    ]);
  });

  test('of a pack that is not used is UNKNOWN', async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'feed.json'), packText(), { mode: 0o666 });
    chmodSync(join(folder, 'feed.json'), 0o666);
    const { answer, code } = await json(['list']);
    expect(code).toBe(3);
    expect(answer).toMatchObject({
      verdict: 'UNKNOWN',
      exitCode: 3,
      problems: ['pack feed is not used: it can be written by others'],
    });
  });

  test('goes where the data of the user goes', async () => {
    const env = { XDG_DATA_HOME: join(home, 'elsewhere') };
    await intel(['update', '--from', file(packText())], env);
    expect(readdirSync(join(home, 'elsewhere', 'clawwatch', 'intel'))).toEqual(['feed.json']);
  });
});

describe('check', () => {
  test('of what is listed', async () => {
    const notes = { note: 'a family of stealers' };
    await intel(['update', '--from', file(packText({ indicators: [entry('evil[.]example', 'domain', notes)] }))]);
    const { out, code } = await intel(['check', 'cdn.evil[.]example:8443']);
    expect(code).toBe(1);
    await expect(out).toMatchFileSnapshot('screens/intel-check.txt');
    const { answer } = await json(['check', 'evil.example']);
    expect(answer).toMatchObject({
      command: 'intel check',
      exitCode: 1,
      value: 'evil.example',
      matches: [{ value: 'evil.example', type: 'domain', tier: 'A', aged: false, pack: 'feed', note: notes.note }],
      expired: [],
      categories: [],
    });
  });

  test('of what is on no list, of what was on one, and of what has a kind', async () => {
    const none = await intel(['check', '203.0.113.9']);
    expect([none.code, none.out]).toEqual([
      0,
      'NO        203.0.113.9 is on no list that is in use; that does not make it good\n',
    ]);
    const { answer, code } = await json(['check', '91.92.242.30']);
    expect(code).toBe(0);
    expect(answer).toMatchObject({ matches: [], expired: [{ value: '91.92.242.30', tier: 'A' }] });
    expect((await json(['check', 'https://webhook.site/x'])).answer.categories).toContain('webhook');
  });

  test('with a pack that cannot be read is UNKNOWN, and not "no"', async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'feed.json'), '{', { mode: 0o600 });
    const { code, out, err } = await intel(['check', 'evil.example']);
    expect(code).toBe(3);
    expect(out).toMatch(/^UNKNOWN /);
    expect(err).toContain('pack feed is not used');
  });

  test('of what is no value is an error of use', async () => {
    const { code, err } = await intel(['check', '1.2.3.0/24']);
    expect(code).toBe(2);
    expect(err).toContain('is no address, address:port, domain or URL');
  });
});

describe('rollback and remove', () => {
  test('bring back the one before, and forth again', async () => {
    await intel(['update', '--from', file(packText({ dated: '2026-11-17' }))]);
    await intel(['update', '--from', file(packText())]);
    const dates: number[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const { answer, code } = await json(['rollback', 'feed']);
      expect(code).toBe(0);
      dates.push(answer.pack.datedAt);
    }
    expect(dates).toEqual([Date.UTC(2026, 10, 17), Date.UTC(2026, 10, 18)]);
    expect((await intel(['rollback', 'feed'])).out).toContain('pack feed is again the one before');
  });

  test('remove a pack and the one before it', async () => {
    await intel(['update', '--from', file(packText({ dated: '2026-11-17' }))]);
    await intel(['update', '--from', file(packText())]);
    expect((await json(['remove', 'feed'])).answer).toMatchObject({ command: 'intel remove', name: 'feed' });
    expect(readdirSync(folder)).toEqual([]);
    expect(await packs()).toEqual(['bundled']);
  });

  test.each([
    [['rollback', 'feed'], 'there is no pack before feed'],
    [['remove', 'feed'], 'no pack feed is installed'],
    [['remove', 'bundled'], 'part of ClawWatch'],
    [['rollback', 'bundled'], 'part of ClawWatch'],
    [['remove', '../../x'], '../../x is no name of a pack'],
    [['remove', '\u001b[2J'], '\\x1b[2J is no name of a pack'],
  ])('%j without it is an error of use', async (argv, message) => {
    const { code, err } = await intel(argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test('does not bring back what is out of order', async () => {
    await intel(['update', '--from', file(packText({ dated: '2026-11-17' }))]);
    await intel(['update', '--from', file(packText())]);
    writeFileSync(join(folder, 'feed.json.former'), '<html>');
    const { code, err } = await intel(['rollback', 'feed']);
    expect(code).toBe(4);
    expect(err).toContain('stay as they are: it is a web page and not JSON');
    expect(readFileSync(join(folder, 'feed.json'), 'utf8')).toBe(packText());
  });
});

test.each([
  ['update', '--from', 'x'],
  ['rollback', 'feed'],
  ['remove', 'feed'],
])('%s is not for a shell of an agent: what it is warned of is not its own to decide', async (...argv) => {
  const { code, err } = await intel(argv, { OPENCLAW_SHELL: 'exec' });
  expect(code).toBe(2);
  expect(err).toContain('started by an agent of OpenClaw');
});

test('whatever is written in a pack, it paints nothing, forges no line and breaks no width', async () => {
  const attack = fc.array(
    fc.oneof(
      fc.constantFrom(
        '\u001b[2J\u001b[1;1H',
        '\n OK        all is well',
        '\r',
        '\u202e',
        '\u200b',
        '\u009b31m',
        '字'.repeat(80),
      ),
      fc.string({ unit: 'binary', maxLength: 60 }),
    ),
    { minLength: 1, maxLength: 3 },
  );
  await fc.assert(
    fc.asyncProperty(
      attack.map((parts) => parts.join(' ')),
      async (text) => {
        const indicators = [...many(9), entry(`${text}`, 'domain')];
        indicators[0] = entry('evil.example', 'domain', {
          note: text,
          source_url: `https://a/${text.replaceAll(/\s/g, '')}`,
        });
        const pack = JSON.stringify({ name: 'feed', dated: '2026-11-18', licence: text, source: text, indicators });
        for (const argv of [
          ['update', '--force', '--from', file(pack)],
          ['list'],
          ['check', 'evil.example'],
          ['check', text],
          ['check', text, '--json'],
        ]) {
          const { out, err } = await intel(argv);
          for (const line of `${out}${err}`.split('\n')) {
            expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b\u202e]/);
            expect(line).not.toMatch(/^ OK/);
          }
          for (const line of argv.includes('--json') ? [] : out.split('\n')) {
            expect(displayWidth(line)).toBeLessThanOrEqual(100);
          }
        }
      },
    ),
    { numRuns: Math.min(Number(process.env.CLAWWATCH_FUZZ_RUNS) || 25, 1000) },
  );
}, 60_000);
