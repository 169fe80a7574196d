import { describe, expect, test } from 'vitest';
import { pos01 } from '../../../src/detect/rules/pos-01.ts';
import { config, exposed, gateway, judge, only, snapshot, wordsIn } from '../builders.ts';

const none = { auth: { mode: 'none' as const, strength: 'none' as const, reasons: ['auth mode none'] } };
const short = { auth: { mode: 'token' as const, strength: 'weak' as const, reasons: ['token of 12 characters'] } };

describe('POS-01', () => {
  test.each([
    ['loopback', 'medium'],
    ['container', 'high'],
    ['tailnet', 'critical'],
    ['lan', 'critical'],
    ['public', 'critical'],
  ] as const)('grades no authentication and a short token at reach %s as %s', (reach, severity) => {
    expect(only(judge(pos01, exposed(reach, none))).severity).toBe(severity);
    expect(only(judge(pos01, exposed(reach, short))).severity).toBe(severity);
  });

  test('is high when the reach is unknown, and low while the gateway does not run', () => {
    expect(only(judge(pos01, exposed('lan', { ...none, reach: 'unknown' }))).severity).toBe('high');
    expect(only(judge(pos01, exposed('lan', { ...none, running: false }))).severity).toBe('low');
  });

  test('is silent for sound authentication at any reach', () => {
    expect(judge(pos01, exposed('public'))).toEqual([]);
  });

  test('answers UNKNOWN and not weak when the secret could not be read', () => {
    const unread = gateway({ auth: { mode: 'token', strength: 'unknown', reasons: ['token is a reference'] } });
    const finding = only(judge(pos01, snapshot({ gateways: [unread] })));
    expect(finding).toMatchObject({ verdict: 'unknown', severity: 'medium' });
    expect(finding.evidence).toContainEqual({ label: 'reason', value: 'token is a reference' });
  });

  test('sees that hooks and gateway share a secret, without telling it', () => {
    const secret = (hash: string) => ({ $secret: { given: 'literal', length: 48, hash } });
    const withHooks = (hash: string) =>
      snapshot({
        gateways: [
          gateway({
            config: config({ value: { gateway: { auth: { token: secret('aa11') } }, hooks: { token: secret(hash) } } }),
          }),
        ],
      });
    const finding = only(judge(pos01, withHooks('aa11')));
    expect(finding.title).toContain('shares its secret with the hooks');
    expect(wordsIn(finding)).not.toContain('aa11');
    expect(judge(pos01, withHooks('bb22'))).toEqual([]);
  });

  test('does not take two secrets without a hash for equal', () => {
    const value = {
      gateway: { auth: { token: { $secret: { given: 'reference' } } } },
      hooks: { token: { $secret: { given: 'reference' } } },
    };
    expect(judge(pos01, snapshot({ gateways: [gateway({ config: config({ value }) })] }))).toEqual([]);
  });

  test('gives the commands of the profile', () => {
    const finding = only(judge(pos01, exposed('lan', { ...none, profile: 'ops' })));
    expect(finding.fixes.map(({ command }) => command)).toContain(
      'openclaw --profile ops doctor --generate-gateway-token',
    );
  });
});
