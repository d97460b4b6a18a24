import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GraphBuilder, type EntityProperties } from '../../src/ontology/graph-builder.ts';
import type { LiteralValue } from '../../src/ontology/literals.ts';
import {
  factory,
  gw,
  iri,
  rdf,
  thing,
  xsd,
  type NamedNode,
  type Quad,
} from '../../src/ontology/terms.ts';
import { Vocabulary } from '../../src/ontology/vocabulary.ts';

const ada = { identifier: 'c-1', name: 'Ada', lifetimeValue: 12.5 };

/** The value of one property in the graph, as `lexical form^^datatype`. */
function valueOf(graph: Iterable<Quad>, property: string): string | undefined {
  const quad = [...graph].find(({ predicate }) => predicate.equals(gw(property)));
  if (quad?.object.termType !== 'Literal') return quad?.object.value;
  return `${quad.object.value}^^${quad.object.datatype.value.replace(/.*#/, '')}`;
}

const refuses = (message: RegExp) =>
  expect.objectContaining({ code: 'invalid_data', message: expect.stringMatching(message) });

describe('A9 the graph builder', () => {
  test('makes a thing with its class, its properties and an IRI that is always the same', () => {
    const graph = new GraphBuilder();
    const customer = graph.createEntity('Customer', ada);
    expect(customer).toEqual(thing('customer', 'c-1'));
    expect(new GraphBuilder().createEntity('Customer', ada)).toEqual(customer);
    expect([...graph]).toEqual([
      factory.quad(customer, rdf('type'), gw('Customer')),
      factory.quad(customer, gw('identifier'), factory.literal('c-1', xsd('string'))),
      factory.quad(customer, gw('name'), factory.literal('Ada', xsd('string'))),
      factory.quad(customer, gw('lifetimeValue'), factory.literal('12.5', xsd('decimal'))),
    ]);
  });

  test('leaves out what is undefined, and takes several values', () => {
    const graph = new GraphBuilder();
    graph.createEntity('Feedback', {
      identifier: 'f',
      text: undefined,
      category: ['bug', 'legal'],
    });
    const values = [...graph].map(({ object }) => object.value);
    expect(values).toEqual([gw('Feedback').value, 'f', 'bug', 'legal']);
  });

  test('holds each statement once', () => {
    const graph = new GraphBuilder();
    const customer = graph.createEntity('Customer', ada);
    const { size } = graph;
    graph.createEntity('Customer', ada);
    graph.addProperty(customer, 'name', 'Ada');
    expect(graph.size).toBe(size);
    graph.addProperty(customer, 'name', factory.literal('Ada', 'en'));
    graph.addProperty(customer, 'name', factory.literal('Ada', 'de'));
    expect(graph.size).toBe(size + 2);
    expect([...graph]).toHaveLength(graph.size);
  });

  test('links things', () => {
    const graph = new GraphBuilder();
    const customer = graph.createEntity('Customer', ada);
    const feedback = graph.createEntity('Feedback', { identifier: 'f' });
    graph.createRelationship(feedback, 'providedBy', customer);
    expect(valueOf(graph, 'providedBy')).toBe('urn:graphwright:customer:c-1');
  });

  test('describes a thing of another graph, of which only the IRI is known', () => {
    const graph = new GraphBuilder();
    const feedback = thing('feedback', 'f-9');
    graph.addProperty(feedback, 'action', 'escalate');
    graph.createRelationship(feedback, 'providedBy', thing('customer', 'c-9'));
    expect(graph.size).toBe(2);
  });

  test('keeps whatever an identifier holds inside the IRI', () => {
    const customer = new GraphBuilder().createEntity('Customer', {
      identifier: 'x" . } ; DROP ALL #',
    });
    expect(customer.value).toBe('urn:graphwright:customer:x%22%20.%20%7D%20%3B%20DROP%20ALL%20%23');
  });
});

