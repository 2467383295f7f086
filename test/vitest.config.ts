import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**', 'test/bench/**'],
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
  },
});
