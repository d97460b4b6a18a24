import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../../src/errors.ts';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { parseShapes } from '../../../src/ontology/shapes/parse-shapes.ts';
import { validate } from '../../../src/ontology/shapes/validate.ts';
import { sparqlText } from '../../../src/ontology/sparql.ts';
import { iri, namespace, xsd, type Quad } from '../../../src/ontology/terms.ts';
import { parseTurtle } from '../../../src/ontology/turtle.ts';

const ex = namespace('https://example.org/');
const prefixes = `
@prefix ex: <https://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
`;
const shapes = parseShapes(
  parseTurtle(
    `${prefixes}
ex:PersonShape a sh:NodeShape ; sh:targetClass ex:Person ;
  sh:property [ sh:path ex:name ; sh:datatype xsd:string ; sh:minCount 1 ; sh:maxCount 1 ] ;
  sh:property [ sh:path ex:age ; sh:datatype xsd:int ] ;
  sh:property [ sh:path ( ex:worksFor ex:country ) ; sh:maxCount 1 ] ;
  sh:property [ sh:path [ sh:inversePath ex:manages ] ; sh:nodeKind sh:IRI ; sh:maxCount 1 ] ;
  sh:property [ sh:path ex:nick ; sh:maxLength 5 ; sh:severity sh:Warning ] ;
  sh:property [ sh:path ex:friend ; sh:class ex:Person ] .
ex:TeamShape a sh:NodeShape ; sh:targetSubjectsOf ex:lead ;
  sh:property [ sh:path ex:member ; sh:node [ sh:property [ sh:path ex:badge ; sh:minCount 1 ] ] ] .
`,
    'shapes.ttl',
  ),
  'shapes.ttl',
);

const turtle = (text: string): Quad[] => parseTurtle(prefixes + text, 'data');
const graph = iri('https://example.org/graph');
const other = iri('https://example.org/other');

let embedded: Embedded;
beforeAll(async () => {
  embedded = await openEmbedded({ shapes });
});
afterAll(() => embedded.close());

async function refusal(write: Promise<unknown>): Promise<GraphwrightError> {
  const error = await write.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GraphwrightError)) throw new Error('The write was taken');
  return error;
}

interface Report {
  conforms: boolean;
  results: Record<string, unknown>[];
}

const insert = (text: string, into = graph) => embedded.store.insert(into, turtle(text));
const update = (text: string) =>
  embedded.store.update(sparqlText(`PREFIX ex: <https://example.org/> ${text}`));
const everything = async () =>
  (await embedded.store.select(sparqlText('SELECT ?s ?p ?o { ?s ?p ?o }'))).length;

