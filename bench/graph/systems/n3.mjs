import { QueryEngine } from '@comunica/query-sparql';
import { Store } from 'n3';
import { comunica } from './comunica.mjs';
import { statements } from './statements.mjs';
import { ownMemory } from './system.mjs';

/** N3.js's store in memory, asked through Comunica. @type {import('./system.mjs').System} */
export const system = {
  named: false,
  async open() {
    const store = new Store();
    return {
      loaded: false,
      async load(file) {
        for await (const quad of statements(file)) store.addQuad(quad);
      },
      ...comunica(new QueryEngine(), { sources: [store], destination: store }),
      memory: ownMemory,
      close: async () => undefined,
    };
  },
};
