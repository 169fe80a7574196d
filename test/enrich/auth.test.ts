import { describe, expect, it } from 'vitest';
import { judgeAuth } from '../../src/enrich/auth.ts';
import type { AuthFact, GatewayFact, SecretFact } from '../../src/types/gateway.ts';
import { config, gatewayFact } from './builders.ts';

const secret = (extra: Partial<SecretFact> = {}) => ({
  $secret: { given: 'literal', length: 48, hash: 'a', ...extra },
});
const auth = (value: Record<string, unknown>, more: Record<string, unknown> = {}): Partial<GatewayFact> => ({
  config: config({ gateway: { auth: value, ...more } }),
});

describe('authentication of a gateway', () => {
  it.each<[string, Partial<GatewayFact>, AuthFact['mode'], AuthFact['strength']]>([
    ['a long token', auth({ mode: 'token', token: secret() }), 'token', 'sound'],
    ['a token of exactly 24 characters', auth({ mode: 'token', token: secret({ length: 24 }) }), 'token', 'sound'],
    ['a token of 23 characters', auth({ mode: 'token', token: secret({ length: 23 }) }), 'token', 'weak'],
    ['a short password', auth({ mode: 'password', password: secret({ length: 8 }) }), 'password', 'weak'],
    ['a token without a mode', auth({ token: secret() }), 'token', 'sound'],
    [
      'a password beside a token, without a mode',
      auth({ token: secret(), password: secret({ length: 3 }) }),
      'password',
      'weak',
    ],
    ['an empty token', auth({ mode: 'token', token: secret({ length: 0 }) }), 'token', 'none'],
    ['a blank token', auth({ mode: 'token', token: '  ' }), 'token', 'none'],
    ['a placeholder', auth({ mode: 'token', token: secret({ placeholder: true }) }), 'token', 'none'],
    ['mode none', auth({ mode: 'none' }), 'none', 'none'],
    ['mode none beside a token', auth({ mode: 'none', token: secret() }), 'none', 'none'],
    ['a resolved environment reference', auth({ mode: 'token', token: secret({ given: 'env' }) }), 'token', 'sound'],
    [
      'an unresolved environment reference',
      auth({ mode: 'token', token: { $secret: { given: 'env' } } }),
      'token',
      'unknown',
    ],
    ['a secret reference', auth({ mode: 'token', token: { $secret: { given: 'reference' } } }), 'token', 'unknown'],
    ['an object that nobody knows', auth({ mode: 'token', token: { source: 'vault' } }), 'token', 'unknown'],
    ['mode token without a token', auth({ mode: 'token' }), 'token', 'unknown'],
    [
      'a long token from the environment alone',
      { ...auth({}), markers: { 'OPENCLAW_GATEWAY_TOKEN#length': '48' } },
      'token',
      'sound',
    ],
    [
      'a short password from the environment',
      { ...auth({ mode: 'password' }), markers: { 'OPENCLAW_GATEWAY_PASSWORD#length': '8' } },
      'password',
      'weak',
    ],
    [
      'a blank token from the environment',
      { ...auth({ mode: 'token' }), markers: { 'OPENCLAW_GATEWAY_TOKEN#length': '0' } },
      'token',
      'none',
    ],
    ['nothing at all', {}, 'unset', 'unknown'],
    ['an unknown mode', auth({ mode: 'open\u001b' }), 'unknown', 'unknown'],
    ['a trusted proxy that is not set up', auth({ mode: 'trusted-proxy' }), 'trusted-proxy', 'none'],
    [
      'a trusted proxy without its header',
      auth({ mode: 'trusted-proxy' }, { trustedProxies: ['10.0.0.1'] }),
      'trusted-proxy',
      'none',
    ],
    [
      'a trusted proxy with an empty list',
      auth({ mode: 'trusted-proxy', trustedProxy: { userHeader: 'x-user' } }, { trustedProxies: [] }),
      'trusted-proxy',
      'none',
    ],
    [
      'a trusted proxy',
      auth({ mode: 'trusted-proxy', trustedProxy: { userHeader: 'x-user' } }, { trustedProxies: ['10.0.0.1'] }),
      'trusted-proxy',
      'sound',
    ],
    ['--auth none over a token', { ...auth({ token: secret() }), startArguments: ['--auth', 'none'] }, 'none', 'none'],
    ['a token on the command line', { startArguments: ['--token', 'x'] }, 'token', 'unknown'],
    ['an unreadable file', { config: config({}, { status: 'unreadable' }) }, 'unknown', 'unknown'],
    ['an invalid file', { config: config({}, { status: 'invalid' }) }, 'unknown', 'unknown'],
    [
      '--auth none over an unreadable file',
      { config: config({}, { status: 'unreadable' }), startArguments: ['--auth=none'] },
      'none',
      'none',
    ],
  ])('%s', (_title, fact, mode, strength) => {
    const judged = judgeAuth(gatewayFact(fact));
    expect(judged).toMatchObject({ mode, strength });
    expect(judged.reasons.join()).not.toBe('');
    expect(judged.reasons.join()).not.toContain('\u001b');
  });

  it('is weak when the token is the hooks token as well', () => {
    const value = { gateway: { auth: { mode: 'token', token: secret() } }, hooks: { token: secret() } };
    const judged = judgeAuth(gatewayFact({ config: config(value) }));
    expect(judged).toEqual({ mode: 'token', strength: 'weak', reasons: ['token is also the hooks token'] });
  });
});