describe('N4 a write that the shapes refuse', () => {
  test('rejects with the focus node, the path and the value, and leaves nothing behind', async () => {
    await insert('ex:ada a ex:Person ; ex:name "Ada" .');
    const { position } = await insert('ex:bob a ex:Person ; ex:name "Bob" .');
    const before = await everything();
    const error = await refusal(insert('ex:ada ex:name 7 . ex:cy a ex:Person .'));
    expect(error.code).toBe('shape_violation');
    expect(error.message).toMatch(/^https:\/\/example\.org\/\w+ https:\/\/example\.org\/name .*: /);
    const { conforms, results } = error.details!['report'] as Report;
    expect(conforms).toBe(false);
    expect(results).toContainEqual({
      focusNode: { type: 'uri', value: ex('ada').value },
      path: ex('name').value,
      value: { type: 'literal', value: '7', datatype: xsd('integer').value },
      severity: 'http://www.w3.org/ns/shacl#Violation',
      constraint: 'http://www.w3.org/ns/shacl#DatatypeConstraintComponent',
      shape: expect.stringMatching(/^_:/),
      message: `Must be a well-formed literal of <${xsd('string').value}>`,
    });
    expect(results.map(({ constraint }) => String(constraint).split('#')[1])).toEqual(
      expect.arrayContaining(['MinCountConstraintComponent', 'MaxCountConstraintComponent']),
    );
    expect(error.problems).toHaveLength(results.length);
    expect(await everything()).toBe(before);
    expect((await insert('ex:dot a ex:Person ; ex:name "Dot" .')).position).toBe(position + 1);
  });

  test('is refused whatever its kind, and a good one of that kind is taken', async () => {
    const { store } = embedded;
    await insert('ex:eve a ex:Person ; ex:name "Eve" .', other);
    const names = turtle('ex:eve ex:name "Eve" .');
    const codes = await Promise.all(
      [
        store.remove(other, names),
        store.replace(other, turtle('ex:eve a ex:Person .')),
        store.replaceSubjects(other, turtle('ex:eve a ex:Person .')),
        update('DELETE WHERE { GRAPH ?g { ex:eve ex:name ?name } }'),
        update('INSERT DATA { GRAPH ex:other { ex:eve ex:name "Eva" } }'),
      ].map(async (write) => (await refusal(write)).code),
    );
    expect(codes).toEqual(codes.map(() => 'shape_violation'));
    await store.replaceSubjects(other, turtle('ex:eve a ex:Person ; ex:name "Eva" .'));
    await update('DROP GRAPH ex:other');
    expect(await store.subject(ex('eve'))).toEqual([]);
  });

  test('is refused for what it does to nodes that it does not name itself', async () => {
    await insert(`
      ex:fay a ex:Person ; ex:name "Fay" ; ex:worksFor ex:acme ; ex:friend ex:gus .
      ex:gus a ex:Person ; ex:name "Gus" .
      ex:acme ex:country "NL" .
      ex:team ex:lead ex:fay ; ex:member ex:gus .
      ex:gus ex:badge 1 .
      ex:boss ex:manages ex:gus .`);
    const focus = async (write: Promise<unknown>) => {
      const { results } = (await refusal(write)).details!['report'] as Report;
      return results.map(({ focusNode }) => (focusNode as { value: string }).value);
    };
    expect(await focus(insert('ex:acme ex:country "BE" .'))).toEqual([ex('fay').value]);
    expect(await focus(insert('ex:rival ex:manages ex:gus .'))).toEqual([ex('gus').value]);
    expect(await focus(update('DELETE WHERE { GRAPH ?g { ex:gus ex:badge ?badge } }'))).toEqual([
      ex('team').value,
    ]);
    expect(await focus(update('DELETE WHERE { GRAPH ?g { ex:gus a ?class } }'))).toEqual([
      ex('fay').value,
    ]);
  });

  test('looks at nodes that a class becomes part of their shape by the class above it', async () => {
    await insert('ex:hal a ex:Employee .');
    const error = await refusal(insert('ex:Employee rdfs:subClassOf ex:Person .'));
    expect(error.message).toMatch('https://example.org/hal');
  });

  test('is taken with a mere warning', async () => {
    await insert('ex:ian a ex:Person ; ex:name "Ian" ; ex:nick "Iannissimo" .');
    const report = await validate(embedded.store, shapes);
    expect(report.results.map(({ severity }) => severity.value.split('#')[1])).toEqual(['Warning']);
  });

  test('sees literals as they were written: xsd:int holds, and xsd:integer does not', async () => {
    await insert('ex:jo a ex:Person ; ex:name "Jo" ; ex:age "05"^^xsd:int .');
    const error = await refusal(insert('ex:jo ex:age 6 .'));
    expect(error.message).toMatch('integer');
    const second = await refusal(insert('ex:jo ex:age "3000000000"^^xsd:int .'));
    expect(second.code).toBe('shape_violation');
  });

  test('harms no other write that is on its way at the same moment', async () => {
    const writes = Array.from({ length: 40 }, (_, n) =>
      n % 2
        ? insert(`ex:many${n} a ex:Person .`)
        : insert(`ex:many${n} a ex:Person ; ex:name "Many" .`),
    );
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.map(({ status }) => status)).toEqual(
      outcomes.map((_, n) => (n % 2 ? 'rejected' : 'fulfilled')),
    );
    const rows = await embedded.store.select(
      sparqlText(`SELECT ?s { ?s a <${ex('Person').value}> FILTER(CONTAINS(STR(?s), "many")) }`),
    );
    expect(rows).toHaveLength(20);
  });

  test('stays refused after the engine was replaced by a fresh one, and nothing of it is replayed', async () => {
    await embedded.store.snapshot();
    expect((await refusal(insert('ex:kim a ex:Person .'))).code).toBe('shape_violation');
    expect(await embedded.store.subject(ex('kim'))).toEqual([]);
  });
});

test('N4 what was wrong before there were shapes hinders only writes that touch it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'graphwright-shapes-'));
  try {
    const unchecked = await openEmbedded({ directory });
    await unchecked.store.insert(graph, turtle('ex:old a ex:Person . ex:new a ex:Person .'));
    await unchecked.close();
    const { store, close } = await openEmbedded({ directory, shapes });
    await store.insert(graph, turtle('ex:ada a ex:Person ; ex:name "Ada" .'));
    const error = await refusal(store.insert(graph, turtle('ex:old ex:age "5"^^xsd:int .')));
    expect(error.message).toMatch(/example\.org\/old .*at least 1 value$/);
    await store.insert(graph, turtle('ex:old ex:name "Old" .'));
    await close();
  } finally {
    await rm(directory, { recursive: true });
  }
});
