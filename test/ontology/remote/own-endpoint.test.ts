import { afterAll, beforeAll } from 'vitest';
import { RemoteStore } from '../../../src/ontology/remote/remote-store.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import { storeConformance } from '../../conformance/store.ts';
import { testApp, type TestApp } from '../../server/apps.ts';

let running: TestApp;
let base: string;
beforeAll(async () => {
  running = await testApp({ apiKey: 'key-of-the-test' });
  base = await running.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => running[Symbol.asyncDispose]());

storeConformance(
  'RemoteStore over our own endpoint',
  async () => {
    await running.store.update(sparql`CLEAR ALL`);
    const store = new RemoteStore({
      query: `${base}/query`,
      update: `${base}/update`,
      credentials: { token: 'key-of-the-test' },
    });
    return { store, close: () => store.close() };
  },
  {
    'the WHERE is answered once, before anything changes: swapping leaves two triples':
      'the unnamed graph cannot be asked alone where it is a union',
    'deletions come before insertions': 'of an update only the net change is known',
  },
);
