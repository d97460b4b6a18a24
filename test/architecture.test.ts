import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const order = [
  'base',
  'ontology',
  'integrations',
  'pipelines',
  'workflows',
  'agents',
  'server',
  'testing',
  'cli',
];
const heavy =
  /^(langchain|@langchain\/|@modelcontextprotocol\/|fastify$|@fastify\/|@comunica\/|@opentelemetry\/|prom-client$|oxigraph$|wink-)/;

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name));

/** The folder under src; files beside the folders are the base that every layer stands on. */
function layer(file: string): string {
  const [, first = ''] = normalize(file).split('/');
  return first === 'index.ts' ? 'cli' : first.endsWith('.ts') ? 'base' : first;
}

/** The modules a file loads as soon as it is loaded; types and import() are not among them. */
function imports(file: string): string[] {
  const statements = readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)\s(?!type\s)(?:[^;'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm,
  );
  return [...statements].map(([, specifier]) => specifier!);
}

const local = (file: string, specifier: string) => normalize(join(dirname(file), specifier));

test('each layer imports only from itself and the layers below it', () => {
  const wrong = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)]
      .map(([, specifier]) => local(file, specifier!))
      .filter((target) => order.indexOf(layer(target)) > order.indexOf(layer(file)))
      .map((target) => `${file} imports ${target}`),
  );
  expect(wrong).toEqual([]);
  expect(files.map(layer).filter((name) => !order.includes(name))).toEqual([]);
});

test('only the embedded store touches oxigraph', () => {
  const users = files.filter((file) => imports(file).includes('oxigraph'));
  expect(users.every((file) => file.startsWith('src/ontology/embedded/'))).toBe(true);
});

test('the root loads no LangChain, no Fastify, no Comunica, no Oxigraph and no language model', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const specifier of imports(file)) {
      if (specifier.startsWith('.')) visit(local(file, specifier));
      else packages.add(specifier);
    }
  };
  visit('src/index.ts');
  expect(seen.size).toBeGreaterThan(10);
  expect([...packages].filter((name) => heavy.test(name))).toEqual([]);
});

test('no time limit may be lost to the garbage collector', () => {
  const users = files.filter((file) => /AbortSignal\.timeout\(\w/.test(readFileSync(file, 'utf8')));
  expect(users).toEqual([]);
});
