import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSeverity, findingId, fingerprint, SEVERITIES, shiftSeverity } from '../../src/types/finding.ts';

describe('severity', () => {
  it('orders from info to critical', () => {
    const shuffled = (['critical', 'low', 'info', 'high', 'medium'] as const).toSorted(compareSeverity);
    expect(shuffled).toEqual([...SEVERITIES]);
  });

  it.each([
    ['medium', 1, undefined, 'high'],
    ['medium', -1, undefined, 'low'],
    ['critical', 2, undefined, 'critical'],
    ['info', -3, undefined, 'info'],
    ['high', -3, 'low', 'low'],
    ['low', 3, 'high', 'high'],
    ['medium', 0, undefined, 'medium'],
  ] as const)('%s shifted by %d within %s is %s', (severity, steps, limit, expected) => {
    expect(shiftSeverity(severity, steps, limit)).toBe(expected);
  });

  it('is not worsened by a step down towards a higher limit, nor softened by a step up towards a lower one', () => {
    expect(shiftSeverity('info', -1, 'low')).toBe('info');
    expect(shiftSeverity('critical', 1, 'high')).toBe('critical');
  });
});

describe('the identity of a finding', () => {
  it('is 64 hex digits and depends on where one part ends', () => {
    expect(fingerprint('EXP-01', 'default')).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint('EXP-01', 'a', 'bc')).not.toBe(fingerprint('EXP-01', 'ab', 'c'));
    expect(fingerprint('EXP-01', 'a\u0000b')).not.toBe(fingerprint('EXP-01', 'a', 'b'));
    expect(fingerprint('EXP-01', 'a')).toBe(fingerprint('EXP-01', 'a'));
  });

  it('gives a short id that can be read aloud', () => {
    fc.assert(
      fc.property(fc.string(), (part) => {
        expect(findingId(fingerprint('EXP-01', part))).toMatch(/^F-[0-9A-HJKMNP-TV-Z]{6}$/);
      }),
    );
  });

  it('gives the same short id for the same fingerprint and different ones for different fingerprints', () => {
    const ids = new Set(Array.from({ length: 1000 }, (_, i) => findingId(fingerprint('EXP-01', String(i)))));
    expect(ids.size).toBe(1000);
  });
});
