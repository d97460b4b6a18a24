import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Parser } from 'n3';
import { GraphwrightError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import { matching } from '../ontology/change-pattern.ts';
import { QuadWriter } from '../ontology/embedded/nquads.ts';
import type { Change, ChangePattern, ObservableStore } from '../ontology/store.ts';
import { factory, iri, type Quad } from '../ontology/terms.ts';
import { EventStream, streamSignals } from '../workflows/expose/event-stream.ts';
import type { Access } from './access.ts';
import { changesSchema } from './changes-openapi.ts';

/** How the feed treats those who read it. */
export interface ChangesSettings {
  /** Milliseconds between signs of life when nothing changes; 15,000 by default. */
  heartbeat?: number;
  /** Milliseconds in which a reader with 64 KiB waiting must take some; 10,000 by default. */
  stalled?: number;
}

/** Each reader of the feed costs a read of the journal at every write. */
const mostReaders = 200;

/**
 * The change feed as server-sent events at `/changes`: each write that has something fitting is an event with
 * its position as id, so that a client goes on where it was by `Last-Event-ID`, or by `?after=`.
 */
export function changesRoute(
  access: Access<ObservableStore>,
  { heartbeat = 15_000, stalled }: ChangesSettings = {},
): FastifyPluginAsync {
  return async (app) => {
    const signalOf = streamSignals(app);
    let readers = 0;
    // The schema is documentation: wanted() is what parses.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    app.get(
      '/changes',
      { schema: changesSchema, exposeHeadRoute: false },
      async (request, reply) => {
        const { after, pattern } = wanted(request);
        if (readers >= mostReaders)
          throw new GraphwrightError(
            'too_many_requests',
            `${readers} clients read the feed already`,
          );
        const signal = signalOf(reply);
        readers += 1;
        try {
          const changes = await begun(access.storeOf(request), { after, pattern, signal });
          const stream = new EventStream(reply, stalled);
          await follow(changes, { stream, pattern, heartbeat }).catch((thrown: unknown) => {
            if (!signal.aborted) request.log.error(thrown);
          });
          stream.end();
        } finally {
          readers -= 1;
        }
        return reply;
      },
    );
  };
}

interface Wanted {
  after: number | undefined;
  pattern: ChangePattern;
}

/** The feed, once it is known that it goes on from the position; else it throws while an answer can still say so. */
async function begun(
  store: ObservableStore,
  options: Wanted & { signal: AbortSignal },
): Promise<AsyncGenerator<Change>> {
  let first: Promise<IteratorResult<Change>> | undefined;
  const changes = await new Promise<AsyncIterator<Change>>((resolve, reject) => {
    const told = store.changes({ ...options, onBegin: () => resolve(feed) });
    const feed = told[Symbol.asyncIterator]();
    first = feed.next();
    first.catch(reject);
  });
  return (async function* () {
    for (let next = await first!; !next.done; next = await changes.next()) yield next.value;
  })();
}

interface Following {
  stream: EventStream;
  pattern: ChangePattern;
  heartbeat: number;
}

async function follow(
  changes: AsyncGenerator<Change>,
  { stream, pattern, heartbeat }: Following,
): Promise<void> {
  const writer = new QuadWriter();
  const lines = (quads: readonly Quad[]) => quads.map((quad) => writer.line(quad, quad.graph));
  let seen: string | undefined;
  // An event without data only moves the position that the client would go on from.
  const beat = setInterval(() => void stream.send({ id: seen }), heartbeat);
  try {
    for await (const change of changes) {
      seen = String(change.position);
      const fitting = matching(change, pattern);
      if (!fitting) continue;
      const { removed, inserted, ...place } = fitting;
      const data = { ...place, removed: lines(removed), inserted: lines(inserted) };
      await stream.send({ id: seen, event: 'change', data });
    }
  } finally {
    clearInterval(beat);
  }
}

const fields = ['after', 'subject', 'predicate', 'object', 'graph', 'kind'] as const;

function wanted({ query, headers }: FastifyRequest): Wanted {
  const given = query as Record<string, string | string[]>;
  for (const [name, value] of Object.entries(given)) {
    if (!(fields as readonly string[]).includes(name))
      throw invalid(name, `Unknown key ${name}; ${suggest(name, fields)}`);
    if (typeof value !== 'string') throw invalid(name, `Expected one ${name}`);
  }
  const { after, kind, ...terms } = given as Partial<Record<(typeof fields)[number], string>>;
  if (kind !== undefined && kind !== 'insert' && kind !== 'remove')
    throw invalid('kind', 'Expected insert or remove');
  const pattern = Object.fromEntries(
    Object.entries(terms).map(([place, text]) => [place, termIn(place, text)]),
  );
  const last = headers['last-event-id'];
  return {
    after: last === undefined ? position('after', after) : position('Last-Event-ID', String(last)),
    pattern: { ...pattern, ...(kind && { kind }) },
  };
}

function position(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalid(name, `Expected the position of a change, not ${JSON.stringify(text)}`);
}

/** An IRI as it is, or any term as N-Triples writes it; `default` names the default graph. */
function termIn(place: string, text: string) {
  if (place === 'graph' && text === 'default') return factory.defaultGraph();
  try {
    return /^["<_]/.test(text) ? parsed(place, text) : iri(text);
  } catch (cause) {
    const detail = `${place}: expected an IRI or a term in N-Triples, not ${JSON.stringify(text)}`;
    throw invalid(place, detail, cause);
  }
}

function parsed(place: string, text: string) {
  const isObject = place === 'object';
  const line = isObject ? `<urn:s> <urn:p> ${text} .` : `${text} <urn:p> <urn:o> .`;
  const parser = new Parser({ format: 'N-Triples', blankNodePrefix: '', factory });
  const quads = parser.parse(line);
  const [quad] = quads;
  if (quads.length !== 1 || !quad) throw new TypeError('More than one term');
  return isObject ? quad.object : quad.subject;
}

const invalid = (key: string, detail: string, cause?: unknown) =>
  new GraphwrightError('invalid_parameters', detail, {
    problems: [{ pointer: `/${key}`, detail }],
    cause,
  });
