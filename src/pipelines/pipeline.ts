import type { NamedNode, Quad } from '@rdfjs/types';
import type { z } from 'zod';

/** What one execution of a pipeline is given besides its parameters. */
export interface PipelineRun {
  readonly signal: AbortSignal;
  now(): Date;
}

/**
 * Turns what integrations know into RDF: `run()` yields quads and never touches the store.
 * Its runner, {@link runPipeline}, loads them into `graph` in one commit.
 */
export abstract class Pipeline<Configuration = unknown> {
  /** snake_case; the route and the command. */
  abstract readonly name: string;
  /** One sentence for people and models. */
  abstract readonly description: string;
  /** What the caller gives. */
  abstract readonly parameters: z.ZodObject;
  /** The named graph that the quads are loaded into. */
  abstract readonly graph: NamedNode;

  protected readonly configuration: Configuration;

  constructor(configuration: Configuration) {
    this.configuration = configuration;
  }

  /**
   * Yields everything that is now to be said of each of its subjects; what `graph` said of them before
   * goes. Subjects are IRIs: nobody could say which blank node an earlier one was.
   */
  abstract run(
    parameters: this['parameters']['_zod']['output'],
    run: PipelineRun,
  ): Iterable<Quad> | AsyncIterable<Quad>;

  /**
   * The properties by which parts point to their whole: parts of the subjects that this run no longer
   * yields go as well. None by default.
   */
  parts(_parameters: this['parameters']['_zod']['output']): readonly NamedNode[] {
    return [];
  }
}
