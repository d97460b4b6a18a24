import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { graph } from '../shop/terms.mjs';
import { ask, change, memoryOf, rowsOf, send } from './http.mjs';

const command = new URL('../../../dist/cli/main.js', import.meta.url).pathname;

/** Graphwright's store over HTTP, from `graphwright serve`. @type {import('./system.mjs').System} */
export const system = {
  named: true,
  async open(directory, limit) {
    // A file of our own keeps whatever settings lie in the working directory out.
    const config = join(directory, 'settings.yaml');
    writeFileSync(config, `store:\n  timeout: ${limit}\n`);
    const words = ['serve', '--config', config, '--data', directory, '--port', '0'];
    const server = spawn(process.execPath, [command, ...words], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const url = await address(server);
    const target = `${url}/store?graph=${encodeURIComponent(graph)}`;
    const found = await ask(`${url}/query`, {
      query: `SELECT ?s { GRAPH <${graph}> { ?s ?p ?o } } LIMIT 1`,
    });
    return {
      loaded: rowsOf(found).length > 0,
      async load(file) {
        const headers = { 'content-type': 'application/n-triples' };
        await send(target, { headers, body: createReadStream(file) });
      },
      query: (query) => ask(`${url}/query`, { query }),
      update: (text) => change(`${url}/update`, text),
      rows: rowsOf,
      memory: () => memoryOf(server.pid),
      async close() {
        const ended = once(server, 'exit');
        const timer = setTimeout(() => server.kill('SIGKILL'), 10_000);
        server.kill('SIGTERM');
        await ended;
        clearTimeout(timer);
      },
    };
  },
};

/** The log tells where it listens. @param {import('node:child_process').ChildProcess} server */
async function address(server) {
  let said = '';
  // The stream is read to its end, or the server would wait for it.
  const lines = createInterface({
    input: /** @type {import('node:stream').Readable} */ (server.stderr),
  });
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      said += `${line}\n`;
      const [, url] = /"url":"([^"]+)"/.exec(line) ?? [];
      if (url) resolve(url);
    });
    server.once('exit', () => reject(new Error(`graphwright serve ended: ${said}`)));
  });
}
