import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanEnviron } from '../../../src/collect/linux/environ.ts';
import { ENVIRON_MARKERS } from '../../../src/types/process.ts';
import { numRuns } from './fuzz.ts';

const environ = (...entries: string[]) => Buffer.from(entries.map((entry) => `${entry}\0`).join(''));

describe('scanEnviron', () => {
  test('keeps the markers and nothing else', () => {
    const bytes = environ(
      'PATH=/bin',
      'OPENCLAW_SHELL=exec',
      'ANTHROPIC_API_KEY=secret',
      'OPENCLAW_STATE_DIR=/home/u/.openclaw',
      'XOPENCLAW_SHELL=no',
      'openclaw_cli=no',
    );
    expect(scanEnviron(bytes)).toEqual({ OPENCLAW_SHELL: 'exec', OPENCLAW_STATE_DIR: '/home/u/.openclaw' });
  });

  test('the value of another variable cannot pose as a marker', () => {
    expect(scanEnviron(environ('A=\nOPENCLAW_SHELL=exec', 'B=OPENCLAW_CLI=1', '=OPENCLAW_CLI=1'))).toEqual({});
  });

  test('the first of two values counts, as for getenv', () => {
    expect(scanEnviron(environ('HOME=/root', 'HOME=/tmp'))).toEqual({ HOME: '/root' });
  });

  test('an empty value, one with an equals sign and one without an end are read as they are', () => {
    expect(scanEnviron(environ('OPENCLAW_CLI=', 'OPENCLAW_PROFILE=a=b'))).toEqual({
      OPENCLAW_CLI: '',
      OPENCLAW_PROFILE: 'a=b',
    });
    expect(scanEnviron(Buffer.from('OPENCLAW_CLI=1'))).toEqual({ OPENCLAW_CLI: '1' });
  });

  test('reads no further than it is told: what lies behind belongs to another process', () => {
    expect(scanEnviron(Buffer.from('A=1\0OPENCLAW_CLI=1\0'), 4)).toEqual({});
    expect(scanEnviron(Buffer.from('OPENCLAW_CLI=123\0'), 14)).toEqual({ OPENCLAW_CLI: '1' });
  });

  test('a huge value is cut', () => {
    expect(scanEnviron(environ(`HOME=${'x'.repeat(100_000)}`)).HOME).toHaveLength(4096);
  });

  test('survives any bytes and never keeps a name outside the list', () => {
    const entry = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom(...ENVIRON_MARKERS, 'OPENCLAW_GATEWAY_TOKEN', '__proto__'), fc.string())
        .map((pair) => pair.join('=')),
    );
    fc.assert(
      fc.property(fc.array(entry), fc.uint8Array(), (entries, tail) => {
        const markers = scanEnviron(Buffer.concat([environ(...entries), tail]));
        const isLength = (name: string) => name === 'OPENCLAW_GATEWAY_TOKEN#length' && /^\d+$/.test(markers[name]!);
        expect(Object.keys(markers).filter((name) => !ENVIRON_MARKERS.has(name) && !isLength(name))).toEqual([]);
      }),
      { numRuns },
    );
  });

  test("keeps only the length of the gateway's own secret", () => {
    const bytes = environ('OPENCLAW_GATEWAY_TOKEN=lab-token-of-26-characters', 'OPENCLAW_GATEWAY_PASSWORD=');
    const markers = scanEnviron(bytes);
    expect(markers).toEqual({ 'OPENCLAW_GATEWAY_TOKEN#length': '26', 'OPENCLAW_GATEWAY_PASSWORD#length': '0' });
    expect(JSON.stringify(markers)).not.toContain('lab-token');
  });
});
