import { defineConfig } from 'vitest/config';

/** The tests with clients that are no npm packages: `npm run test:clients`. */
export default defineConfig({
  test: {
    include: ['test/clients/*.suite.ts'],
    testTimeout: 60_000,
    // The packages may have to be installed first.
    hookTimeout: 300_000,
    globalSetup: ['test/support/build.ts'],
  },
});
