import { createReadStream } from 'node:fs';
import { graph } from '../shop/terms.mjs';
import { ownMemory } from './system.mjs';

/** Graphwright's store through its port, as a program uses it. @type {import('./system.mjs').System} */
export const system = { named: true, open: (directory, limit) => open({ directory }, limit) };

/**
 * @param {{ directory?: string }} where Without a directory, the journal is in memory.
 * @param {number} limit
 * @returns {Promise<import('./system.mjs').Running>}
 */
export async function open(where, limit) {
  const { openEmbedded, sparqlText } = await import('../../../dist/index.js');
  const { store, close } = await openEmbedded({ ...where, timeout: limit });
  const filled = sparqlText(`ASK { GRAPH <${graph}> { ?s ?p ?o } }`);
  return {
    loaded: await store.ask(filled),
    async load(file) {
      const { parseRdf } = await import('../../../dist/ontology/formats/parse-rdf.js');
      const options = /** @type {const} */ ({ name: file, format: 'ntriples', graph });
      await store.load(parseRdf(createReadStream(file), options));
    },
    async settle() {
      await store.snapshot();
    },
    query: (text) => store.select(sparqlText(text)),
    update: (text) => store.update(sparqlText(text)),
    rows: (answer) => answer.map(rowOf),
    memory: ownMemory,
    close,
  };
}

const rowOf = (/** @type {Record<string, import('@rdfjs/types').Term>} */ row) =>
  new Map(Object.entries(row).map(([name, term]) => [name, read(term)]));

/** @param {any} term */
export const read = ({ value, datatype, language }) => ({
  value,
  datatype: datatype?.value,
  language,
});
