import { GraphwrightError } from '../../errors.ts';
import type { EmailSender, TemplatedEmail } from '../../integrations/email/email.ts';
import { GraphBuilder } from '../../ontology/graph-builder.ts';
import { sparql } from '../../ontology/sparql.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { graphName, gw, thing } from '../../ontology/terms.ts';
import type { Run } from '../workflow.ts';
import { composeAnswer, type FeedbackAnswer } from './feedback-email.ts';
import { feedbackIri } from './feedback-record.ts';

const graph = graphName('message_data');

/** What sending an answer needs. */
export interface AnswerConfiguration {
  store: OntologyStore;
  email: EmailSender;
}

/**
 * Sends the answer to a piece of feedback at most once, whatever happens in between.
 *
 * The graph says `sending` before the mail leaves and `sent` after it. A `sending` found later means a
 * crash in between: the transport is asked, and where it cannot know the mail is not sent again but
 * marked `unknown` for a person to look at.
 * @returns The Message-ID.
 * @throws GraphwrightError `delivery_unknown`, or what the mail integration threw.
 */
export async function sendAnswer(
  { store, email: sender }: AnswerConfiguration,
  answer: FeedbackAnswer,
  run: Run,
): Promise<string> {
  const email = composeAnswer(answer);
  const messageId = sender.messageId(email.key);
  const status = await readStatus(store, messageId, run.signal);
  if (status === 'sent') return messageId;
  if (status === undefined) await recordSending(store, messageId, answer, email);
  const wentOut = status === undefined ? false : await sender.wasSent(email.key);
  if (wentOut === undefined) return leaveToPerson(store, messageId);
  if (!wentOut) await deliver({ store, email: sender }, messageId, email, run.signal);
  await recordSent(store, messageId, answer.feedbackId, run.now());
  return messageId;
}

async function deliver(
  { store, email: sender }: AnswerConfiguration,
  messageId: string,
  email: TemplatedEmail,
  signal: AbortSignal,
): Promise<void> {
  try {
    await sender.sendTemplatedEmail(email, signal);
  } catch (thrown) {
    const error = GraphwrightError.from(thrown);
    if (error.code === 'delivery_unknown') await setStatus(store, messageId, 'unknown');
    else await forget(store, messageId);
    throw error;
  }
}

async function leaveToPerson(store: OntologyStore, messageId: string): Promise<never> {
  await setStatus(store, messageId, 'unknown');
  throw new GraphwrightError(
    'delivery_unknown',
    `Mail <${messageId}> may or may not have gone out before a crash, so it was not sent again; ask its recipient, then set its gw:status to "sent", or remove it to have it sent`,
  );
}

async function readStatus(store: OntologyStore, messageId: string, signal: AbortSignal) {
  const [row] = await store.select(
    sparql`SELECT ?status WHERE { GRAPH ${graph} { ${message(messageId)} ${gw('status')} ?status } }`,
    { signal },
  );
  return row?.['status']?.value;
}

async function recordSending(
  store: OntologyStore,
  messageId: string,
  { feedbackId, customer }: FeedbackAnswer,
  { subject, template }: TemplatedEmail,
): Promise<void> {
  const builder = new GraphBuilder();
  const entity = builder.createEntity('Message', {
    identifier: messageId,
    messageId,
    subject,
    template,
    status: 'sending',
  });
  builder.createRelationship(entity, 'inReplyTo', feedbackIri(feedbackId));
  builder.createRelationship(entity, 'recipient', thing('customer', customer.id));
  await store.insert(graph, builder);
}

/** Marks the mail as sent and the feedback as answered, in one commit. */
async function recordSent(store: OntologyStore, messageId: string, feedbackId: string, at: Date) {
  const feedback = feedbackIri(feedbackId);
  const feedbackGraph = graphName('feedback_data');
  await store.update(sparql`
    DELETE { GRAPH ${graph} { ${message(messageId)} ${gw('status')} ?status } }
    INSERT { GRAPH ${graph} { ${message(messageId)} ${gw('status')} ${'sent'} ; ${gw('sentAt')} ${at} } }
    WHERE { GRAPH ${graph} { ${message(messageId)} ${gw('status')} ?status } } ;
    DELETE { GRAPH ${feedbackGraph} { ${feedback} ${gw('responseSent')} false } }
    INSERT { GRAPH ${feedbackGraph} { ${feedback} ${gw('responseSent')} true } }
    WHERE { GRAPH ${feedbackGraph} { ${feedback} ${gw('responseSent')} false } }`);
}

const setStatus = (store: OntologyStore, messageId: string, status: 'unknown') =>
  store.update(sparql`
    DELETE { GRAPH ${graph} { ${message(messageId)} ${gw('status')} ?status } }
    INSERT { GRAPH ${graph} { ${message(messageId)} ${gw('status')} ${status} } }
    WHERE { GRAPH ${graph} { ${message(messageId)} ${gw('status')} ?status } }`);

/** A mail that certainly did not go out leaves no trace, so that it can be sent later. */
const forget = (store: OntologyStore, messageId: string) =>
  store.update(sparql`DELETE WHERE { GRAPH ${graph} { ${message(messageId)} ?property ?value } }`);

const message = (messageId: string) => thing('message', messageId);