describe('A9 the datatype is the one that the property asks for', () => {
  test.each<[string, string, LiteralValue, string]>([
    ['Customer', 'lifetimeValue', 12.5, '12.5^^decimal'],
    ['Customer', 'lifetimeValue', 12, '12^^decimal'],
    ['Customer', 'lifetimeValue', '12.50', '12.50^^decimal'],
    ['Customer', 'lifetimeValue', 1e21, '1000000000000000000000^^decimal'],
    ['Customer', 'lifetimeValue', -1.25e-7, '-0.000000125^^decimal'],
    ['Feedback', 'sentimentScore', 1, '1^^double'],
    ['Feedback', 'sentimentScore', -1.25e-7, '-1.25e-7^^double'],
    ['Feedback', 'responseSent', false, 'false^^boolean'],
    ['Feedback', 'timestamp', new Date(0), '1970-01-01T00:00:00.000Z^^dateTime'],
    ['Feedback', 'timestamp', '2026-01-31T09:30:00+01:00', '2026-01-31T09:30:00+01:00^^dateTime'],
    ['Feedback', 'text', factory.literal('Gut', 'de'), 'Gut^^langString'],
    ['Feedback', 'text', '12', '12^^string'],
  ])('%s %s %s', (className, property, value, expected) => {
    const graph = new GraphBuilder();
    graph.createEntity(className, { identifier: 'i', [property]: value });
    expect(valueOf(graph, property)).toBe(expected);
  });

  test('loses no digit of any number', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(finite, (number) => {
        const graph = new GraphBuilder();
        graph.createEntity('Customer', { identifier: 'i', lifetimeValue: number });
        graph.createEntity('Feedback', { identifier: 'i', sentimentScore: number });
        const [decimal, double] = ['lifetimeValue', 'sentimentScore'].map(
          (property) => valueOf(graph, property)!.split('^^')[0],
        );
        expect(decimal).toMatch(/^-?\d+(\.\d+)?$/);
        // RDF decimals have no negative zero.
        expect([decimal, double].map(Number)).toEqual([number || 0, number || 0]);
      }),
    );
  });
});

describe('A9 the graph builder refuses', () => {
  test.each<[string, string, string, unknown, RegExp]>([
    [
      'a text for a number',
      'Customer',
      'lifetimeValue',
      'much',
      /lifetimeValue.*xsd:decimal.*"much".*12\.50/,
    ],
    ['not a number', 'Customer', 'lifetimeValue', Number.NaN, /xsd:decimal.*NaN/],
    ['an endless number', 'Feedback', 'sentimentScore', Infinity, /xsd:double.*Infinity/],
    ['a number for a text', 'Feedback', 'text', 12, /xsd:string.*12/],
    ['a date for a text', 'Feedback', 'text', new Date(0), /xsd:string/],
    ['a date for a number', 'Customer', 'lifetimeValue', new Date(0), /xsd:decimal/],
    ['a text for a truth value', 'Feedback', 'responseSent', 'yes', /xsd:boolean.*"yes".*true/],
    ['no date', 'Feedback', 'timestamp', new Date(Number.NaN), /xsd:dateTime.*Invalid Date/],
    ['a day for a time', 'Feedback', 'timestamp', '2026-01-31', /xsd:dateTime.*T09:30:00Z/],
    ['a day that never was', 'Feedback', 'timestamp', '2026-02-30T09:30:00Z', /xsd:dateTime/],
    [
      'an offset that never was',
      'Feedback',
      'timestamp',
      '2026-01-31T09:30:00+23:00',
      /xsd:dateTime/,
    ],
    ['half of a surrogate pair', 'Feedback', 'text', 'a\ud800', /xsd:string/],
    [
      'a literal of another type',
      'Feedback',
      'text',
      factory.literal('1', xsd('integer')),
      /xsd:string/,
    ],
    [
      'a literal that lies',
      'Customer',
      'lifetimeValue',
      factory.literal('x', xsd('decimal')),
      /decimal/,
    ],
    ['an IRI for a text', 'Feedback', 'text', iri('urn:x'), /xsd:string.*urn:x/],
    ['null', 'Feedback', 'text', null, /xsd:string.*null/],
    [
      'a text for a thing',
      'Feedback',
      'providedBy',
      'c-1',
      /providedBy.*"c-1".*createRelationship/,
    ],
    [
      'a property of another class',
      'Ticket',
      'lifetimeValue',
      1,
      /lifetimeValue belongs to a Customer, not to a Ticket/,
    ],
    [
      'a shared property of others',
      'Customer',
      'subject',
      's',
      /Feedback or Ticket or Message, not to a Customer/,
    ],
    [
      'an unknown property',
      'Customer',
      'nmae',
      'Ada',
      /Unknown property nmae; did you mean name\?/,
    ],
    [
      'an unknown class',
      'Custmer',
      'name',
      'Ada',
      /Unknown class Custmer; did you mean Customer\?/,
    ],
    ['no identifier', 'Customer', 'identifier', undefined, /identifier.*not empty/],
    ['an empty identifier', 'Customer', 'identifier', '', /identifier.*not empty/],
    ['a number as identifier', 'Customer', 'identifier', 7, /identifier.*not empty, not 7/],
  ])('%s', (_, className, property, value, message) => {
    const properties = { identifier: 'i', [property]: value } as EntityProperties;
    expect(() => new GraphBuilder().createEntity(className, properties)).toThrow(refuses(message));
  });

  test('a link where a value belongs, and one to the wrong class of thing', () => {
    const graph = new GraphBuilder();
    const customer = graph.createEntity('Customer', ada);
    const ticket = graph.createEntity('Ticket', { identifier: 't' });
    const link = (from: NamedNode, property: string, to: NamedNode) => () =>
      graph.createRelationship(from, property, to);
    expect(link(customer, 'name', ticket)).toThrow(refuses(/name holds a value.*addProperty/));
    expect(link(ticket, 'about', customer)).toThrow(
      refuses(/about points to a Feedback, not to a Customer/),
    );
    expect(link(customer, 'about', customer)).toThrow(refuses(/about belongs to a Ticket/));
  });

  test('when it compiles: a link as a property, and a thing without an identifier', () => {
    const graph = new GraphBuilder();
    const wrong = () => {
      // @ts-expect-error an identifier is needed
      graph.createEntity('Customer', { name: 'Ada' });
      // @ts-expect-error a thing is linked by createRelationship
      graph.createEntity('Feedback', { identifier: 'f', providedBy: thing('customer', 'c-1') });
    };
    expect(wrong).toThrow(refuses(/identifier/));
  });
});

