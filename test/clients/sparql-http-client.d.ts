/** The part of sparql-http-client that tests use; the package has no types of its own. */
declare module 'sparql-http-client/*' {
  import type { Readable } from 'node:stream';
  import type { NamedNode, Quad, Term } from '@rdfjs/types';

  export default class Client {
    constructor(options: {
      endpointUrl: string;
      updateUrl?: string;
      storeUrl?: string;
      headers?: Record<string, string>;
    });
    query: {
      ask(query: string): Promise<boolean>;
      select(query: string): Promise<Record<string, Term>[]> & Readable;
      construct(query: string): Promise<Iterable<Quad>> & Readable;
      update(update: string): Promise<void>;
    };
    store: {
      get(graph: NamedNode): Readable;
      put(stream: Readable, options: { graph: NamedNode }): Promise<void>;
      post(stream: Readable, options: { graph: NamedNode }): Promise<void>;
    };
  }
}
