// npm run test:w3c [-- --data DIR]: the W3C suites through our port and our HTTP endpoint.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createViteServer } from 'vitest/node';

const { values } = parseArgs({ options: { data: { type: 'string' } } });
const directory = values.data ?? process.env.GRAPHWRIGHT_W3C;

const manifests = ['sparql/sparql11/manifest-all.ttl', 'shacl/tests/core/manifest.ttl'];

if (!directory || !manifests.every((path) => existsSync(join(directory, path)))) {
  console.error(
    `${directory ? `No suites in ${directory}` : 'Where are the suites'}? Give a folder that holds the folder sparql/ of ` +
      'https://github.com/w3c/rdf-tests, and as shacl/ the folder data-shapes-test-suite/ of ' +
      'https://github.com/w3c/data-shapes: --data DIR, or GRAPHWRIGHT_W3C=DIR',
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