describe('A9 the graph builder with a vocabulary of an author', () => {
  const vocabulary = Vocabulary.fromTurtle(`
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    @prefix shop: <https://shop.example/> .
    shop:Product a owl:Class . shop:GiftBundle a owl:Class ; rdfs:subClassOf shop:Product .
    shop:identifier a owl:DatatypeProperty .
    shop:stock a owl:DatatypeProperty ; rdfs:domain shop:Product ; rdfs:range xsd:nonNegativeInteger .
    shop:weight a owl:DatatypeProperty ; rdfs:range rdfs:Literal .
    shop:shape a owl:DatatypeProperty ; rdfs:range shop:polygon .
    shop:partOf a owl:ObjectProperty ; rdfs:domain shop:Product ; rdfs:range shop:Product .`);

  test('takes properties and links from a superclass, and names by class', () => {
    const graph = new GraphBuilder(vocabulary);
    const bundle = graph.createEntity('GiftBundle', { identifier: 'b', stock: 3, weight: 1.5 });
    expect(bundle.value).toBe('urn:graphwright:gift-bundle:b');
    graph.createRelationship(bundle, 'partOf', bundle);
    const types = [...graph].flatMap(({ object }) =>
      object.termType === 'Literal' ? [object.datatype.value.replace(/.*#/, '')] : [],
    );
    expect(types).toEqual(['string', 'nonNegativeInteger', 'decimal']);
  });

  test('refuses what does not fit its ranges', () => {
    const add = (properties: object) => () =>
      new GraphBuilder(vocabulary).createEntity('Product', { identifier: 'p', ...properties });
    expect(add({ stock: -1 })).toThrow(refuses(/xsd:nonNegativeInteger, not "-1".* 12/));
    expect(add({ stock: 1.5 })).toThrow(refuses(/xsd:nonNegativeInteger, not "1.5"/));
    expect(add({ shape: 5 })).toThrow(refuses(/<https:\/\/shop\.example\/polygon>, not "5"/));
  });
});
