import { describe, expect, test } from 'vitest';
import { DEVELOPMENT_HOSTS } from '../../../src/enrich/egress/dev-hosts.ts';
import { matchesHostPattern, parseHostPattern } from '../../../src/enrich/egress/host-pattern.ts';
import { OPENCLAW_HOSTS, OPENCLAW_HOSTS_REVIEW } from '../../../src/enrich/egress/openclaw-hosts.ts';

describe('the list of hosts of OpenClaw', () => {
  test('says when it was reviewed and for which version', () => {
    expect(OPENCLAW_HOSTS_REVIEW).toEqual({ asOf: '2026-11-20', openclawVersion: '2026.9.6' });
  });

  test.each(OPENCLAW_HOSTS)('%s:%i is a valid row of %s %s', (pattern, port, _category, component) => {
    const parsed = parseHostPattern(pattern);
    expect(parsed).toMatchObject({ ok: true });
    expect(parsed.ok && parsed.pattern.port).toBeFalsy();
    expect(pattern).toBe(pattern.toLowerCase());
    expect(Number.isInteger(port) && port >= 0 && port < 65_536).toBe(true);
    expect(component).toMatch(/^[a-z][a-z0-9-]*$/);
  });

  test('holds no row twice', () => {
    const keys = OPENCLAW_HOSTS.map(([pattern, port, , component]) => `${pattern} ${port} ${component}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('covers no name that a stranger can rent under a cloud', () => {
    const rented = [
      'bedrock-runtime.s3.amazonaws.com',
      'sts.s3.amazonaws.com',
      'sts.s3-eu-west-1.amazonaws.com',
      'bedrock-mantle.s3.api.aws',
      'ark.tos-cn-beijing.volces.com',
      'evil.openai.azure.com',
      'evil.services.ai.azure.com',
      'evil.oss-cn-beijing.aliyuncs.com',
      'storage.googleapis.com',
      'evil.storage.googleapis.com',
      'evil.ngrok.app',
      'evil.github.io',
      'gist.githubusercontent.com',
    ];
    const patterns = OPENCLAW_HOSTS.map(([pattern]) => parseHostPattern(pattern));
    const covered = rented.filter((name) =>
      patterns.some((parsed) => parsed.ok && matchesHostPattern(parsed.pattern, { name, port: 443 })),
    );
    expect(covered).toEqual([]);
  });
});

test.each(DEVELOPMENT_HOSTS)('%s is a valid development host', (pattern, ports) => {
  expect(parseHostPattern(pattern)).toMatchObject({ ok: true });
  expect(ports.length).toBeGreaterThan(0);
});
