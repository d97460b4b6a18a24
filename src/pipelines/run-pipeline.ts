import { GraphwrightError } from '../errors.ts';
import type { OntologyStore } from '../ontology/store.ts';
import type { NamedNode, Quad } from '../ontology/terms.ts';
import { parse } from '../parse.ts';
import type { Pipeline } from './pipeline.ts';

/** What a pipeline runs against. */
export interface PipelineContext {
  store: OntologyStore;
  signal?: AbortSignal;
  /** The run's clock. */
  now?: () => Date;
}

/** What a run changed: quads that are new in the graph, and quads that went. */
export interface PipelineResult {
  graph: NamedNode;
  inserted: number;
  removed: number;
}

/**
 * Runs a pipeline: parses the parameters, collects its quads, and makes them in one commit what the
 * graph says of their subjects. The same data again changes nothing.
 * @throws GraphwrightError `invalid_parameters`, `invalid_data` for a subject that is no IRI,
 * `cancelled`, or what the pipeline or the store threw; the graph is then as it was.
 */
export async function runPipeline<P extends Pipeline>(
  pipeline: P,
  input: P['parameters']['_zod']['input'],
  { store, signal = new AbortController().signal, now = () => new Date() }: PipelineContext,
): Promise<PipelineResult> {
  const { graph, name } = pipeline;
  try {
    const parameters = parse(pipeline.parameters, input, 'invalid_parameters', name);
    const quads = await collect(pipeline.run(parameters, { signal, now }), name, signal);
    if (quads.length === 0) return { graph, inserted: 0, removed: 0 };
    const parts = pipeline.parts(parameters);
    const { inserted, removed } = await store.replaceSubjects(graph, quads, { parts, signal });
    return { graph, inserted, removed };
  } catch (thrown) {
    throw GraphwrightError.from(thrown);
  }
}

async function collect(
  quads: Iterable<Quad> | AsyncIterable<Quad>,
  name: string,
  signal: AbortSignal,
): Promise<Quad[]> {
  const all: Quad[] = [];
  for await (const quad of quads) {
    if (signal.aborted) throw new GraphwrightError('cancelled', `${name} was cancelled`);
    if (quad.subject.termType !== 'NamedNode')
      throw new GraphwrightError(
        'invalid_data',
        `${name} describes a ${quad.subject.termType}; pipelines describe things that have an IRI`,
      );
    all.push(quad);
  }
  return all;
}
