import { readdir, readFile } from 'node:fs/promises';
import type { ResourceSource } from './resources.ts';

/** A query that is kept in ontologies/queries. */
export interface SavedQuery {
  name: string;
  /** What its first comment says it answers. */
  description: string;
  text: string;
}

const directory = new URL('../../../../ontologies/queries/', import.meta.url);

let queries: Promise<SavedQuery[]> | undefined;

/** The saved queries, by name; read when they are first needed. */
export const savedQueries = (): Promise<SavedQuery[]> => (queries ??= readQueries());

async function readQueries(): Promise<SavedQuery[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.rq')).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(new URL(file, directory), 'utf8');
      const description = /^#\s*(.*)$/m.exec(text)?.[1] ?? '';
      return { name: file.replace(/\.rq$/, ''), description, text };
    }),
  );
}

export const queryUri = (name: string) => `query://${name}`;

const mimeType = 'application/sparql-query';

/** The saved queries as `query://<name>`: SPARQL with a comment that says what it answers. */
export function queryResources(): ResourceSource {
  return {
    scheme: 'query:',
    list: async () =>
      (await savedQueries()).map(({ name, description }) => ({
        uri: queryUri(name),
        name,
        description,
        mimeType,
      })),
    async read({ hostname }) {
      const query = (await savedQueries()).find(({ name }) => name === hostname);
      return query && { mimeType, text: query.text };
    },
  };
}
