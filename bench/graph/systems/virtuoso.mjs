import { execFile } from 'node:child_process';
import { dirname, basename } from 'node:path';
import { promisify } from 'node:util';
import { graph } from '../shop/terms.mjs';
import { ask, change, memoryOf, rowsOf } from './http.mjs';
import { startVirtuoso } from './virtuoso-server.mjs';

const run = promisify(execFile);

/** Virtuoso 7 over HTTP. @type {import('./system.mjs').System} */
export const system = {
  named: true,
  async open(directory) {
    const { sqlPort, sparql, pid, stop } = await startVirtuoso(directory);
    const sql = (/** @type {string} */ text) =>
      run('isql-vt', [`127.0.0.1:${sqlPort}`, 'dba', 'dba', `exec=${text}`]);
    // Virtuoso keeps graphs of its own, which a query that names none would see.
    const query = (/** @type {string} */ text) =>
      ask(sparql, { query: text, 'default-graph-uri': graph });
    const found = await query('SELECT ?s { ?s a ?type } LIMIT 1');
    return {
      loaded: rowsOf(found).length > 0,
      async load(file) {
        await sql(`ld_dir('${dirname(file)}', '${basename(file)}', '${graph}');
rdf_loader_run(); checkpoint;`);
        const listed = `SELECT ll_error FROM DB.DBA.load_list WHERE ll_error IS NOT NULL;`;
        const { stdout } = await sql(listed);
        if (!stdout.includes('0 Rows')) throw new Error(`Virtuoso's loader: ${stdout}`);
      },
      query,
      update: (text) => change(sparql, text),
      rows: rowsOf,
      memory: () => memoryOf(pid),
      async close() {
        // A checkpoint, and the end; isql is cut off by it.
        await sql('shutdown;').catch(() => undefined);
        await stop();
      },
    };
  },
};
