import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadShareFiles } from '../../src/native/shared-files.ts';

const threads = process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [];
const answers = process.platform === 'linux' && loadShareFiles()(process.pid, process.pid) !== undefined;

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

describe.skipIf(!answers)('threads that share descriptors', () => {
  test('those of one process do, two processes do not', () => {
    const share = loadShareFiles();
    expect(threads.length).toBeGreaterThan(1);
    for (const thread of threads) expect(share(process.pid, thread)).not.toBe(false);
    expect(share(process.pid, process.ppid)).not.toBe(true);
  });

  test('nothing is said of a thread that is not there', () => {
    // Above the highest number that the kernel can give.
    expect(loadShareFiles()(process.pid, 4_194_305)).toBeUndefined();
  });
});

test('nothing is said without koffi', async () => {
  vi.resetModules();
  vi.stubEnv('CLAWWATCH_WITHOUT_KOFFI', '1');
  const fresh = await import('../../src/native/shared-files.ts');
  expect(fresh.loadShareFiles()(process.pid, process.pid)).toBeUndefined();
});
