import { observed, type Observation } from '../telemetry.ts';
import type { Sparql } from './sparql.ts';

/** One operation on a graph, as OpenTelemetry's conventions for databases name it. */
export interface GraphOperation {
  /** `oxigraph`, or `sparql` for another server. */
  system: string;
  /** `SELECT`, `update`, `insert`, `subject`. */
  operation: string;
  /** Its text, in which values stand. */
  text?: Sparql;
  /** The host and port of another server. */
  server?: { address: string; port: number };
}

/** Carries out an operation on a graph, and tells those who watch of it. */
export const queried = <Result>(
  { system, operation, text, server }: GraphOperation,
  action: (seen?: Observation) => Promise<Result>,
): Promise<Result> =>
  observed(
    () => ({
      kind: 'query',
      name: operation,
      attributes: {
        'db.system.name': system,
        'db.operation.name': operation,
        ...(server && { 'server.address': server.address, 'server.port': server.port }),
      },
      ...(text && { content: () => ({ 'db.query.text': String(text) }) }),
    }),
    action,
  );
