import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cleanEnvironment,
  graphwright,
  temporaryDirectory,
  type Ended,
} from '../support/command.ts';

const insert = `PREFIX ex: <https://example.org/> INSERT DATA { GRAPH ex:g {
  ex:ada <https://w3id.org/graphwright#name> "Ada" ; ex:says "=1+1" .
  ex:bob <https://w3id.org/graphwright#name> "Bob\\u001B[31m" } }`;
const names = 'SELECT ?who ?name { ?who <https://w3id.org/graphwright#name> ?name } ORDER BY ?who';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let data: string;
let loaded: Ended;
beforeAll(async () => {
  directory = await temporaryDirectory();
  data = join(directory.path, 'data');
  loaded = await graphwright(['update', insert, '--data', data]);
});
afterAll(() => directory[Symbol.asyncDispose]());

const query = (...words: string[]) => graphwright(['query', ...words, '--data', data]);

describe('graphwright query', () => {
  test('answers programs in JSON', async () => {
    const { code, stdout, stderr } = await query(names);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout).results.bindings[0].name.value).toBe('Ada');
  });

  test('shows people a table that no stored text can take over', async () => {
    const { stdout } = await query('SELECT ?p ?o { ?s ?p ?o } ORDER BY ?o', '--format', 'table');
    expect(stdout).toMatch(/gw:name +Ada/);
    expect(stdout).toMatch(/gw:name +Bob \[31m/);
    expect(stdout).not.toContain('\u001b');
  });

  test('T33 writes CSV whose cells no spreadsheet carries out', async () => {
    const { stdout } = await query(
      'SELECT ?x { ?s <https://example.org/says> ?x }',
      '--format',
      'csv',
    );
    expect(stdout.split(/\r?\n/)).toEqual(['x', "'=1+1", '']);
  });

  test.each([
    ['tsv', '"Ada"'],
    ['xml', '<literal>Ada</literal>'],
  ])('writes %s', async (format, content) => {
    expect((await query(names, '--format', format)).stdout).toContain(content);
  });

  test.each(['turtle', 'ntriples', 'json'])('writes a graph for %s', async (format) => {
    const { code, stdout } = await query(
      'CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }',
      '--format',
      format,
    );
    expect(code).toBe(0);
    expect(stdout).toContain('https://example.org/ada');
  });

  test('says true in a word', async () => {
    expect((await query('ASK {}', '--format', 'table')).stdout).toBe('true\n');
  });

  test('reads from a file and from standard input', async () => {
    const file = join(directory.path, 'names.rq');
    await writeFile(file, names);
    const asked = (await query(names)).stdout;
    expect(asked).toContain('Ada');
    expect((await query('--file', file)).stdout).toBe(asked);
    const piped = await graphwright(['--data', data, 'query'], { stdin: names });
    expect(piped.stdout).toBe(asked);
  });

  test.each([
    [['SELECT {'], 2, 'invalid_query'],
    [['DROP ALL'], 2, 'invalid_query'],
    [['SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }'], 3, 'forbidden'],
    [['ASK {}', '--format', 'tabel'], 2, 'did you mean table?'],
    [['ASK {}', '--format', 'constructor'], 2, 'invalid_parameters'],
    [['--file', 'nowhere.rq'], 2, 'nowhere.rq cannot be read'],
  ])('A15 refuses %j', async (words, code, message) => {
    const ended = await query(...words);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(message);
  });

  test('T20 refuses a text that is not UTF-8, and stores nothing of it', async () => {
    const file = join(directory.path, 'latin1.ru');
    await writeFile(
      file,
      'INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> "caf\u00e9" } }',
      'latin1',
    );
    const { code, stderr } = await graphwright(['update', '--file', file, '--data', data]);
    expect(code).toBe(2);
    expect(stderr).toContain('is not UTF-8');
    expect((await query('ASK { <urn:s> ?p ?o }', '--format', 'csv')).stdout).toBe('false\n');
  });

  test('is content with a reader that stops early', async () => {
    const numbers = Array.from({ length: 300 }, (_, index) => index).join(' ');
    const many = `SELECT * { VALUES ?a { ${numbers} } VALUES ?b { ${numbers} } }`;
    const child = spawn('node', ['dist/cli/main.js', 'query', many, '--data', data], {
      env: cleanEnvironment(),
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('graphwright update', () => {
  test('tells people what changed', () => {
    expect(loaded).toEqual({ code: 0, stdout: '3 quads inserted, 0 removed\n', stderr: '' });
  });

  test('tells programs what changed', async () => {
    const { stdout } = await graphwright([
      'update',
      'DELETE DATA { GRAPH <urn:g> { <urn:none> <urn:p> 1 } }',
      '--json',
      '--data',
      data,
    ]);
    expect(JSON.parse(stdout)).toEqual({
      position: expect.any(Number) as number,
      inserted: 0,
      removed: 0,
    });
  });

  test('A15 refuses a query, and LOAD', async () => {
    const asked = await graphwright(['update', 'ASK {}', '--data', data]);
    expect(asked).toMatchObject({ code: 2, stdout: '' });
    const refused = await graphwright([
      'update',
      'LOAD SILENT <http://127.0.0.1:1/>',
      '--data',
      data,
    ]);
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toMatch(/^error forbidden: /);
  });
});
