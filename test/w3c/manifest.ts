import { namespace, rdf, rdfs, type Term } from '../../src/ontology/terms.ts';
import { base, Description, type Files } from './rdf.ts';

export const mf = namespace('http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#');
export const qt = namespace('http://www.w3.org/2001/sw/DataAccess/tests/test-query#');
export const ut = namespace('http://www.w3.org/2009/sparql/tests/test-update#');
const dawgt = namespace('http://www.w3.org/2001/sw/DataAccess/tests/test-dawg#');

/** One test of a manifest. */
export interface Entry {
  /** The manifest's folder and the test's own name: `sparql11/bind#bind01`. */
  id: string;
  /** `QueryEvaluationTest` and so on. */
  type: string;
  /** The manifest's file, which relative IRIs in requests are resolved against. */
  manifest: string;
  node: Term;
  action?: Term;
  result?: Term;
  /** Whether repeated rows may be left out, as REDUCED allows. */
  laxCardinality: boolean;
  description: Description;
}

/** The tests of a manifest and of those it includes, without those the working group withdrew. */
export function readManifest(files: Files, path: string): Entry[] {
  const manifest = base + path;
  const description = new Description(files.quads(manifest));
  const [node] = description.subjects(rdf('type'), mf('Manifest'));
  const included = description
    .all(node, mf('include'))
    .flatMap(({ value }) => readManifest(files, value.slice(base.length)));
  const folder = path.slice(path.indexOf('/') + 1, path.lastIndexOf('/'));
  const entries = description
    .all(node, mf('entries'))
    .filter((test) => description.text(test, dawgt('approval')) !== dawgt('Withdrawn').value)
    .map((test) => ({
      id: `${folder}#${test.value.split(/[#/]/).at(-1)}`,
      type: description.text(test, rdf('type'))!.split('#')[1]!,
      manifest,
      node: test,
      action: description.one(test, mf('action')),
      result: description.one(test, mf('result')),
      laxCardinality: description.one(test, mf('resultCardinality')) !== undefined,
      description,
    }));
  return [...included, ...entries];
}

/** The graphs that an action starts from or a result expects: the default one's files and the named ones'. */
export interface GraphFiles {
  default: string[];
  named: { name: string; file: string }[];
}

export function graphFiles({ description }: Entry, node: Term | undefined): GraphFiles {
  const values = (predicate: Term) => description.all(node, predicate);
  const files = [...values(qt('data')), ...values(ut('data'))].map(({ value }) => value);
  const named = [...values(qt('graphData')), ...values(ut('graphData'))].map((graph) => {
    const file = description.text(graph, ut('graph')) ?? graph.value;
    return { name: description.text(graph, rdfs('label')) ?? file, file };
  });
  return { default: files, named };
}
