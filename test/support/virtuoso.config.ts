import { defineConfig } from 'vitest/config';

/** The tests against Virtuoso, which is not there on every machine: `npm run test:virtuoso`. */
export default defineConfig({
  test: {
    include: ['test/ontology/remote/virtuoso.suite.ts'],
    testTimeout: 30_000,
    // The package may have to be installed first.
    hookTimeout: 300_000,
  },
});
