import { namedNode, Store } from 'oxigraph';
import { graph } from '../shop/terms.mjs';
import { read } from './embedded.mjs';
import { pieces } from './statements.mjs';
import { ownMemory } from './system.mjs';

/**
 * The engine by itself, in the thread that asks. The data is in the same named graph as Graphwright's and
 * queries take the union of graphs as the default graph, as Graphwright's do.
 * @type {import('./system.mjs').System}
 */
export const system = {
  named: true,
  async open() {
    const store = new Store();
    const options = { format: 'application/n-triples', to_graph_name: namedNode(graph) };
    return {
      loaded: false,
      async load(file) {
        for await (const piece of pieces(file, 2 ** 20)) store.load(piece, options);
      },
      query: async (text) => store.query(text, { use_default_graph_as_union: true }),
      update: async (text) => store.update(text),
      rows: (answer) => answer.map(rowOf),
      memory: ownMemory,
      close: async () => undefined,
    };
  },
};

const rowOf = (/** @type {Map<string, import('oxigraph').Term>} */ row) =>
  new Map([...row].map(([name, term]) => [name, read(term)]));
