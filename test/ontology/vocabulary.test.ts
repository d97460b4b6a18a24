import { readFileSync } from 'node:fs';
import { Store } from 'n3';
import { describe, expect, test } from 'vitest';
import { gw, iri, owl, rdf, rdfs, xsd } from '../../src/ontology/terms.ts';
import { parseTurtle } from '../../src/ontology/turtle.ts';
import { coreVocabulary, Vocabulary } from '../../src/ontology/vocabulary.ts';

const prefixes = `
  @prefix owl: <http://www.w3.org/2002/07/owl#> .
  @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
  @prefix gw: <https://w3id.org/graphwright#> .
  @prefix shop: <https://shop.example/> .
  @prefix crm: <https://crm.example/terms#> .
`;

describe('A21 the core vocabulary', () => {
  const file = 'ontologies/core.ttl';
  const store = new Store(parseTurtle(readFileSync(file, 'utf8'), file));
  const { classes, properties } = coreVocabulary();

  test('says of each term in English what it is', () => {
    expect(classes.length).toBeGreaterThanOrEqual(7);
    expect(properties.length).toBeGreaterThanOrEqual(37);
    for (const term of [...classes, ...properties])
      for (const property of [rdfs('label'), rdfs('comment')]) {
        const [text, ...others] = store.getObjects(term.iri, property, null);
        expect(others, term.iri.value).toEqual([]);
        expect(text, term.iri.value).toMatchObject({ termType: 'Literal', language: 'en' });
      }
  });

  test('says of each property whose it is and what it holds', () => {
    const names = new Set(classes.map(({ iri: { value } }) => value));
    // A content hash is said of a graph, for which there is no class.
    const ownerless = properties.filter(({ domains }) => domains.size === 0);
    expect(ownerless.map(({ iri: property }) => property)).toEqual([gw('contentHash')]);
    for (const { iri: property, kind, range, domains } of properties) {
      for (const domain of domains) expect(names, property.value).toContain(domain);
      const space = kind === 'object' ? gw('') : xsd('');
      expect(range?.value.startsWith(space.value), property.value).toBe(true);
    }
  });

  test('is found from the built package too', async () => {
    const built = new URL('../../dist/ontology/vocabulary.js', import.meta.url).href;
    const { coreVocabulary: fromDist } = (await import(built)) as {
      coreVocabulary: typeof coreVocabulary;
    };
    expect(fromDist).not.toBe(coreVocabulary);
    expect(fromDist().properties).toEqual(properties);
  });

  test('is tied to schema.org, PROV-O and BFO', () => {
    expect([...coreVocabulary().class('Feedback').ancestors]).toEqual(
      expect.arrayContaining([
        gw('Record').value,
        'http://www.w3.org/ns/prov#Entity',
        'http://purl.obolibrary.org/obo/BFO_0000031',
        'https://schema.org/Comment',
      ]),
    );
    const parents = store.getObjects(gw('name'), rdfs('subPropertyOf'), null);
    expect(parents.map(({ value }) => value)).toEqual(['https://schema.org/name']);
  });

  test('tells its title, version and licence', () => {
    const [ontology] = store.getSubjects(rdf('type'), owl('Ontology'), null);
    const said = store.getQuads(ontology!, null, null, null);
    expect(said.map(({ predicate }) => predicate.value.replace(/.*[/#]/, '')).toSorted()).toEqual([
      'description',
      'license',
      'title',
      'type',
      'versionInfo',
    ]);
  });
});

describe('A9 a vocabulary', () => {
  test('finds terms by local name and by full IRI', () => {
    const customer = coreVocabulary().class('Customer');
    expect(customer).toMatchObject({ iri: gw('Customer'), label: 'customer' });
    expect(coreVocabulary().class(gw('Customer').value)).toBe(customer);
    expect(coreVocabulary().property('lifetimeValue')).toMatchObject({
      iri: gw('lifetimeValue'),
      label: 'lifetime value',
      kind: 'datatype',
      range: xsd('decimal'),
      domains: new Set([gw('Customer').value]),
    });
    expect(coreVocabulary().property('providedBy')).toMatchObject({
      kind: 'object',
      range: gw('Customer'),
    });
  });

  test('knows every class of a property that several share', () => {
    const classesOf = (name: string) =>
      [...coreVocabulary().property(name).domains].map((value) => value.replace(/.*#/, ''));
    expect(classesOf('subject')).toEqual(['Feedback', 'Ticket', 'Message']);
    expect(classesOf('occurredAt')).toEqual(['Transaction', 'Interaction']);
  });

  test.each([
    ['lifetimevalue', 'did you mean lifetimeValue?'],
    ['emial', 'did you mean email?'],
    ['gw:emial', 'did you mean email?'],
    [gw('emial').value, 'did you mean email?'],
    ['life time value', 'did you mean lifetimeValue?'],
    ['constructor', 'there are identifier, subject,'],
  ])('names the property nearest to %s', (name, advice) => {
    expect(() => coreVocabulary().property(name)).toThrow(
      expect.objectContaining({
        code: 'invalid_data',
        message: expect.stringContaining(`Unknown property ${name}; ${advice}`),
      }),
    );
  });

  test('names the class nearest to an unknown one', () => {
    expect(() => coreVocabulary().class('Custmer')).toThrow(
      'Unknown class Custmer; did you mean Customer?',
    );
  });
});

describe('A9 vocabularies of authors', () => {
  const core = readFileSync('ontologies/core.ttl', 'utf8');

  test('stand beside the core one, each with its own blank nodes', () => {
    const own = `${prefixes}
      shop:Product a owl:Class . shop:Bundle a owl:Class ; rdfs:subClassOf shop:Product .
      shop:Service a owl:Class .
      shop:sku a owl:DatatypeProperty ; rdfs:domain [ owl:unionOf ( shop:Product shop:Service ) ] .
      shop:bought a owl:ObjectProperty ; rdfs:domain gw:Customer ; rdfs:range shop:Product .`;
    const vocabulary = Vocabulary.fromTurtle(core, own);
    expect([...vocabulary.property('sku').domains]).toEqual([
      'https://shop.example/Product',
      'https://shop.example/Service',
    ]);
    expect(vocabulary.property('identifier').domains).toEqual(
      coreVocabulary().property('identifier').domains,
    );
    expect(vocabulary.class('Bundle').ancestors).toContain('https://shop.example/Product');
    expect(vocabulary.property('bought').range).toEqual(iri('https://shop.example/Product'));
  });

  test('may use a local name of ours, which goes on to mean ours', () => {
    const vocabulary = Vocabulary.fromTurtle(`${prefixes} shop:Customer a owl:Class .`, core);
    expect(vocabulary.class('Customer').iri).toEqual(gw('Customer'));
    expect(vocabulary.class('https://shop.example/Customer').iri.value).toBe(
      'https://shop.example/Customer',
    );
  });

  test('that share a local name must be told apart', () => {
    const vocabulary = Vocabulary.fromTurtle(
      `${prefixes} shop:Product a owl:Class . crm:Product a owl:Class .`,
    );
    expect(() => vocabulary.class('Product')).toThrow(
      'More than one class is called Product; write https://shop.example/Product or https://crm.example/terms#Product',
    );
    expect(vocabulary.class('https://crm.example/terms#Product').label).toBe('');
  });

  test('may have loops of superclasses and of lists', () => {
    const vocabulary = Vocabulary.fromTurtle(`${prefixes}
      @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
      shop:A a owl:Class ; rdfs:subClassOf shop:B . shop:B a owl:Class ; rdfs:subClassOf shop:A .
      shop:p a owl:DatatypeProperty ; rdfs:domain [ owl:unionOf _:l ] .
      _:l rdf:first shop:A ; rdf:rest _:l .`);
    expect(vocabulary.class('A').ancestors.size).toBe(2);
    expect([...vocabulary.property('p').domains]).toEqual(['https://shop.example/A']);
  });

  test('that are broken are refused by line and column', () => {
    expect(() => Vocabulary.fromTurtle(core, 'shop:A a owl:Class .')).toThrow('vocabulary 2:1:1: ');
  });
});
