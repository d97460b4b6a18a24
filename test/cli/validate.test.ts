import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { iri } from '../../src/ontology/terms.ts';
import { parseTurtle } from '../../src/ontology/turtle.ts';
import { graphwright, temporaryDirectory } from '../support/command.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let data: string;
let strict: string;
beforeAll(async () => {
  directory = await temporaryDirectory();
  data = join(directory.path, 'data');
  strict = join(directory.path, 'strict.ttl');
  const { store, close } = await openEmbedded({ directory: data });
  const quads = parseTurtle('<urn:s> a <urn:C> ; <urn:p> "long" .', 'data');
  await store.insert(iri('urn:g'), quads);
  await close();
  await writeFile(
    strict,
    `@prefix sh: <http://www.w3.org/ns/shacl#> .
    <urn:S> a sh:NodeShape ; sh:targetClass <urn:C> ; sh:property <urn:P> .
    <urn:P> a sh:PropertyShape ; sh:path <urn:p> ; sh:maxLength 3 .`,
  );
});
afterAll(() => directory[Symbol.asyncDispose]());

const run = (...words: string[]) => graphwright([...words, '--data', data]);

describe('N4 graphwright validate', () => {
  test("ends with 0 where the graph conforms to the toolkit's own shapes", async () => {
    const { code, stdout } = await run('validate');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'The graph conforms to its shapes\n' });
  });

  test('ends with 5 and names what is wrong, in words, JSON and Turtle', async () => {
    const words = await run('validate', '--shapes', strict);
    expect(words.code).toBe(5);
    expect(words.stdout).toBe(
      'Violation: urn:s urn:p "long": Must have at most 3 characters\n1 result\n',
    );
    const json = await run('validate', '--shapes', strict, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      conforms: false,
      results: [{ path: 'urn:p' }],
    });
    const turtle = await run('validate', '--shapes', strict, '--format', 'turtle');
    expect(turtle.stdout).toContain('sh:focusNode <urn:s>');
  });

  test('ends with 2 for an unknown format and for shapes that are not valid', async () => {
    const format = await run('validate', '--format', 'tutle');
    expect(format.code).toBe(2);
    expect(format.stderr).toContain('did you mean turtle?');
    const wrong = join(directory.path, 'wrong.ttl');
    await writeFile(wrong, '<urn:S> <http://www.w3.org/ns/shacl#targetClass> "C" .');
    const shapes = await run('validate', '--shapes', wrong);
    expect(shapes.code).toBe(2);
    expect(shapes.stderr).toContain(
      'wrong.ttl: sh:targetClass of shape <urn:S> is "C", not an IRI',
    );
  });
});

test("N4 the application holds writes to the toolkit's own shapes, unless it is told otherwise", async () => {
  const insert =
    'INSERT DATA { GRAPH <urn:g> { <urn:t> a <https://w3id.org/graphwright#Ticket> } }';
  const refused = await run('update', insert, '--json');
  expect(refused.code).toBe(5);
  expect(JSON.parse(refused.stderr)).toMatchObject({
    code: 'shape_violation',
    details: { report: { conforms: false } },
  });
  const env = { GRAPHWRIGHT_STORE_SHAPES: 'none' };
  expect(await graphwright(['update', insert, '--data', data], { env })).toMatchObject({
    code: 0,
  });
});
