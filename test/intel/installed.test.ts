import { generateKeyPairSync, sign } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { installedBytes, installPack, packPaths, removePack } from '../../src/intel/installed.ts';
import { PackError } from '../../src/intel/pack.ts';
import { parseQuestion } from '../../src/intel/question.ts';
import { checkSha256, checkSignature, parsePublicKey, parseSha256, sha256Of } from '../../src/intel/verify.ts';

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'clawwatch-installed-'));
  folder = join(home, 'share', 'clawwatch', 'intel');
});
afterEach(() => rmSync(home, { recursive: true }));

const text = (path: string) => installedBytes(path)?.toString();
const modeOf = (path: string) => (lstatSync(path).mode & 0o777).toString(8);

describe('a pack on disk', () => {
  test('is for its owner alone, keeps the one before it, and leaves nothing else behind', () => {
    const { current, former } = packPaths(folder, 'feed');
    installPack(folder, 'feed', Buffer.from('1'));
    expect([text(current), text(former)]).toEqual(['1', undefined]);
    installPack(folder, 'feed', Buffer.from('2'));
    expect([text(current), text(former)]).toEqual(['2', '1']);
    expect([modeOf(folder), modeOf(current), modeOf(former)]).toEqual(['700', '600', '600']);
    expect(readdirSync(folder).sort()).toEqual(['feed.json', 'feed.json.former']);
    expect([removePack(folder, 'feed'), removePack(folder, 'feed')]).toEqual([true, false]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each<[string, () => void]>([
    ['in a folder that others can write', () => chmodSync(folder, 0o777)],
    [
      'in a folder that is a link',
      () => {
        rmSync(folder, { recursive: true });
        symlinkSync(home, folder);
      },
    ],
    ['where a folder is', () => mkdirSync(join(folder, 'feed.json'))],
    ['where a link is', () => symlinkSync(join(home, 'victim'), join(folder, 'feed.json'))],
    ['whose former one is a link', () => symlinkSync(join(home, 'victim'), join(folder, 'feed.json.former'))],
  ])('is not written %s', (_, prepare) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(home, 'victim'), 'untouched');
    prepare();
    expect(() => installPack(folder, 'feed', Buffer.from('1'))).toThrow(PackError);
    expect(readFileSync(join(home, 'victim'), 'utf8')).toBe('untouched');
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('a check', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = parsePublicKey(publicKey.export({ type: 'spki', format: 'pem' }) as string);
  const bytes = Buffer.from('{"indicators":[]}');
  const signature = sign(null, bytes, privateKey);

  test('by SHA-256 takes the digits as they are written anywhere', () => {
    const hex = sha256Of(bytes);
    for (const written of [hex, hex.toUpperCase(), `sha256:${hex}`, `${hex}  pack.json`, ` ${hex}\n`]) {
      expect(parseSha256(written)).toBe(hex);
    }
    checkSha256(bytes, hex);
    expect(() => checkSha256(Buffer.from('{"indicators":[0]}'), hex)).toThrow('the checksum does not agree');
    for (const wrong of ['', 'abc', hex.slice(1), `${hex}0`, 'g'.repeat(64)]) {
      expect(() => parseSha256(wrong)).toThrow('64 hexadecimal digits');
    }
  });

  test('by signature takes 64 bytes or their Base64', () => {
    checkSignature(bytes, signature, key);
    checkSignature(bytes, Buffer.from(`${signature.toString('base64')}\n`), key);
  });

  test('by signature holds for these bytes and this key alone', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(bytes);
        other[at]! ^= change;
        expect(() => checkSignature(other, signature, key)).toThrow('does not agree');
      }),
      { numRuns: 50 },
    );
    const stranger = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string;
    expect(() => checkSignature(bytes, signature, parsePublicKey(stranger))).toThrow('does not agree');
  });

  test('by what is no signature fails, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(() => checkSignature(bytes, noise, key)).toThrow(/does not agree|none of Ed25519/);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['nothing', ''],
    ['a private key', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string],
    [
      'a key of another kind',
      generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' }) as string,
    ],
  ])('by %s is refused', (_, pem) => expect(() => parsePublicKey(pem)).toThrow('no public key of Ed25519'));
});

describe('a question', () => {
  test.each([
    ['91[.]92[.]242[.]30', { address: '91.92.242.30' }],
    ['91.92.242.30:80', { address: '91.92.242.30', port: 80 }],
    ['::1', { address: '::1' }],
    ['[2001:DB8::1]', { address: '2001:db8::1' }],
    ['[2001:db8::1]:443', { address: '2001:db8::1', port: 443 }],
    ['Evil.Example.', { name: 'evil.example' }],
    ['evil.example:8443', { name: 'evil.example', port: 8443 }],
    ['hxxps://evil[.]example/x', { url: 'https://evil.example/x', name: 'evil.example', port: 443 }],
    ['http://1.2.3.4:81/', { url: 'http://1.2.3.4:81/', address: '1.2.3.4', port: 81 }],
  ])('%s', (written, asked) => expect(parseQuestion(written)).toEqual(asked));

  test.each(['', 'com', 'a b', '1.2.3.4:0', '1.2.3.4:70000', '1.2.3.0/24', 'x://', 'http://', '-', 'a'.repeat(3000)])(
    '%s is none',
    (written) => expect(parseQuestion(written)).toBeUndefined(),
  );

  test('of any text is answered', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.ipV6(), fc.domain()), (written) => {
        const asked = parseQuestion(written);
        if (asked !== undefined) expect(asked.address ?? asked.name).toBeTruthy();
      }),
      { numRuns: Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 300) },
    );
  });
});
