import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareVersions,
  floorsAbove,
  isBelowCriticalFloor,
  parseVersion,
  VERSION_FLOORS,
} from '../../src/detect/version-floors.ts';

const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1000);
const order = (a: string, b: string) => Math.sign(compareVersions(parseVersion(a)!, parseVersion(b)!));

describe('versions', () => {
  test.each([
    ['2026.1.14', '2026.1.14-1', -1],
    ['2026.1.14-1', '2026.1.14-2', -1],
    ['2026.1.14-10', '2026.1.14-9', 1],
    ['2026.1.14-1', '2026.1.15', -1],
    ['2026.1.9', '2026.1.10', -1],
    ['2026.9.6', '2026.10.1', -1],
    ['2026.2.0-beta.3', '2026.2.0', -1],
    ['2026.2.0-beta.3', '2026.1.99', 1],
    ['v2026.9.6', '2026.9.6', 0],
  ])('orders %s against %s as %i', (a, b, sign) => {
    expect(order(a, b)).toBe(sign);
  });

  test.each([
    '',
    'latest',
    '2026',
    '2026.1',
    '2026.1.x',
    '26.1.1',
    '2026.1.1.1',
    '2026.1.1-',
    '2026.1.1+build',
    '2026.1.1\n2026.9.9',
    '99999999999999999999.1.1',
  ])('does not understand %j, and never calls it fine', (text) => {
    expect(parseVersion(text)).toBeUndefined();
    expect(floorsAbove(text)).toBeUndefined();
    expect(isBelowCriticalFloor(text)).toBe(false);
  });

  test('holds floors in rising order and milder with each step', () => {
    const versions = VERSION_FLOORS.map(({ version }) => version);
    expect([...versions].sort(order)).toEqual(versions);
    expect(
      VERSION_FLOORS.every(({ advisories }) =>
        advisories.every((id) => /^(CVE-2026-\d+|GHSA(-[a-z0-9]{4}){3})$/.test(id)),
      ),
    ).toBe(true);
  });

  test('never throws, and agrees with the numbers for anything well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void floorsAbove(text)),
      { numRuns },
    );
    const version = fc.tuple(fc.integer({ min: 2025, max: 2030 }), fc.nat(12), fc.nat(40), fc.nat(9));
    fc.assert(
      fc.property(version, version, (a, b) => {
        const text = ([y, m, p, n]: typeof a) => `${y}.${m}.${p}${n === 0 ? '' : `-${n}`}`;
        const difference = a.map((part, i) => Math.sign(part - b[i]!)).find((sign) => sign !== 0) ?? 0;
        expect(order(text(a), text(b))).toBe(difference);
      }),
      { numRuns },
    );
  });
});
