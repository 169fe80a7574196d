import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCgroup } from '../../../src/collect/linux/cgroup.ts';
import { numRuns } from './fuzz.ts';

const UNIT = '/user.slice/user-1000.slice/user@1000.service/app.slice/openclaw-gateway.service';

describe('parseCgroup', () => {
  test.each([
    ['version 2', `0::${UNIT}\n`, UNIT],
    ['hybrid, service only in the hierarchy of systemd', `9:name=systemd:${UNIT}\n4:memory:/user.slice\n0::/\n`, UNIT],
    ['hybrid, service in both', `1:name=systemd:/old\n0::${UNIT}\n`, UNIT],
    [
      'version 1 of a container',
      '8:pids:/docker/0a1b\n4:memory:/docker/0a1b\n1:name=systemd:/docker/0a1b\n',
      '/docker/0a1b',
    ],
    ['version 1 without systemd', '3:cpuset:/\n4:memory:/process_api/80\n', '/process_api/80'],
    ['the root everywhere', '1:name=systemd:/\n0::/\n', '/'],
    ['a path with colons', '0::/a:b/c:d\n', '/a:b/c:d'],
  ])('%s', (_, text, expected) => {
    expect(parseCgroup(text)).toBe(expected);
  });

  test('text that is no control group list has none', () => {
    expect(parseCgroup('')).toBeUndefined();
    expect(parseCgroup('0:openclaw-gateway.service\nx::/a\n::/b')).toBeUndefined();
  });

  test('survives any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom('0', ':', '/', 'a', '\n')).map((parts) => parts.join('')),
        ),
        (text) => {
          const path = parseCgroup(text);
          expect(path === undefined || path.startsWith('/')).toBe(true);
        },
      ),
      { numRuns },
    );
  });
});
