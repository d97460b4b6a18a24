// What the measurements share: medians, data, directories that go away, and rows for the table.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFactory } from 'n3';

const { namedNode, literal, quad } = DataFactory;

export const sorted = (values) => values.toSorted((a, b) => a - b);

/** The value that the given share of all values does not exceed. */
export const quantile = (values, share) =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))];

export const median = (values) => quantile(values, 0.5);

/** Milliseconds that an action takes. */
export async function timed(action) {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** A fresh directory for the length of an action. */
export async function inDirectory(action) {
  const directory = await mkdtemp(join(process.env.BENCH_DIR ?? tmpdir(), 'graphwright-bench-'));
  try {
    return await action(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export const graph = namedNode('http://example.org/graph');

/** One statement of its own for each number. */
export const statement = (number) =>
  quad(
    namedNode(`http://example.org/item/${number}`),
    namedNode('http://example.org/vocabulary#label'),
    literal(`Item number ${number}`),
    graph,
  );

/** Products with ten statements each, as N-Quads, so that both engines load the same text. */
export function* products(statements, name = graph.value) {
  const about = 'http://example.org/vocabulary#';
  const type = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#type';
  const xsd = 'http://www.w3.org/2001/XMLSchema#';
  for (let n = 0; n < statements / 10; n += 1) {
    const subject = `<http://example.org/product/${n}>`;
    const day = String((n % 28) + 1).padStart(2, '0');
    yield [
      `<${type}> <${about}Product${n % 20}>`,
      `<${about}label> "Product number ${n}"`,
      `<${about}comment> "A product of kind ${n % 50}, of which there are several in the list ${n % 977}"`,
      `<${about}maker> <http://example.org/maker/${n % 500}>`,
      `<${about}feature> <http://example.org/feature/${(n * 7) % 300}>`,
      `<${about}feature> <http://example.org/feature/${((n * 13) % 300) + 300}>`,
      `<${about}price> "${n % 2000}"^^<${xsd}integer>`,
      `<${about}stock> "${n % 97}"^^<${xsd}integer>`,
      `<${about}since> "2024-05-${day}"^^<${xsd}date>`,
      `<${about}similar> <http://example.org/product/${(n * 31) % Math.max(1, statements / 10)}>`,
    ]
      .map((rest) => `${subject} ${rest} <${name}> .`)
      .join('\n');
  }
}

/** Joins pieces into texts of about 1 MiB, which is what Oxigraph loads fastest. */
export function* chunked(pieces, characters = 1024 * 1024) {
  let text = '';
  for (const piece of pieces) {
    text += `${piece}\n`;
    if (text.length < characters) continue;
    yield text;
    text = '';
  }
  if (text) yield text;
}

/** Prints one measured ratio and whether it meets its target. */
export function report(name, ratio, target, detail) {
  const holds = target === undefined ? '' : target.test(ratio) ? ' holds' : ' MISSED';
  const wanted = target === undefined ? '' : ` (target ${target.text})`;
  console.log(`${name}: ${ratio.toFixed(2)}${wanted}${holds}; ${detail}`);
}

export const atMost = (limit) => ({ text: `at most ${limit}`, test: (value) => value <= limit });
export const atLeast = (limit) => ({ text: `at least ${limit}`, test: (value) => value >= limit });
export const ms = (value) => `${value.toFixed(3)} ms`;
