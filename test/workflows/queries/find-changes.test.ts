import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { withRights } from '../../../src/ontology/rights/current-rights.ts';
import { sparqlText } from '../../../src/ontology/sparql.ts';
import { execute } from '../../../src/workflows/execute.ts';
import { loadQueryTemplates } from '../../../src/workflows/queries/load-templates.ts';
import type { AnyWorkflow } from '../../../src/workflows/workflow.ts';
import { mistakesIn } from '../../support/queries.ts';

const graph = 'urn:example:people';
const [name, age] = ['urn:example:name', 'urn:example:age'];

let embedded: Embedded;
let changes: AnyWorkflow;
beforeAll(async () => {
  embedded = await openEmbedded({ provenance: { level: 'statement' } });
  const { store } = embedded;
  const by = (who: string, text: string, at: string) =>
    store.update(sparqlText(text), {
      attribution: {
        id: `by-${who}`,
        workflow: 'keep_people',
        agent: { surface: 'http', name: who },
        startedAt: new Date(at),
        parameters: { for: who, password: 'of-ada-lovelace' },
      },
    });
  await by(
    'ada',
    `INSERT DATA { GRAPH <${graph}> { <urn:example:x> <${name}> "X"@en ; <${age}> 41 } }`,
    '2026-11-20T10:00:00Z',
  );
  await by(
    'bob',
    `DELETE DATA { GRAPH <${graph}> { <urn:example:x> <${age}> 41 } } ;
     INSERT DATA { GRAPH <${graph}> { <urn:example:x> <${age}> 42 } }`,
    '2026-11-21T10:00:00Z',
  );
  // Without a graph, an agent with a name, or a run.
  await store.update(sparqlText(`INSERT DATA { <urn:example:y> <${name}> "a ? <b> \\"c\\"" }`));
  const all = await loadQueryTemplates(['ontologies/queries'], { store });
  changes = all.find((workflow) => workflow.name === 'find_changes')!;
});
afterAll(() => embedded.close());

type Row = Record<string, unknown>;

const find = async (given: Row = {}) =>
  ((await execute(changes, given)) as { rows: Row[] }).rows.map(({ at, ...row }) => {
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT/);
    return row;
  });

const of = (who: string) => ({
  g: graph,
  work: 'keep_people',
  run: `urn:graphwright:run:by-${who}`,
  who,
  surface: 'http',
  parameters: `{"for":"${who}","password":"(hidden)"}`,
});

describe('A30 find_changes: who wrote or removed what', () => {
  test('tells of a thing what came and went, the newest first, by which run with which parameters', async () => {
    expect(await find({ subject: 'urn:example:x' })).toEqual([
      { change: 'removed', s: 'urn:example:x', p: age, o: 41, ...of('bob') },
      { change: 'written', s: 'urn:example:x', p: age, o: 42, ...of('bob') },
      { change: 'written', s: 'urn:example:x', p: age, o: 41, ...of('ada') },
      { change: 'written', s: 'urn:example:x', p: name, o: 'X', ...of('ada') },
    ]);
  });

  test.each([
    [{ property: age, change: 'removed' }, [41]],
    [{ value: '42' }, [42]],
    [{ value: 'X' }, ['X']],
    [{ value: 'a ? <b> "c"' }, ['a ? <b> "c"']],
    [{ value: '} DROP ALL #' }, []],
    [{ graph, property: name }, ['X']],
    [{ property: name }, ['a ? <b> "c"', 'X']],
    [{ since: '2100-01-01T00:00:00Z' }, []],
    [{ subject: 'urn:example:y', change: 'removed' }, []],
  ])('finds by %j', async (given, values) => {
    expect((await find(given)).map(({ o }) => o)).toEqual(values);
  });

  test('shows a caller with limited rights nothing, unless it may read provenance', async () => {
    const seen = (read: string[]) =>
      withRights({ read, write: [] }, () => find({ subject: 'urn:example:x' }));
    expect(await seen([graph])).toEqual([]);
    expect(await seen(['urn:graphwright:graph:provenance'])).toHaveLength(4);
  });

  test('triples within << and >> are refused in a template, with what to ask instead', () => {
    expect(mistakesIn('# A\nSELECT ?s { << ?s ?p ?o >> ?q ?r }')).toEqual([
      expect.stringContaining('ask SUBJECT(?t), PREDICATE(?t) and OBJECT(?t) of it'),
    ]);
  });
});
