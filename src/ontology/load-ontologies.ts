import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { GraphwrightError } from '../errors.ts';
import { attributed, currentAttribution } from './attribution.ts';
import { skolemize } from './skolemize.ts';
import { operation } from './provenance/activity.ts';
import { sparql } from './sparql.ts';
import type { OntologyStore } from './store.ts';
import { graphName, gw, type NamedNode, type Quad } from './terms.ts';
import { parseTurtle } from './turtle.ts';

/** What became of one ontology file. */
export interface LoadedOntology {
  /** The path below the directory, with `/` between its parts. */
  file: string;
  status: 'loaded' | 'updated' | 'unchanged' | 'removed';
  inserted: number;
  removed: number;
}

const register = graphName('ontologies');

/** The named graph that an ontology file is kept in. */
export const ontologyGraph = (file: string): NamedNode =>
  graphName(`ontology/${file.replace(/\.ttl$/, '')}`);

/**
 * Brings the graph in line with the .ttl files below a directory. A file whose content has not changed
 * costs nothing; of a changed one only the difference is written; what came from a file that is gone is
 * removed.
 * @throws GraphwrightError `invalid_data` naming file, line and column of a mistake; nothing is written then.
 */
export async function loadOntologies(
  store: OntologyStore,
  directory: string,
): Promise<LoadedOntology[]> {
  const agent = currentAttribution()?.agent ?? { surface: 'program' };
  const load = operation('load_ontologies', agent, { directory });
  return attributed(load, () => bringInLine(store, directory));
}

async function bringInLine(store: OntologyStore, directory: string): Promise<LoadedOntology[]> {
  const hashes = await knownHashes(store);
  const files = await Promise.all(
    (await turtleFiles(directory)).map((file) => readOntology(directory, file, hashes)),
  );
  const loaded: LoadedOntology[] = [];
  for (const file of files) loaded.push(await write(store, file, hashes));
  const gone = [...hashes.keys()].filter((name) => !files.some(({ file }) => file === name));
  for (const file of gone) loaded.push(await write(store, { file, quads: [] }, hashes));
  return loaded;
}

interface OntologyFile {
  file: string;
  /** Absent when the file is gone. */
  hash?: string;
  /** Absent when the content is the one already loaded. */
  quads?: Quad[];
}

async function turtleFiles(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.name.endsWith('.ttl') && !entry.isDirectory())
      .map(({ parentPath, name }) => relative(directory, join(parentPath, name)))
      .map((name) => name.replaceAll('\\', '/'))
      .toSorted();
  } catch (cause) {
    throw new GraphwrightError('not_found', `No directory ${directory} to load ontologies from`, {
      cause,
    });
  }
}

async function readOntology(
  directory: string,
  file: string,
  hashes: ReadonlyMap<string, string>,
): Promise<OntologyFile> {
  const path = join(directory, file);
  const bytes = await readBytes(path);
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (hashes.get(file) === hash) return { file, hash };
  const text = new TextDecoder('utf-8', { fatal: true });
  try {
    return { file, hash, quads: parseTurtle(text.decode(bytes), path) };
  } catch (cause) {
    if (cause instanceof GraphwrightError) throw cause;
    throw new GraphwrightError('invalid_data', `${path}: not UTF-8 text`, { cause });
  }
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new GraphwrightError('unavailable', `The file ${path} cannot be read`, { cause });
  }
}

async function write(
  store: OntologyStore,
  { file, hash, quads }: OntologyFile,
  hashes: ReadonlyMap<string, string>,
): Promise<LoadedOntology> {
  if (!quads) return { file, status: 'unchanged', inserted: 0, removed: 0 };
  const graph = ontologyGraph(file);
  const blankNode = (digest: string) => ontologyGraph(`${file}/blank/${digest}`);
  const { inserted, removed } = await store.replace(graph, skolemize(quads, blankNode));
  await recordHash(store, graph, hash);
  const status = !hash ? 'removed' : hashes.has(file) ? 'updated' : 'loaded';
  return { file, status, inserted, removed };
}

async function recordHash(store: OntologyStore, graph: NamedNode, hash?: string): Promise<void> {
  const remove = sparql`DELETE WHERE { GRAPH ${register} { ${graph} ${gw('contentHash')} ?hash } }`;
  if (!hash) return void (await store.update(remove));
  const add = sparql`INSERT DATA { GRAPH ${register} { ${graph} ${gw('contentHash')} ${hash} } }`;
  await store.update(sparql`${remove} ; ${add}`);
}

async function knownHashes(store: OntologyStore): Promise<Map<string, string>> {
  const rows = await store.select(
    sparql`SELECT ?graph ?hash WHERE { GRAPH ${register} { ?graph ${gw('contentHash')} ?hash } }`,
  );
  const prefix = ontologyGraph('').value;
  return new Map(
    rows.map(({ graph, hash }) => [
      `${decodeURIComponent(graph!.value.slice(prefix.length))}.ttl`,
      hash!.value,
    ]),
  );
}
