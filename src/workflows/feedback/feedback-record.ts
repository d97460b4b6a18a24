import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { Category, Sentiment } from '../../integrations/language/language.ts';
import { GraphBuilder } from '../../ontology/graph-builder.ts';
import { sparql, triples } from '../../ontology/sparql.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { graphName, gw, thing, thingId, type NamedNode } from '../../ontology/terms.ts';
import { parse } from '../../parse.ts';
import { Action } from './parameters.ts';

const graph = graphName('feedback_data');

/** Feedback as the feedback_data graph keeps it. */
export const FeedbackRecord = z.object({
  feedbackId: z.string(),
  customerId: z.string(),
  subject: z.string(),
  text: z.string(),
  sentiment: Sentiment,
  score: z.number().optional(),
  confidence: z.number().optional(),
  categories: z.array(Category),
  action: Action,
  timestamp: z.string(),
  responseSent: z.boolean(),
});
export type FeedbackRecord = z.output<typeof FeedbackRecord>;

/** The IRI of a piece of feedback. */
export const feedbackIri = (feedbackId: string): NamedNode => thing('feedback', feedbackId);

/** Reads a piece of feedback; undefined when the graph holds none by that id. */
export async function findFeedback(
  store: OntologyStore,
  feedbackId: string,
  signal?: AbortSignal,
): Promise<FeedbackRecord | undefined> {
  const rows = await store.select(
    sparql`
      PREFIX gw: <https://w3id.org/graphwright#>
      SELECT * WHERE {
        GRAPH ${graph} {
          ${feedbackIri(feedbackId)} a gw:Feedback ; gw:identifier ?feedbackId ; gw:subject ?subject ;
            gw:text ?text ; gw:sentiment ?sentiment ; gw:action ?action ; gw:timestamp ?timestamp ;
            gw:category ?category ; gw:providedBy ?customer ; gw:responseSent ?responseSent .
          OPTIONAL { ${feedbackIri(feedbackId)} gw:sentimentScore ?score }
          OPTIONAL { ${feedbackIri(feedbackId)} gw:sentimentConfidence ?confidence }
        }
      }`,
    { signal },
  );
  const [first] = rows;
  if (!first) return undefined;
  const value = (name: string) => first[name]?.value;
  const number = (name: string) => (first[name] ? Number(first[name].value) : undefined);
  const record = {
    feedbackId: value('feedbackId'),
    customerId: thingId(first['customer'] as NamedNode),
    subject: value('subject'),
    text: value('text'),
    sentiment: value('sentiment'),
    score: number('score'),
    confidence: number('confidence'),
    categories: rows.map(({ category }) => category!.value).toSorted(),
    action: value('action'),
    timestamp: value('timestamp'),
    responseSent: value('responseSent') === 'true',
  };
  return parse(FeedbackRecord, record, 'store_damaged', `Feedback ${feedbackId} in the graph`);
}

/**
 * Writes a piece of feedback once, and gives back what the graph holds then.
 * @throws GraphwrightError `conflict` when the graph holds other feedback under the same id.
 */
export async function recordFeedback(
  store: OntologyStore,
  record: FeedbackRecord,
  signal?: AbortSignal,
): Promise<FeedbackRecord> {
  const feedback = feedbackIri(record.feedbackId);
  await store.update(
    sparql`
      INSERT { GRAPH ${graph} { ${triples(describe(record))} } }
      WHERE { FILTER NOT EXISTS { GRAPH ${graph} { ${feedback} ?property ?value } } }`,
    { signal },
  );
  const stored = await findFeedback(store, record.feedbackId, signal);
  if (!stored)
    throw new GraphwrightError(
      'store_damaged',
      `Feedback ${record.feedbackId} is incomplete in the graph`,
    );
  assertSame(stored, record);
  return stored;
}

/** What makes two pieces of feedback the same; a sentiment counts when the caller gave one. */
export type FeedbackIdentity = Pick<
  FeedbackRecord,
  'feedbackId' | 'customerId' | 'subject' | 'text'
> & { sentiment?: Sentiment };

/** @throws GraphwrightError `conflict` naming what differs. */
export function assertSame(stored: FeedbackRecord, given: FeedbackIdentity): void {
  const differing = (['customerId', 'subject', 'text', 'sentiment'] as const).filter(
    (key) => given[key] !== undefined && stored[key] !== given[key],
  );
  if (!differing.length) return;
  const detail = `Already recorded with another ${differing.join(' and ')}; use a new feedbackId`;
  throw new GraphwrightError('conflict', `Feedback ${given.feedbackId}: ${detail}`, {
    problems: [{ pointer: '/feedbackId', detail }],
  });
}

function describe({
  feedbackId,
  customerId,
  subject,
  text,
  ...rest
}: FeedbackRecord): GraphBuilder {
  const builder = new GraphBuilder();
  const feedback = builder.createEntity('Feedback', {
    identifier: feedbackId,
    subject,
    text,
    sentiment: rest.sentiment,
    sentimentScore: rest.score,
    sentimentConfidence: rest.confidence,
    category: rest.categories,
    action: rest.action,
    timestamp: rest.timestamp,
    responseSent: rest.responseSent,
  });
  builder.createRelationship(feedback, 'providedBy', thing('customer', customerId));
  return builder;
}

/** Changes what is done about a piece of feedback that is already recorded. */
export async function recordAction(
  store: OntologyStore,
  feedbackId: string,
  action: Action,
  signal?: AbortSignal,
): Promise<void> {
  const feedback = feedbackIri(feedbackId);
  await store.update(
    sparql`
      DELETE { GRAPH ${graph} { ${feedback} ${gw('action')} ?action } }
      INSERT { GRAPH ${graph} { ${feedback} ${gw('action')} ${action} } }
      WHERE { GRAPH ${graph} { ${feedback} ${gw('action')} ?action } }`,
    { signal },
  );
}
