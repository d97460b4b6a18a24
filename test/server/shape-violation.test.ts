import { expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { parseShapes } from '../../src/ontology/shapes/parse-shapes.ts';
import { parseTurtle } from '../../src/ontology/turtle.ts';
import { server } from '../../src/server/server.ts';

test('N4 a write that the shapes refuse is a 422 whose report names focus node, path and value', async () => {
  const shapes = `@prefix sh: <http://www.w3.org/ns/shacl#> .
    <urn:S> a sh:NodeShape ; sh:targetClass <urn:C> ; sh:property [ sh:path <urn:p> ; sh:maxLength 3 ] .`;
  const { store, close } = await openEmbedded({ shapes: parseShapes(parseTurtle(shapes, 's')) });
  const app = await server({ store, workflows: [] });
  try {
    const answer = await app.inject({
      method: 'POST',
      url: '/update',
      headers: { 'content-type': 'application/sparql-update' },
      payload: 'INSERT DATA { GRAPH <urn:g> { <urn:s> a <urn:C> ; <urn:p> "long" } }',
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({
      code: 'shape_violation',
      errors: [{ pointer: '/report/results/0' }],
      report: {
        conforms: false,
        results: [
          {
            focusNode: { type: 'uri', value: 'urn:s' },
            path: 'urn:p',
            value: { type: 'literal', value: 'long' },
          },
        ],
      },
    });
    expect(await store.graphs()).toEqual([]);
  } finally {
    await app.close();
    await close();
  }
});
