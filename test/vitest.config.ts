import { defineConfig } from 'vitest/config';

const ALL = ['test/**/*.test.ts', 'src/**/*.test.ts'];
const EXCLUDED = ['dist/**', 'node_modules/**', 'test/bench/**'];
/** Files that put something in the place of a module: another file must not have read that module before. */
const APART = ['test/mail/cursor.test.ts'];

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    // Far beyond what any test takes: a slow machine is no fault of the product, only a test that hangs is.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    // Two cores, one PostgreSQL cluster: more workers only add contention.
    pool: 'forks',
    maxWorkers: 2,
    // Tests that wait for processes of their own, side by side within one file.
    maxConcurrency: 3,
    setupFiles: ['test/support/property-seed.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Reading the modules anew for each of 190 files took a third of the run: one worker's files share them.
    projects: [
      {
        extends: true,
        test: { name: 'ensemble', isolate: false, include: ALL, exclude: [...EXCLUDED, ...APART] },
      },
      { extends: true, test: { name: 'à part', include: APART } },
    ],
  },
});
