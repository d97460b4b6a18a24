import { readFileSync } from 'node:fs';
import { Store } from 'n3';
import { Validator } from 'shacl-engine';
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../src/ontology/graph-builder.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { factory, gw, thing, type NamedNode, type Quad } from '../../src/ontology/terms.ts';
import { parseTurtle } from '../../src/ontology/turtle.ts';
import { coreVocabulary } from '../../src/ontology/vocabulary.ts';
import { feedbackKit } from '../support/feedback.ts';

const file = 'ontologies/shapes/core.ttl';
const shapes = parseTurtle(readFileSync(file, 'utf8'), file);
const validator = new Validator(new Store(shapes), { factory });

/** What the shapes find wrong, as the paths' local names. */
async function findings(quads: Iterable<Quad>): Promise<string[]> {
  const { results } = await validator.validate({ dataset: new Store([...quads]) });
  return results.map(({ path }) => path[0]!.predicates[0]!.value.replace(/.*#/, '')).toSorted();
}

describe('A9 what the workflows write', () => {
  test('conforms to the shapes, every branch of it', async () => {
    await using kit = await feedbackKit();
    await kit.handle();
    await kit.handle({ feedbackId: 'f-2', customerId: 'premium', sentiment: 'negative' });
    await kit.handle({ feedbackId: 'f-3', customerId: 'valuable', sendResponse: false });
    const quads = await kit.store.construct(
      sparql`CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }`,
    );
    const classes = new Set(
      quads
        .filter(({ predicate }) => predicate.value.endsWith('#type'))
        .map(({ object }) => object.value),
    );
    expect([...classes].toSorted()).toEqual(
      ['Customer', 'Feedback', 'Message', 'Ticket'].map((name) => gw(name).value),
    );
    expect(await findings(quads)).toEqual([]);
  });
});

describe('the shapes', () => {
  const good: Record<string, Record<string, string | number | boolean | Date | NamedNode>> = {
    Customer: {
      identifier: 'c',
      name: 'Ada',
      email: 'ada@example.org',
      segment: 'standard',
      lifetimeValue: 1.5,
    },
    Feedback: {
      identifier: 'f',
      subject: 's',
      text: 't',
      sentiment: 'neutral',
      sentimentScore: 0.1,
      sentimentConfidence: 0.2,
      category: 'bug',
      timestamp: new Date(0),
      providedBy: thing('customer', 'c'),
      action: 'no_action',
      responseSent: false,
    },
    Ticket: {
      identifier: 't',
      about: thing('feedback', 'f'),
      requestedBy: thing('customer', 'c'),
      subject: 's',
      priority: 'high',
      reason: 'r',
      status: 'open',
      openedAt: new Date(0),
    },
    Message: {
      identifier: 'm',
      messageId: 'm@x',
      inReplyTo: thing('feedback', 'f'),
      recipient: thing('customer', 'c'),
      subject: 's',
      template: 't',
      status: 'sent',
      sentAt: new Date(0),
    },
    Transaction: {
      identifier: 'x',
      madeBy: thing('customer', 'c'),
      amount: 1.5,
      currency: 'EUR',
      occurredAt: new Date(0),
      description: 'd',
    },
    Interaction: {
      identifier: 'i',
      interactedWith: thing('customer', 'c'),
      channel: 'phone',
      summary: 's',
      occurredAt: new Date(0),
    },
  };

  function build(name: string, leaveOut?: string): Quad[] {
    const { identifier, ...rest } = good[name]!;
    const builder = new GraphBuilder();
    const entity = builder.createEntity(name, { identifier: String(identifier) });
    for (const [property, value] of Object.entries(rest))
      if (typeof value === 'object' && 'termType' in value)
        builder.createRelationship(entity, property, value);
      else builder.addProperty(entity, property, value);
    return [...builder].filter(
      ({ predicate }) => !leaveOut || predicate.value !== gw(leaveOut).value,
    );
  }

  const required = (name: string) =>
    Object.keys(good[name]!).filter(
      (property) =>
        ![
          'lifetimeValue',
          'sentimentScore',
          'sentimentConfidence',
          'sentAt',
          'description',
          'summary',
        ].includes(property),
    );

  test.each(Object.keys(good))(
    'let a whole %s pass and name each part that is missing',
    async (name) => {
      expect(await findings(build(name))).toEqual([]);
      for (const property of required(name))
        expect(await findings(build(name, property)), property).toEqual([property]);
    },
  );

  test.each([
    ['Customer', 'segment', 'gold'],
    ['Customer', 'email', 'nowhere'],
    ['Feedback', 'sentiment', 'angry'],
    ['Feedback', 'category', 'weather'],
    ['Feedback', 'sentimentScore', '7'],
    ['Feedback', 'sentimentConfidence', '1.1'],
    ['Feedback', 'identifier', 'f/1'],
    ['Feedback', 'action', 'ignore'],
    ['Feedback', 'hasResponse', ''],
    ['Ticket', 'priority', 'soon'],
    ['Ticket', 'status', 'lost'],
    ['Message', 'status', 'lost'],
    ['Message', 'messageId', '<m@x>'],
    ['Transaction', 'currency', 'Euro'],
    ['Interaction', 'channel', ''],
  ])('refuse a %s whose %s is %s', async (name, property, value) => {
    const { range } = coreVocabulary().property(property);
    const quads = build(name, property);
    const wrong = factory.quad(quads[0]!.subject, gw(property), factory.literal(value, range));
    expect(await findings([...quads, wrong])).toEqual([property]);
  });

  test('refuse a second value where one is right, and a value of another type', async () => {
    const second = (property: string, object: Quad['object']) => [
      ...build('Feedback'),
      factory.quad(thing('feedback', 'f'), gw(property), object),
    ];
    expect(await findings(second('sentiment', factory.literal('positive')))).toEqual(['sentiment']);
    expect(await findings(second('category', factory.literal('legal')))).toEqual([]);
    expect(await findings(second('responseTime', factory.literal('today')))).toEqual([
      'responseTime',
    ]);
    expect(await findings(second('providedBy', factory.literal('c')))).toEqual([
      'providedBy',
      'providedBy',
    ]);
  });

  test('have a message each, and speak of terms that the vocabulary has', () => {
    const about = (predicate: string) =>
      shapes.filter((quad) => quad.predicate.value === `http://www.w3.org/ns/shacl#${predicate}`);
    expect(about('message')).toHaveLength(about('path').length);
    for (const { object } of about('path'))
      expect(() => coreVocabulary().property(object.value)).not.toThrow();
    for (const { object } of about('targetClass'))
      expect(() => coreVocabulary().class(object.value)).not.toThrow();
  });
});
