import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphwright, temporaryDirectory } from '../support/command.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
const at = (name: string) => join(directory.path, name);
beforeAll(async () => {
  directory = await temporaryDirectory();
  await writeFile(
    at('people.ttl'),
    '<urn:ann> <urn:name> "Ann"@en-GB ; <urn:age> "037"^^<urn:t> .\n',
  );
  await writeFile(at('more.nq.gz'), gzipSync('<urn:bob> <urn:name> "Bob" <urn:g> .\n'));
  await writeFile(at('unknown'), '{"@id":"urn:cyd","urn:name":"Cyd"}');
  await writeFile(at('wrong.nt'), '<urn:a> <urn:b> "x" .\n<urn:a> <urn:b> .\n');
});
afterAll(() => directory[Symbol.asyncDispose]());

const statements = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('<'))
    .toSorted();

describe('A27 graphwright load', () => {
  test('adds files of any format in one commit, each triple to a graph named after its file', async () => {
    const data = ['--data', at('data')];
    const files = ['people.ttl', 'more.nq.gz', 'unknown'].map(at);
    const { code, stdout } = await graphwright(['load', ...files, '--json', ...data]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      position: expect.any(Number),
      inserted: 4,
      files: [
        {
          file: at('people.ttl'),
          format: 'turtle',
          graph: 'urn:graphwright:graph:people',
          read: 2,
        },
        { file: at('more.nq.gz'), format: 'nquads', read: 1 },
        { file: at('unknown'), format: 'jsonld', read: 1 },
      ],
    });
    const all = [
      '<urn:ann> <urn:name> "Ann"@en-GB <urn:graphwright:graph:people> .',
      '<urn:ann> <urn:age> "037"^^<urn:t> <urn:graphwright:graph:people> .',
      '<urn:bob> <urn:name> "Bob" <urn:g> .',
      '<urn:cyd> <urn:name> "Cyd" .',
    ].toSorted();
    expect(statements((await graphwright(['export', ...data])).stdout)).toEqual(all);
    const again = await graphwright(['load', ...files, ...data]);
    expect(again.stdout).toMatch(/^0 new statements from .*people\.ttl, /);

    // What is exported in a format that holds graphs loads into another store as the same.
    for (const format of ['trig', 'jsonld']) {
      const output = at(`all.${format}`);
      const exported = await graphwright(['export', '--output', output, ...data]);
      expect(exported.stdout).toBe(`4 statements exported to ${output}\n`);
      const copy = ['--data', at(`copy-${format}`)];
      await graphwright(['load', output, '--quiet', ...copy]);
      expect(statements((await graphwright(['export', ...copy])).stdout), format).toEqual(all);
    }
  }, 60_000);

  test('reads standard input, and wants to be told its graph', async () => {
    const data = ['--data', at('stdin')];
    const options = { stdin: '<urn:a> <urn:b> <c> .' };
    expect(await graphwright(['load', '-', ...data], options)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--graph'),
    });
    const words = ['load', '-', '--graph', 'urn:g', '--base', 'http://e/', '--format', 'turtle'];
    expect(await graphwright([...words, ...data], options)).toMatchObject({ code: 0 });
    const { stdout } = await graphwright(['export', ...data]);
    expect(statements(stdout)).toEqual(['<urn:a> <urn:b> <http://e/c> <urn:g> .']);
  });

  test('names file, line and column of a mistake, and loads none of the files then', async () => {
    const data = ['--data', at('mistake')];
    const files = [at('people.ttl'), at('wrong.nt')];
    expect(await graphwright(['load', ...files, ...data])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`error invalid_data: ${at('wrong.nt')}:2:17: `),
    });
    expect(statements((await graphwright(['export', ...data])).stdout)).toEqual([]);
  });

  test.each([
    [['nowhere.ttl'], 4, 'No file nowhere.ttl'],
    [['.'], 2, 'not a file'],
    [['-', '--format', 'turtel'], 2, 'did you mean turtle?'],
    [['-', '--format', 'csv'], 2, 'csv is written, not read'],
    [['-', '--graph', 'g'], 2, 'IRI'],
    [[], 2, 'missing required argument'],
  ])('says what is wrong with %j', async (words, code, said) => {
    const { stderr, ...ended } = await graphwright(['load', ...words, '--data', at('refused')]);
    expect({ ...ended, stderr }).toMatchObject({ code, stderr: expect.stringContaining(said) });
  });
});

describe('A27 graphwright export', () => {
  const run = (...words: string[]) => graphwright([...words, '--data', at('formats')]);
  beforeAll(async () => {
    await run('load', at('people.ttl'));
  });

  test.each([
    ['turtle', '<urn:ann> <urn:age> "037"^^<urn:t>'],
    ['ntriples', '<urn:ann> <urn:name> "Ann"@en-GB .'],
    ['rdfxml', '<p:name xmlns:p="urn:" xml:lang="en-GB">Ann</p:name>'],
    ['jsonld', '{"@value":"Ann","@language":"en-GB"}'],
    ['csv', 'urn:ann,urn:name,Ann,urn:graphwright:graph:people\r\n'],
  ])('writes %s', async (format, text) => {
    const graph = 'urn:graphwright:graph:people';
    const { code, stdout } = await run('export', '--format', format, '--graph', graph);
    expect(code).toBe(0);
    expect(stdout.replaceAll(' ;\n    ', ' .\n<urn:ann> ')).toContain(text);
  });

  test('T33 a CSV cell that a spreadsheet would run is made text', async () => {
    const options = { stdin: '<urn:x> <urn:p> "=HYPERLINK(1)" .' };
    await graphwright(['load', '-', '--graph', 'urn:csv', '--data', at('formats')], options);
    const { stdout } = await run('export', '--graph', 'urn:csv', '--output', at('x.csv'), '--json');
    expect(JSON.parse(stdout)).toEqual({ output: at('x.csv'), format: 'csv', statements: 1 });
    expect(await readFile(at('x.csv'), 'utf8')).toBe(
      "s,p,o,g\r\nurn:x,urn:p,'=HYPERLINK(1),urn:csv\r\n",
    );
  });

  test('wants the graph named where a format holds only one', async () => {
    expect(await run('export', '--format', 'rdfxml')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--graph'),
    });
  });
});
