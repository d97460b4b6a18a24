import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../src/errors.ts';
import { attributed } from '../../src/ontology/attribution.ts';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { begin, currentPlace } from '../../src/telemetry.ts';
import { execute } from '../../src/workflows/execute.ts';
import { Scripted } from '../conformance/runs.ts';
import { tracedToMemory } from '../support/spans.ts';

describe('spans of a run', () => {
  test('without tracing nothing is described, and there is no place in a trace', () => {
    let described = 0;
    const seen = begin(() => {
      described += 1;
      return { kind: 'run', name: 'x', attributes: {} };
    });
    expect([seen, described, currentPlace()]).toEqual([undefined, 0, undefined]);
  });

  test('hold its steps, and these their queries', async () => {
    await using spans = await tracedToMemory();
    const { store, close } = await openEmbedded({});
    const look = new Scripted('look_up', (run) =>
      run.step('find', async () => {
        await store.update(sparql`INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> <urn:c> } }`);
        const rows = await store.select(sparql`SELECT ?s { ?s ?p ?o }`);
        return rows.length;
      }),
    );
    expect(await execute(look, {}, { runId: 'r-1', agent: { surface: 'http', name: 'Ada' } })).toBe(
      1,
    );
    await close();

    expect(spans.parentOf('SELECT')).toBe('step find');
    expect(spans.parentOf('update')).toBe('step find');
    expect(spans.parentOf('step find')).toBe('run look_up');
    expect(spans.parentOf('run look_up')).toBeUndefined();
    expect(spans.named('run look_up')).toMatchObject({
      kind: SpanKind.INTERNAL,
      attributes: {
        'graphwright.workflow': 'look_up',
        'graphwright.run.id': 'r-1',
        'graphwright.surface': 'http',
      },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(spans.named('step find').attributes).toEqual({
      'graphwright.step': 'find',
      'graphwright.workflow': 'look_up',
      'graphwright.run.id': 'r-1',
      'graphwright.attempts': 1,
    });
    expect(spans.named('SELECT')).toMatchObject({
      kind: SpanKind.CLIENT,
      attributes: {
        'db.system.name': 'oxigraph',
        'db.operation.name': 'SELECT',
        'db.response.returned_rows': 1,
      },
    });
  });

  test('tell each attempt that failed as an event, and the end', async () => {
    await using spans = await tracedToMemory();
    const busy = new GraphwrightError('unavailable', 'secret words');
    const stubborn = new Scripted('stubborn', (run) =>
      run.step(
        'call',
        ({ attempt }) => {
          if (attempt < 3) throw busy;
          return attempt;
        },
        { attempts: 3, backoff: { initial: 1 } },
      ),
    );
    expect(await execute(stubborn, {})).toBe(3);
    const { events, attributes } = spans.named('step call');
    expect(events.map(({ name, attributes: { 'error.type': type } = {} }) => [name, type])).toEqual(
      [
        ['attempt failed', 'unavailable'],
        ['attempt failed', 'unavailable'],
      ],
    );
    expect(attributes['graphwright.attempts']).toBe(3);
  });

  test('say by its code what a failure was', async () => {
    await using spans = await tracedToMemory();
    const fails = new Scripted('fails', (run) =>
      run.step('try', () => {
        throw new GraphwrightError('conflict', 'Ada Lovelace is here already');
      }),
    );
    await expect(execute(fails, {})).rejects.toMatchObject({ code: 'conflict' });
    for (const name of ['step try', 'run fails'])
      expect(spans.named(name)).toMatchObject({
        status: { code: SpanStatusCode.ERROR },
        attributes: { 'error.type': 'conflict' },
      });
    expect(told(spans.all())).not.toContain('Lovelace');
    spans.reset();
    await expect(execute(fails, { note: 5 as unknown as string })).rejects.toThrow('/note');
    expect(spans.named('run fails').attributes['error.type']).toBe('invalid_parameters');
  });

  test('a child of a run is a part of it, and items of a batch have one name', async () => {
    await using spans = await tracedToMemory();
    const child = new Scripted('child', () => 1);
    const parent = new Scripted('parent', async (run) => {
      await run.child(child, {});
      await run.batch(['a', 'b'], { name: 'each' }, (item) => item);
      return null;
    });
    await execute(parent, {});
    expect(spans.parentOf('run child')).toBe('run parent');
    expect(spans.all().filter(({ name }) => name === 'step each')).toHaveLength(2);
  });
});

describe('what somebody wrote', () => {
  const personal = 'ada@example.org';
  const work = async () => {
    const { store, close } = await openEmbedded({});
    const find = new Scripted('find_person', (run, { note }) =>
      run
        .step('find', () => store.select(sparql`SELECT ?s { ?s ?p ${note} }`))
        .then(() => {
          throw new GraphwrightError('not_found', `Nobody is called ${note}`);
        }),
    );
    const agent = { surface: 'program', name: personal };
    const attribution = { id: 'r', agent, startedAt: new Date() };
    await expect(
      attributed(attribution, () => execute(find, { note: personal })),
    ).rejects.toMatchObject({ code: 'not_found' });
    await close();
  };

  test('is in no span: no parameter, no text of a query, no name, no words of an error', async () => {
    await using spans = await tracedToMemory();
    await work();
    expect(spans.all().length).toBeGreaterThanOrEqual(3);
    expect(told(spans.all())).not.toContain(personal);
  });

  test('is in them where it is asked for', async () => {
    await using spans = await tracedToMemory({ content: true });
    await work();
    expect(spans.named('run find_person')).toMatchObject({
      attributes: { 'graphwright.run.parameters': `{"note":"${personal}"}` },
      status: { message: `Nobody is called ${personal}` },
    });
    expect(spans.named('SELECT').attributes['db.query.text']).toContain(personal);
  });
});

/** All that is exported of spans. */
const told = (spans: readonly object[]): string =>
  JSON.stringify(
    spans.map((span) => {
      const { name, attributes, events, status, links } = span as Record<string, unknown>;
      return { name, attributes, events, status, links };
    }),
  );
