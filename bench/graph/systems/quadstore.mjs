import { ClassicLevel } from 'classic-level';
import { DataFactory } from 'n3';
import { Quadstore } from 'quadstore';
import { Engine } from 'quadstore-comunica';
import { comunica } from './comunica.mjs';
import { batches, statements } from './statements.mjs';
import { ownMemory } from './system.mjs';

/** quadstore over LevelDB, with its own build of Comunica. @type {import('./system.mjs').System} */
export const system = {
  named: false,
  async open(directory) {
    const backend = new ClassicLevel(directory);
    const store = new Quadstore({ backend, dataFactory: DataFactory });
    await store.open();
    const { items } = await store.get({}, { limit: 1 });
    return {
      loaded: items.length > 0,
      async load(file) {
        for await (const quads of batches(statements(file), 10_000)) await store.multiPut(quads);
      },
      ...comunica(new Engine(store), {}),
      memory: ownMemory,
      close: () => store.close(),
    };
  },
};
