// npm run test:w3c [-- --data DIR]: the W3C suites through our port and our HTTP endpoint.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createViteServer } from 'vitest/node';

const { values } = parseArgs({ options: { data: { type: 'string' } } });
const directory = values.data ?? process.env.GRAPHWRIGHT_W3C;

if (!directory || !existsSync(join(directory, 'sparql', 'sparql11', 'manifest-all.ttl'))) {
  console.error(
    `${directory ? `No suites in ${directory}` : 'Where are the suites'}? Give a folder that holds the folder sparql/ of ` +
      'https://github.com/w3c/rdf-tests: --data DIR, or GRAPHWRIGHT_W3C=DIR',
  );
  process.exit(2);
}

// The suites' runner is TypeScript, as the tests are; vite is how those are read too.
const vite = await createViteServer({
  server: { middlewareMode: true, ws: false },
  appType: 'custom',
});
const { run } = await vite.ssrLoadModule('/test/w3c/main.ts');
const failed = await run(directory);
await vite.close();
process.exitCode = failed > 0 ? 1 : 0;
