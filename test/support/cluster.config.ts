import { defineConfig } from 'vitest/config';

/** The tests against Postgres, which is not there on every machine: `npm run test:cluster`. */
export default defineConfig({
  test: {
    include: [
      'test/workflows/runs/cluster*.suite.ts',
      'test/workflows/approval/cluster*.suite.ts',
      'test/faults/cluster-*.suite.ts',
      'test/workflows/conversations/*.suite.ts',
      'test/{agents,tracing}/cluster-*.suite.ts',
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ['test/support/build.ts', 'test/support/packages.ts'],
    // They wait more than they work.
    maxWorkers: 2,
  },
});
