import { parseShapes } from '../../src/ontology/shapes/parse-shapes.ts';
import { validate } from '../../src/ontology/shapes/validate.ts';
import { namespace, type Quad, type Term } from '../../src/ontology/terms.ts';
import { mf, type Entry } from './manifest.ts';
import type { Trial } from './language-tests.ts';
import type { Files } from './rdf.ts';
import { sameQuads } from './solutions.ts';
import { fill } from './surfaces.ts';

const sh = namespace('http://www.w3.org/ns/shacl#');
const sht = namespace('http://www.w3.org/ns/shacl-test#');

/** Validates quads in memory and the same in a store, and compares both reports with the expected one. */
export async function checkValidation({ entry, files, subject }: Trial): Promise<void> {
  const { description, action } = entry;
  const dataFile = description.text(action, sht('dataGraph'))!;
  const shapesFile = description.text(action, sht('shapesGraph'))!;
  const shapes = parseShapes(files.quads(shapesFile), shapesFile);
  await fill(subject, files, { default: [], named: [{ name: dataFile, file: dataFile }] });
  const expected = expectedReport(entry, files);
  const places = { quads: files.quads(dataFile), store: subject.store };
  for (const [place, data] of Object.entries(places)) {
    const report = await validate(data, shapes);
    const actual = essence(report.quads(), undefined, mentionsMessages(expected));
    if (!sameQuads(actual, expected))
      throw new Error(`${place}: expected ${show(expected)}, got ${show(actual)}`);
  }
}

function expectedReport({ node, manifest }: Entry, files: Files): Quad[] {
  const quads = files.quads(manifest);
  const stated = quads.find(
    ({ subject, predicate }) => subject.equals(node) && predicate.equals(mf('result')),
  );
  return essence(quads, stated!.object, true);
}

const mentionsMessages = (quads: readonly Quad[]): boolean =>
  quads.some(({ predicate }) => predicate.value === message);

/** What the suite compares; messages only where the test names one. */
const compared = [
  'conforms result focusNode resultPath value resultSeverity sourceConstraintComponent sourceShape',
].flatMap((names) => names.split(' ').map((name) => sh(name).value));
const message = sh('resultMessage').value;

/** A report without what may differ: its node, its results and the paths in these. */
function essence(quads: readonly Quad[], start: Term | undefined, messages: boolean): Quad[] {
  const about = (node: Term) => quads.filter(({ subject }) => subject.equals(node));
  const report = start ?? quads[0]!.subject;
  const results = about(report).filter(({ predicate }) => predicate.equals(sh('result')));
  const kept = [report, ...results.map(({ object }) => object)]
    .flatMap(about)
    .filter(
      ({ predicate: { value } }) => compared.includes(value) || (messages && value === message),
    );
  const nodes = kept.flatMap(({ predicate, object }) =>
    predicate.equals(sh('resultPath')) ? [object] : [],
  );
  const seen = new Set<string>();
  const paths: Quad[] = [];
  for (const node of nodes) {
    if (node.termType !== 'BlankNode' || seen.has(node.value)) continue;
    seen.add(node.value);
    const steps = about(node);
    paths.push(...steps);
    nodes.push(...steps.map(({ object }) => object));
  }
  return [...kept, ...paths];
}

const show = (quads: readonly Quad[]): string =>
  quads
    .map(({ predicate, object }) => `${predicate.value.replace(/.*[#/]/, '')} ${object.value}`)
    .join(', ')
    .slice(0, 900);
