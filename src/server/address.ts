import type { FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { iri, type NamedNode } from '../ontology/terms.ts';
import { remember } from './remember.ts';

/**
 * The address that a client asked at, without its query string: what relative IRIs are resolved against, and
 * the name of a graph that is addressed by its own URL.
 * @throws GraphwrightError `invalid_parameters` for a Host header or a path that makes no IRI.
 */
export const addressOf = ({ protocol, host, raw }: FastifyRequest): NamedNode =>
  named(`${protocol}://${host}${raw.url!.split('?', 1)[0]}`, undefined);

const named = remember<NamedNode, undefined>((address) => {
  try {
    return iri(URL.canParse(address) ? address : '');
  } catch (cause) {
    const detail = `The Host header and the path make no IRI: ${JSON.stringify(address)}`;
    throw new GraphwrightError('invalid_parameters', detail, {
      problems: [{ pointer: '', detail }],
      cause,
    });
  }
});
