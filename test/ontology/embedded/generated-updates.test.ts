import {
  array,
  assert,
  constantFrom,
  oneof,
  property,
  record,
  tuple,
  type Arbitrary,
} from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from '../../../src/ontology/embedded/engine.ts';
import { Evaluator, sparqlOf, type Operation, type Statement } from './evaluator.ts';

/** How many updates; `GRAPHWRIGHT_UPDATES=20000` is the long run. */
const updates = Number(process.env.GRAPHWRIGHT_UPDATES ?? 500);
const updatesInRun = 25;

const node = constantFrom('<x:a>', '<x:b>', '<x:c>', '<x:d>');
const predicate = constantFrom('<x:p>', '<x:q>');
const graph = constantFrom('<x:g1>', '<x:g2>', '<x:g3>');
const object = oneof(node, constantFrom('"text"', '"1"', '"été"@fr', '"} ; DROP ALL #"'));
const statement: Arbitrary<Statement> = tuple(
  oneof(graph, constantFrom('')),
  node,
  predicate,
  object,
);
const statements = array(statement, { minLength: 1, maxLength: 6 });

const operation: Arbitrary<Operation> = oneof(
  { arbitrary: record({ type: constantFrom('insert' as const), statements }), weight: 5 },
  { arbitrary: record({ type: constantFrom('delete' as const), statements }), weight: 2 },
  record({ type: constantFrom('swap' as const), graph }),
  record({ type: constantFrom('rename' as const), graph, from: node, to: node }),
  record({ type: constantFrom('deletewhere' as const), graph, predicate }),
  record({
    type: constantFrom('copy' as const, 'move' as const, 'add' as const),
    from: graph,
    to: graph,
  }),
  record({ type: constantFrom('clear' as const, 'drop' as const), graph }),
);

const contents = (engine: Engine) =>
  [...engine.pages()]
    .join('')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => {
      const [, s, p, o, g = ''] = /^(\S+) (\S+) (.*?)(?: (<[^<>\s]*>))? \.$/.exec(line)!;
      return [g, s, p, o].join(' ');
    })
    .toSorted();

test(
  `N5 ${updates} generated updates: the engine, the replay of its journal and a second evaluator agree`,
  { timeout: 30_000 + updates * 30 },
  () => {
    const request = array(operation, { minLength: 1, maxLength: 3 });
    const run = array(request, { minLength: updatesInRun, maxLength: updatesInRun });
    assert(
      property(run, (requests) => {
        const [writer, replayed, second] = [new Engine(), new Engine(), new Evaluator()];
        for (const operations of requests) {
          const { row } = writer.update({ text: operations.map(sparqlOf).join(' ;\n') });
          if (row) replayed.replay([row]);
          for (const each of operations) second.run(each);
          expect(contents(writer)).toEqual(second.contents);
        }
        expect(contents(replayed)).toEqual(second.contents);
      }),
      { numRuns: Math.ceil(updates / updatesInRun) },
    );
  },
);
