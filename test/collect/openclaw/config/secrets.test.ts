// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is how the configuration refers to the environment
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPlaceholder, withoutSecrets } from '../../../../src/collect/openclaw/config/secrets.ts';

const RUNS = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1_000);
const FUZZ = { timeout: 20_000 + RUNS * 5 };
const scrub = (value: Record<string, unknown>) => withoutSecrets(value, 'key');

describe('secrets', () => {
  test('a token becomes its length and a keyed hash, equal for equal tokens', () => {
    const { gateway, hooks } = scrub({
      gateway: { auth: { token: 'abcdefgh' } },
      hooks: { token: 'abcdefgh' },
    }) as never as {
      gateway: { auth: { token: object } };
      hooks: { token: object };
    };
    expect(gateway.auth.token).toEqual({
      $secret: { given: 'literal', length: 8, hash: expect.stringMatching(/^[0-9a-f]{16}$/) },
    });
    expect(hooks.token).toEqual(gateway.auth.token);
    expect(withoutSecrets({ token: 'abcdefgh' }, 'other')).not.toEqual({ token: gateway.auth.token });
  });

  test('references are told from literals', () => {
    const value = scrub({
      token: '${MY_TOKEN}',
      password: { source: 'exec', provider: 'op', id: 'x' },
      apiKey: { source: 'env', id: 'Y' },
    });
    expect(value).toEqual({
      token: { $secret: { given: 'env' } },
      password: { $secret: { given: 'reference' } },
      apiKey: { $secret: { given: 'env' } },
    });
  });

  test('settings that only sound like secrets stay', () => {
    const plain = {
      gateway: { auth: { mode: 'token', allowTailscale: true, trustedProxy: { userHeader: 'x-user' } }, bind: 'lan' },
      hooks: { allowRequestSessionKey: true },
      agents: { maxTokens: 4096 },
      gmail: { tokenPath: '/x', tokenUrl: 'https://host/x' },
    };
    expect(scrub(plain)).toEqual(plain);
  });

  test('everything in headers and env maps is a secret, and tokens of known shape are anywhere', () => {
    const text = JSON.stringify(
      scrub({
        mcp: { servers: { a: { url: 'https://h/', headers: { 'X-A': 'hidden-1' }, env: { PLAIN: 'hidden-2' } } } },
        env: { OPENAI: 'hidden-3', vars: { B: 'hidden-4' } },
        notes: { text: 'ghp_abcdefghijklmnopqrstuvwxyz012345' },
        list: ['123456789:AAhiddenAAhiddenAAhiddenAAhiddenAA'],
      }),
    );
    expect(text).not.toMatch(/hidden|ghp_/);
    expect(text).toContain('https://h/');
  });

  test('credentials inside URLs and arguments go, hosts and other arguments stay', () => {
    expect(
      scrub({
        proxyUrl: 'http://user:pw@proxy.lan:3128/x',
        url: 'https://h/p?token=abc&x=1',
        args: ['--port', '5', '--api-key', 'abc', '--token=abc', '-v', 'API_KEY=abc'],
      }),
    ).toEqual({
      proxyUrl: 'http://***@proxy.lan:3128/x',
      url: 'https://h/p?token=***&x=1',
      args: [
        '--port',
        '5',
        '--api-key',
        { $secret: expect.objectContaining({ length: 3 }) },
        '--token=***',
        '-v',
        'API_KEY=***',
      ],
    });
  });

  test('text made to keep a pattern busy is scrubbed in one go', () => {
    for (const piece of ['eyJ-', 'sk-', '1:', 'xox-', '://', '://a@', '&a=', '-----BEGIN ']) {
      expect(scrub({ text: piece.repeat(250_000) })).toHaveProperty('text');
    }
  });

  test('placeholders of guides are known', () => {
    for (const word of [
      '',
      '  ',
      'undefined',
      'null',
      'changeme',
      'Change-Me-Now',
      'your-token-here',
      '<token>',
      'xxxx',
      '********',
      'aaaaaaaa',
      '123456789',
      'replace-with-your-token',
    ]) {
      expect([word, isPlaceholder(word)]).toEqual([word, true]);
    }
    for (const word of ['correct horse battery', 'clawwatch-lab-token-0123456789abcdef', '7f3a9c']) {
      expect([word, isPlaceholder(word)]).toEqual([word, false]);
    }
  });

  test('no secret survives anywhere under a secret name', FUZZ, () => {
    const secret = 'S3CR3T-0123456789';
    const key = fc.constantFrom(
      'token',
      'password',
      'apiKey',
      'api_key',
      'botToken',
      'clientSecret',
      'GATEWAY_TOKEN',
      'authorization',
      'signingSecret',
      'privateKey',
      'webhookUrl',
    );
    const leaf = fc.dictionary(key, fc.constant(secret));
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 4 }),
        fc.array(tie('node'), { maxLength: 4 }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, key, (value, name) => {
        expect(JSON.stringify(scrub({ a: value, [name]: secret, b: { [name]: [secret] } }))).not.toContain(secret);
      }),
      { numRuns: Math.min(RUNS, 20_000) },
    );
  });
});
