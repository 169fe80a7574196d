import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**', 'test/package/tarball.test.ts', 'test/fixtures/**'],
          testTimeout: 20_000,
        },
      },
      // Builds, packs and installs: minutes rather than seconds.
      {
        test: {
          name: 'package',
          include: ['test/package/tarball.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      // Real namespaces and a real gateway: one file at a time, and never in `npm test`, which needs no root.
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 600_000,
        },
      },
    ],
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary'] },
  },
});
