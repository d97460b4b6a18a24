import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Tests that hold one time against another: nothing else may run beside them. */
const measured = [
  'test/ontology/embedded/{performance,hostile-queries,threats,replay,state-file,bulk}.test.ts',
  'test/ontology/{scan,shapes/validate}.test.ts',
  'test/ontology/provenance/embedded-provenance.test.ts',
  'test/integrations/language/*.test.ts',
  'test/server/{hostile-clients,server,long-answers}.test.ts',
  'test/faults/{power-cut,runs-kill,store-kill}.test.ts',
  'test/cli/main.test.ts',
];

const limits = { testTimeout: 30_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    globalSetup: ['test/support/build.ts'],
    projects: [
      {
        test: {
          ...limits,
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: measured,
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...limits,
          name: 'one by one',
          include: measured,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
