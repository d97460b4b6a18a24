import type { NamedNode, Quad } from '@rdfjs/types';
import type { Observation } from '../../telemetry.ts';
import { kinds, names, queryText, type QueryForm } from '../query-text.ts';
import type { Limited } from '../rights/rights.ts';
import type { Shapes } from '../shapes/shape.ts';
import type { ValidateOptions } from '../shapes/validate.ts';
import type { Violation } from '../shapes/violations.ts';
import type { Sparql } from '../sparql.ts';
import type {
  AnswerFormats,
  AnswerOptions,
  QueryOptions,
  SerializedAnswer,
  SubjectOptions,
} from '../store.ts';
import { iri } from '../terms.ts';
import type { DeferredRows } from './deferred-rows.ts';
import type { EngineQuery } from './engine.ts';
import type { ReadRequest } from './engine-worker.ts';
import type { LoadOperation } from './load-documents.ts';
import type { Readers } from './readers.ts';
import { boolean, quads, rows, toBytes, toText, type AnswerText } from './results.ts';
import type { Staging } from './staging.ts';
import type { Limits } from './thread.ts';

const json = 'application/sparql-results+json';
const ntriples = 'application/n-triples';

/** What a query of one form is answered in, and what is made of that. */
export interface Reading<Value> {
  form: QueryForm;
  format: string;
  read: (answer: AnswerText) => Value;
}

/** How the answer to each form of a query becomes values. */
export const readings = {
  select: { form: 'SELECT', format: json, read: rows },
  ask: { form: 'ASK', format: json, read: boolean },
  construct: { form: 'CONSTRUCT', format: ntriples, read: quads },
  describe: { form: 'DESCRIBE', format: ntriples, read: quads },
} as const;

/** What {@link StoreReads} works with. */
export interface StoreReadsConfiguration {
  readers: Readers;
  /** What the readers have not been told of yet. */
  written: DeferredRows;
  staging: Staging;
  /** In milliseconds, for those who name none. */
  timeout: number;
}

/** The reading half of the embedded store: asks readers that have everything which was acknowledged. */
export class StoreReads {
  readonly #configuration: StoreReadsConfiguration;

  constructor(configuration: StoreReadsConfiguration) {
    this.#configuration = configuration;
  }

  /**
   * Answers a query of one form as values.
   * @throws GraphwrightError `invalid_query`, for one of another form as well.
   */
  async values<Value>(
    query: Sparql,
    { form, format, read }: Reading<Value>,
    options: QueryOptions & Limited = {},
    seen?: Observation,
  ): Promise<Value> {
    const found = read(await this.#query({ ...queryText(query, form), format }, options));
    if (Array.isArray(found)) seen?.set({ 'db.response.returned_rows': found.length });
    return found;
  }

  /** Answers a query of any form in one of the formats. */
  async serialized(
    query: Sparql,
    formats: AnswerFormats,
    options: AnswerOptions & Limited = {},
    seen?: Observation,
  ): Promise<SerializedAnswer> {
    const { text, form } = queryText(query);
    seen?.set({ 'graphwright.query.form': form });
    const kind = kinds[form];
    const mediaType = kind === 'quads' ? formats.quads : formats.results;
    const found = await this.#query({ text, form, format: mediaType }, options);
    return { kind, mediaType, body: toBytes(found) };
  }

  async subject(
    subject: NamedNode,
    { signal, timeout, depth, limit, rights }: SubjectOptions & Limited = {},
  ): Promise<Quad[]> {
    const about = { iri: iri(subject.value).value, limits: { depth, limit } };
    const request: ReadRequest = { type: 'subject', ...about, rights };
    return quads(await this.#asked(request, { signal, timeout }));
  }

  async violations(shapes: Shapes, limits: ValidateOptions = {}): Promise<Violation[]> {
    const found = await this.#asked({ type: 'violations', shapes }, limits);
    return JSON.parse(toText(found)) as Violation[];
  }

  /** What an update's LOAD operations ask for. */
  async loads(text: string, base: string | undefined, limits: Limits): Promise<LoadOperation[]> {
    const found = await this.#acknowledged({ type: 'loads', text, base }, limits);
    return JSON.parse(toText(found)) as LoadOperation[];
  }

  #query(
    query: Pick<EngineQuery, 'text' | 'form' | 'format'>,
    { signal, timeout, unionDefaultGraph = true, ...options }: AnswerOptions & Limited,
  ): Promise<AnswerText> {
    const { dataset, base, limits, rights } = options;
    const request: ReadRequest = { type: 'query', ...query, unionDefaultGraph };
    // What is not said is not sent either: it costs as much as what is.
    if (dataset) request.dataset = names(dataset);
    if (base) request.base = base.value;
    if (limits) request.limits = limits;
    if (rights) request.rights = rights;
    return this.#asked(request, { signal, timeout });
  }

  /** Asks once what the calling step has written is committed as well. */
  async #asked(request: ReadRequest, limits: Limits): Promise<AnswerText> {
    await this.#configuration.staging.flush();
    return this.#acknowledged(request, limits);
  }

  #acknowledged(request: ReadRequest, limits: Limits): Promise<AnswerText> {
    const { readers, written, timeout: usual } = this.#configuration;
    const { signal, timeout = usual } = limits;
    written.flush();
    return readers.query(request, { signal, timeout });
  }
}
