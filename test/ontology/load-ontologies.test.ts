import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbedded, type Embedded } from '../../src/ontology/embedded/open-embedded.ts';
import { loadOntologies, ontologyGraph } from '../../src/ontology/load-ontologies.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { graphName, gw } from '../../src/ontology/terms.ts';
import { temporaryDirectory } from '../support/command.ts';

const prefix = '@prefix x: <http://x/> .\n';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let embedded: Embedded;

beforeEach(async () => {
  directory = await temporaryDirectory();
  embedded = await openEmbedded({});
});

afterEach(async () => {
  await embedded.close();
  await directory[Symbol.asyncDispose]();
});

async function write(file: string, text: string | Uint8Array): Promise<void> {
  const path = join(directory.path, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

const load = () => loadOntologies(embedded.store, directory.path);

/** What was done, a line a file: `core.ttl updated +1 -1`. */
const done = async () =>
  (await load()).map(
    ({ file, status, inserted, removed }) => `${file} ${status} +${inserted} -${removed}`,
  );

/** The position of the last write; a write of nothing does not move it. */
const position = async () =>
  (
    await embedded.store.update(
      sparql`DELETE DATA { GRAPH ${graphName('none')} { ${gw('a')} ${gw('b')} 1 } }`,
    )
  ).position;

const sizes = async () =>
  (await embedded.store.graphs()).map(
    ({ graph, quads }) => `${decodeURIComponent(graph.value)} ${quads}`,
  );

describe('A21 loading ontologies', () => {
  test('keeps each file in a graph of its own, with the hash of its content', async () => {
    await write('core.ttl', `${prefix}x:A a x:Class .`);
    await write('shapes/core.ttl', `${prefix}x:Shape x:of x:A ; x:and x:B .`);
    await write('queries/all.rq', 'SELECT * { ?s ?p ?o }');
    expect(await done()).toEqual(['core.ttl loaded +1 -0', 'shapes/core.ttl loaded +2 -0']);
    expect(await sizes()).toEqual([
      'urn:graphwright:graph:ontologies 2',
      'urn:graphwright:graph:ontology/core 1',
      'urn:graphwright:graph:ontology/shapes/core 2',
    ]);
    const hashes = await embedded.store.select(
      sparql`SELECT ?hash { ${ontologyGraph('core.ttl')} ${gw('contentHash')} ?hash }`,
    );
    expect(hashes.map(({ hash }) => hash!.value)).toEqual([expect.stringMatching(/^[\da-f]{64}$/)]);
  });

  test('changes nothing when nothing has changed', async () => {
    await cp('ontologies', directory.path, { recursive: true });
    const first = await load();
    const files = (await readdir('ontologies', { recursive: true }))
      .filter((name) => name.endsWith('.ttl'))
      .toSorted();
    expect(files).toEqual(expect.arrayContaining(['core.ttl', 'profiles.ttl', 'shapes/core.ttl']));
    expect(first.map(({ file, status }) => `${file} ${status}`)).toEqual(
      files.map((file) => `${file} loaded`),
    );
    const before = await position();
    expect(before).toBeGreaterThan(0);
    expect(await done()).toEqual(files.map((file) => `${file} unchanged +0 -0`));
    expect(await position()).toBe(before);
  });

  test('writes only the difference of a file that has changed', async () => {
    await write('a.ttl', `${prefix}x:A x:p 1, 2, 3 .`);
    await write('b.ttl', `${prefix}x:B x:p 1 .`);
    await load();
    await write('a.ttl', `${prefix}x:A x:p 1, 3, 4, 5 .`);
    expect(await done()).toEqual(['a.ttl updated +2 -1', 'b.ttl unchanged +0 -0']);
    await write('a.ttl', `# Another look only\n${prefix}x:A x:p 5, 4, 3, 1 .`);
    expect(await done()).toEqual(['a.ttl updated +0 -0', 'b.ttl unchanged +0 -0']);
    expect(await done()).toEqual(['a.ttl unchanged +0 -0', 'b.ttl unchanged +0 -0']);
  });

  test('leaves the blank nodes alone that an edit does not touch', async () => {
    const shapes = [
      '[ x:path x:a ; x:in ( 1 2 ) ]',
      '[ x:path x:b ]',
      '[ x:path x:c ; x:in ( 3 ) ]',
    ];
    const text = (parts: readonly string[]) => `${prefix}x:S x:property ${parts.join(',\n')} .`;
    await write('s.ttl', text(shapes));
    await load();
    await write('s.ttl', text(['[ x:path x:new ]', ...shapes]));
    expect(await done()).toEqual(['s.ttl updated +2 -0']);
    await write('s.ttl', text(shapes.toReversed()));
    expect(await done()).toEqual(['s.ttl updated +0 -2']);
    await write('s.ttl', text([shapes[0]!, '[ x:path x:b2 ]', shapes[2]!]));
    expect(await done()).toEqual(['s.ttl updated +2 -2']);
  });

  test('keeps blank nodes apart that say the same, also in loops', async () => {
    await write(
      'a.ttl',
      `${prefix}x:A x:p [ x:q 1 ], [ x:q 1 ], [], [] . _:l x:next _:m . _:m x:next _:l .`,
    );
    await write('b.ttl', `${prefix}x:A x:p [ x:q 1 ] .`);
    expect(await done()).toEqual(['a.ttl loaded +8 -0', 'b.ttl loaded +2 -0']);
    const held = await embedded.store.select(
      sparql`SELECT (COUNT(DISTINCT ?held) AS ?count) { <http://x/A> <http://x/p> ?held }`,
    );
    expect(held[0]!['count']!.value).toBe('5');
  });

  test('loads a long list', async () => {
    const items = Array.from({ length: 5000 }, (_, index) => index).join(' ');
    await write('long.ttl', `${prefix}x:A x:p ( ${items} ) .`);
    expect(await done()).toEqual(['long.ttl loaded +10001 -0']);
  });

  test('empties the graph of a file that is gone, and loads it under its new name', async () => {
    await write('old.ttl', `${prefix}x:A x:p 1, 2 .`);
    await load();
    await rename(join(directory.path, 'old.ttl'), join(directory.path, 'new name.ttl'));
    expect(await done()).toEqual(['new name.ttl loaded +2 -0', 'old.ttl removed +0 -2']);
    expect(await done()).toEqual(['new name.ttl unchanged +0 -0']);
    await rm(join(directory.path, 'new name.ttl'));
    expect(await done()).toEqual(['new name.ttl removed +0 -2']);
    expect(await sizes()).toEqual([]);
  });

  test('leaves what others wrote alone', async () => {
    await embedded.store.update(
      sparql`INSERT DATA { GRAPH ${graphName('customer_data')} { ${gw('a')} ${gw('b')} 1 } }`,
    );
    await write('a.ttl', `${prefix}x:A x:p 1 .`);
    await load();
    await rm(join(directory.path, 'a.ttl'));
    await load();
    expect(await sizes()).toEqual(['urn:graphwright:graph:customer_data 1']);
  });

  test('passes over a directory that is called like a file', async () => {
    await write('old.ttl/inside.ttl', `${prefix}x:A x:p 1 .`);
    expect(await done()).toEqual(['old.ttl/inside.ttl loaded +1 -0']);
  });
});

describe('A21 a broken ontology', () => {
  const refusal = async (code: string) => {
    const before = await position();
    const error = await load().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'GraphwrightError', code });
    expect(await position()).toBe(before);
    return (error as Error).message;
  };

  beforeEach(async () => {
    await write('a.ttl', `${prefix}x:A x:p 1 .`);
    await load();
    await write('a.ttl', `${prefix}x:A x:p 2 .`);
    await write('m.ttl', `${prefix}x:M x:p 1 .`);
  });

  test.each([
    [
      'of a prefix that nobody declared',
      `${prefix}x:A x:p y:B .`,
      'b.ttl:2:9: Undefined prefix "y:"',
    ],
    ['of a text that does not end', `${prefix}x:A x:p "b .`, 'b.ttl:2:9: Unexpected ""b"'],
    [
      'of an IRI that is not absolute',
      `${prefix}x:A x:p <b> .`,
      'b.ttl:2:9: Not an absolute IRI: "b"',
    ],
  ])(
    'is refused by file, line and column, and nothing is written, because %s',
    async (_, text, message) => {
      await write('sub/b.ttl', text);
      expect(await refusal('invalid_data')).toContain(`${join(directory.path, 'sub')}/${message}`);
      await write('sub/b.ttl', `${prefix}x:A x:p x:B .`);
      expect(await done()).toEqual([
        'a.ttl updated +1 -1',
        'm.ttl loaded +1 -0',
        'sub/b.ttl loaded +1 -0',
      ]);
    },
  );

  test('is refused when it is not UTF-8', async () => {
    await write('b.ttl', Buffer.from(`${prefix}x:A x:p "caf\u00e9" .`, 'latin1'));
    expect(await refusal('invalid_data')).toContain('b.ttl: not UTF-8 text');
  });

  test('is told from a directory that is missing, which removes nothing', async () => {
    await rm(directory.path, { recursive: true });
    expect(await refusal('not_found')).toContain(directory.path);
  });
});
