import { Parser } from 'n3';
import type { DataFactory, Quad, Term } from '@rdfjs/types';
import type { Row } from '../store.ts';
import { factory } from '../terms.ts';

/** SPARQL 1.1 Query Results JSON Format. */
interface ResultsJson {
  boolean?: boolean;
  results?: { bindings: Record<string, TermJson>[] };
}

type TermJson =
  | { type: 'uri' | 'bnode'; value: string }
  | {
      type: 'literal';
      value: string;
      datatype?: string;
      'xml:lang'?: string;
      'its:dir'?: 'ltr' | 'rtl';
    }
  | { type: 'triple'; value: { subject: TermJson; predicate: TermJson; object: TermJson } };

/** What a query was answered, as it comes from the engine's thread: a long text as UTF-8. */
export type AnswerText = string | Uint8Array;

/** An answer as text. */
export const toText = (answer: AnswerText): string =>
  typeof answer === 'string' ? answer : new TextDecoder().decode(answer);

/** An answer as UTF-8. */
export const toBytes = (answer: AnswerText): Uint8Array =>
  typeof answer === 'string' ? Buffer.from(answer) : answer;

const results = (answer: AnswerText) => JSON.parse(toText(answer)) as ResultsJson;

/** The answer to a SELECT, as terms. */
export const rows = (answer: AnswerText): Row[] =>
  results(answer).results!.bindings.map((binding) =>
    Object.fromEntries(Object.entries(binding).map(([name, value]) => [name, term(value)])),
  );

/** The answer to an ASK. */
export const boolean = (answer: AnswerText): boolean => results(answer).boolean!;

/** Statements that came as N-Quads or N-Triples; blank nodes keep their labels. */
export const quads = (answer: AnswerText): Quad[] =>
  new Parser({ format: 'N-Quads', blankNodePrefix: '', factory }).parse(toText(answer));

function term(json: TermJson): Term {
  switch (json.type) {
    case 'uri':
      return factory.namedNode(json.value);
    case 'bnode':
      return factory.blankNode(json.value);
    case 'literal':
      return literal(json);
    case 'triple':
      return triple(json.value);
  }
}

function literal(json: TermJson & { type: 'literal' }): Term {
  const language = json['xml:lang'];
  const direction = json['its:dir'];
  if (language && direction)
    return (factory as DataFactory).literal(json.value, { language, direction });
  return factory.literal(json.value, language ?? factory.namedNode(json.datatype ?? xsdString));
}

function triple({ subject, predicate, object }: (TermJson & { type: 'triple' })['value']): Term {
  const [s, p, o] = [term(subject), term(predicate), term(object)];
  return factory.quad(s as Quad['subject'], p as Quad['predicate'], o as Quad['object']);
}

const xsdString = 'http://www.w3.org/2001/XMLSchema#string';
