import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparqlText } from '../../src/ontology/sparql.ts';
import { graphwright, temporaryDirectory } from '../support/command.ts';

const one = '<urn:s> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#int> <urn:g> .';
const two = '<urn:s> <urn:p> "Colour"@en-GB <urn:h> .';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let data: string;
beforeAll(async () => {
  directory = await temporaryDirectory();
  data = join(directory.path, 'data');
  const { store, close } = await openEmbedded({ directory: data });
  await store.update(
    sparqlText(`INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#int> }
      GRAPH <urn:h> { <urn:s> <urn:p> "Colour"@en-GB } }`),
  );
  await close();
});
afterAll(() => directory[Symbol.asyncDispose]());

const run = (...words: string[]) => graphwright([...words, '--data', data]);
const statements = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('<'))
    .toSorted();

describe('A27 graphwright export', () => {
  test('writes every statement as it was written, to standard output or a file', async () => {
    const { code, stdout } = await run('export');
    expect(code).toBe(0);
    expect(statements(stdout)).toEqual([one, two].toSorted());
    const output = join(directory.path, 'out.nq');
    expect(await run('export', '--graph', 'urn:h', '--output', output)).toMatchObject({ code: 0 });
    expect(statements(await readFile(output, 'utf8'))).toEqual([two]);
  });

  test('says what is wrong with a graph that is no IRI and a file that cannot be written', async () => {
    expect(await run('export', '--graph', 'g')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('IRI'),
    });
    expect(await run('export', '--output', join(directory.path, 'no', 'out.nq'))).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('--output'),
    });
  });
});

describe('graphwright backup', () => {
  test('makes a directory that opens like any other, and overwrites none', async () => {
    const copy = join(directory.path, 'copy');
    expect(await run('backup', copy)).toMatchObject({ code: 0 });
    expect(statements((await graphwright(['export', '--data', copy])).stdout)).toEqual(
      [one, two].toSorted(),
    );
    expect(await run('backup', copy)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('error conflict'),
    });
    expect((await stat(join(copy, 'state.db'))).isFile()).toBe(true);
  });
});

describe('graphwright doctor', () => {
  test('says how far everything is sound', async () => {
    const { code, stdout } = await run('doctor', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ position: 1 });
  });

  test('names the first write that is not as it was written', async () => {
    const damaged = join(directory.path, 'damaged');
    await run('backup', damaged);
    const database = new Database(join(damaged, 'state.db'));
    database.exec("UPDATE journal SET inserted = replace(inserted, 'Colour', 'Color')");
    database.close();
    const { code, stderr } = await graphwright(['doctor', '--data', damaged]);
    expect(code).toBe(7);
    expect(stderr).toMatch(/^error store_damaged: .*\b1\b/);
  });
});
