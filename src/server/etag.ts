import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { isObservable, type OntologyStore, type Precondition } from '../ontology/store.ts';
import { factory } from '../ontology/terms.ts';
import type { GraphChoice } from './graph-write.ts';

/** The entity tag of what a version looks like in a media type, or in the formats chosen for each kind of answer. */
export const entityTag = (version: string, ...mediaTypes: string[]): string =>
  `"${[version, ...mediaTypes.map((type) => type.replace('/', '-'))].join('.')}"`;

/**
 * Answers 304 when the client has what the entity tag stands for, and else notes the tag in the answer. The
 * version is to be read before the content: a write in between makes the tag too old, never too new.
 * @throws GraphwrightError `precondition_failed` for an If-Match of something else, `invalid_parameters`.
 */
export function isKnown(tag: string, request: FastifyRequest, reply: FastifyReply): boolean {
  const [match, noneMatch] = conditionsOf(request);
  if (match && match !== '*' && !match.includes(tag))
    throw new GraphwrightError('precondition_failed', `What is asked for has the ETag ${tag} now`);
  const known = noneMatch === '*' || (noneMatch?.some((each) => unweakened(each) === tag) ?? false);
  if (known) void reply.code(304).header('etag', tag).header('vary', 'accept').send();
  return known;
}

/**
 * What a write on a graph is to be based on: If-Match names a version in any of its formats, and
 * `If-None-Match: *` asks that there be no such graph yet.
 * @throws GraphwrightError `invalid_parameters` for headers that are no lists of entity tags, and for
 * conditions on a graph of another server.
 */
export function preconditionOf(
  request: FastifyRequest,
  store: OntologyStore,
  choice: GraphChoice,
): Precondition | undefined {
  const [match, noneMatch] = conditionsOf(request);
  if (!match && !noneMatch) return undefined;
  if (!isObservable(store))
    throw invalid('The graph is on another server, so a write cannot depend on its version');
  const graph = choice ?? factory.defaultGraph();
  const isNew = noneMatch === '*';
  // The default graph is always there, and nothing is there and not there.
  if (isNew && (!choice || match)) return { graph, version: () => false };
  const others = isNew ? [] : (noneMatch ?? []);
  const version = (present: string) =>
    (!match || match === '*' || match.some((tag) => versionIn(tag) === present)) &&
    !others.some((tag) => versionIn(unweakened(tag)) === present);
  return { graph, version, ...(choice && (match || isNew) && { exists: !isNew }) };
}

type Condition = '*' | readonly string[] | undefined;

const conditionsOf = ({ headers }: FastifyRequest): [match: Condition, noneMatch: Condition] => [
  condition('If-Match', headers['if-match']),
  condition('If-None-Match', headers['if-none-match']),
];

// Each space can match in one way only, so that no header takes long.
const list = /^[\t ,]*(?:W\/)?"[^"]*"(?:[\t ]*,(?:[\t ]*(?:W\/)?"[^"]*")?)*[\t ]*$/;

function condition(name: string, header: string | undefined): Condition {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  if (list.test(header)) return header.match(/(?:W\/)?"[^"]*"/g)!;
  throw invalid(
    `${name} takes entity tags in quotation marks, or *; not ${JSON.stringify(header)}`,
  );
}

const unweakened = (tag: string): string => tag.replace(/^W\//, '');

/** A weak tag has none: for a write it is not enough. */
const versionIn = (tag: string): string | undefined => /^"([^".]*)\.[^"]*"$/.exec(tag)?.[1];

const invalid = (detail: string) =>
  new GraphwrightError('invalid_parameters', detail, { problems: [{ pointer: '', detail }] });
