import type { FastifyInstance } from 'fastify';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparqlText } from '../../src/ontology/sparql.ts';
import type { OntologyStore } from '../../src/ontology/store.ts';
import { server, type ServerConfiguration } from '../../src/server/server.ts';

/** An app over a real graph in memory; both are gone at the end of the block. */
export interface TestApp extends AsyncDisposable {
  app: FastifyInstance;
  store: OntologyStore;
}

/** Composes the app on a fresh graph, without workflows unless some are given. */
export async function testApp(parts: Partial<ServerConfiguration> = {}): Promise<TestApp> {
  const { store, close } = await openEmbedded({});
  const app = await server({ store, workflows: [], ...parts });
  return {
    app,
    store,
    async [Symbol.asyncDispose]() {
      await app.close();
      await close();
    },
  };
}

/** Two customers and a sentence that needs escaping in each format. */
export const sample = (store: OntologyStore) =>
  store.update(
    sparqlText(`PREFIX ex: <https://example.org/>
      INSERT DATA { GRAPH ex:people {
        ex:ada ex:name "Ada" ; ex:says "a, \\"b\\" <c>"@en .
        ex:bob ex:name "Bob" .
      } }`),
  );
