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
    // The package may have to be installed first.
    hookTimeout: 300_000,
    globalSetup: ['test/support/build.ts'],
  },
});
