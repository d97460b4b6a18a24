import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestApp } from '../server/apps.ts';

const run = promisify(execFile);
const python = '/usr/bin/python3';

let kit: TestApp;
let origin: string;
beforeAll(async () => {
  await install();
  kit = await testApp();
  await kit.app.listen({ host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${(kit.app.server.address() as AddressInfo).port}`;
});
afterAll(() => kit[Symbol.asyncDispose]());

/** Debian's packages; what is missing is installed, which needs root. */
async function install(): Promise<void> {
  const there = await run(python, ['-c', 'import SPARQLWrapper, rdflib']).then(
    () => existsSync('/usr/bin/curl'),
    () => false,
  );
  if (there) return;
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update'], quiet);
  const packages = ['curl', 'python3-sparqlwrapper', 'python3-rdflib'];
  await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], quiet);
}

const curl = async (...words: string[]) => {
  const { stdout } = await run('/usr/bin/curl', ['-sS', '--max-time', '20', ...words]);
  return stdout;
};

describe('A10 curl', () => {
  test('asks and updates as the protocol has it', async () => {
    const update = 'update=INSERT DATA { GRAPH <urn:curl> { <urn:s> <urn:p> "é & +" } }';
    expect(await curl('--data-urlencode', update, `${origin}/update`)).toBe('');
    const query = 'query=SELECT ?o { GRAPH <urn:curl> { ?s ?p ?o } }';
    const asked = ['--data-urlencode', query, '-H', 'Accept: text/csv', `${origin}/query`];
    expect(await curl(...asked)).toBe('o\r\né & +\r\n');
    expect(await curl('-G', ...asked)).toBe('o\r\né & +\r\n');
  });

  test('loads and reads graphs, several files at once too', async () => {
    const url = `${origin}/store?graph=urn:files`;
    expect(await curl('-T', 'ontologies/core.ttl', '-H', 'Content-Type: text/turtle', url)).toBe(
      '',
    );
    expect(await curl(url)).toContain('https://w3id.org/graphwright#');
    const parts = ['core', 'shapes/core'].flatMap((name) => [
      '-F',
      `file=@ontologies/${name}.ttl;type=text/turtle`,
    ]);
    expect(await curl(...parts, '-o', '/dev/null', '-w', '%{http_code}', url)).toBe('204');
  });

  test('saves what it has already', async () => {
    const head = await curl('-I', `${origin}/store?graph=urn:files`);
    const tag = /etag: ("[^"]+")/i.exec(head)![1]!;
    const status = ['-o', '/dev/null', '-w', '%{http_code}'];
    const url = `${origin}/store?graph=urn:files`;
    expect(await curl(...status, '-H', `If-None-Match: ${tag}`, url)).toBe('304');
    expect(await curl(...status, '-X', 'DELETE', '-H', 'If-Match: "x"', url)).toBe('412');
  });
});

describe('A10 Python', () => {
  test("SPARQLWrapper and rdflib's SPARQLUpdateStore read and write", async () => {
    const script = fileURLToPath(new URL('python-clients.py', import.meta.url));
    const { stdout } = await run(python, [script, origin]);
    expect(stdout).toBe('All is well\n');
  });
});
