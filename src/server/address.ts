import type { FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { iri, type NamedNode } from '../ontology/terms.ts';

/**
 * The address that a client asked at, without its query string: what relative IRIs are resolved against, and
 * the name of a graph that is addressed by its own URL.
 * @throws GraphwrightError `invalid_parameters` for a Host header or a path that makes no IRI.
 */
export function addressOf({ protocol, host, raw }: FastifyRequest): NamedNode {
  const address = `${protocol}://${host}${raw.url!.split('?', 1)[0]}`;
  try {
    return iri(URL.canParse(address) ? address : '');
  } catch (cause) {
    const detail = `The Host header and the path make no IRI: ${JSON.stringify(address)}`;
    throw new GraphwrightError('invalid_parameters', detail, {
      problems: [{ pointer: '', detail }],
      cause,
    });
  }
}
