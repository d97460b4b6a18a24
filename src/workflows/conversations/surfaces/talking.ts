import { z } from 'zod';
import { GraphwrightError } from '../../../errors.ts';
import { derivedUuid } from '../../derived.ts';
import type { Run } from '../../workflow.ts';
import type { StartConversation as Starting } from '../api.ts';
import type { ConversationKey, Session } from '../conversation.ts';
import { ForeignId, Id, Message } from '../message.ts';
import { ConversationId, ConversationOperation, posted, TurnOperation } from './operation.ts';
import { seenTurn } from './seen.ts';
import { currentTenant } from './tenant.ts';
import { TurnView } from './views.ts';

const { id: ownId, content, userId, channelType, channelUserId, contentType } = Message.shape;

// Without `metadata`, which is for programs: a model would have to be told what goes there.
const aboutUser = {
  userId: userId.describe('Who says it'),
  channelType: channelType.describe('web, telegram, email, ...'),
  channelUserId: channelUserId.describe('What the channel knows the user by'),
};
const said = {
  content: content.describe('What the user says: a text, or JSON from a form or a button'),
  contentType: contentType.describe('text, json, image, location, ...'),
};
const FirstMessage = z.strictObject({
  id: ownId.describe('The same id again gets the stored answer'),
  ...said,
  ...aboutUser,
});

const StartParameters = z.object({
  flow: Id.describe('The id of the flow; list_flows names them'),
  message: FirstMessage.optional().describe(
    'The first message, where the user has said something already',
  ),
  sessionId: ForeignId.optional().describe(
    'What the surface knows the session by; the id of the conversation by default',
  ),
  ...aboutUser,
  idempotencyKey: z
    .string()
    .regex(/^[\x21-\x7e]{1,100}$/, 'Use 1 to 100 printable ASCII characters without spaces')
    .optional()
    .describe('The same key again gives the same conversation'),
});

/** Begins a conversation. */
export class StartConversation extends ConversationOperation {
  readonly name = 'start_conversation';
  readonly description =
    'Begin a conversation that follows a flow. Answers with what it says first; the user answers by send_message.';
  readonly parameters = StartParameters;
  readonly result = TurnView;
  override readonly http = {
    method: 'POST',
    path: '/conversations',
    direct: true,
    location: '/conversations/:id',
    idempotencyKey: 'idempotencyKey',
  } as const;

  async run(parameters: z.output<typeof StartParameters>, run: Run) {
    const { flow, message, sessionId, idempotencyKey: key, ...session } = parameters;
    this.assertVouchedFor(session);
    this.assertVouchedFor(message ?? {});
    const tenant = currentTenant();
    const id = key === undefined ? run.uuid() : derivedUuid('conversation', tenant, key);
    const first = message && { ...message };
    if (first && key !== undefined) first.id ??= derivedUuid('message', tenant, key);
    return this.#start(
      { tenant, flow, id, message: first, session: { id: sessionId ?? id, ...session } },
      key,
    );
  }

  async #start(wanted: Starting & { id: string }, key?: string) {
    try {
      const turn = await this.conversations.start(wanted);
      if (turn.repeated && !(await this.#isOf(wanted))) throw new GraphwrightError('conflict', '');
      return seenTurn(turn);
    } catch (thrown) {
      if (key === undefined || GraphwrightError.from(thrown).code !== 'conflict') throw thrown;
      throw new GraphwrightError(
        'key_reused',
        'This idempotency key began another conversation; use a new one',
        { problems: [{ pointer: '/idempotencyKey', detail: 'Used before' }], cause: thrown },
      );
    }
  }

  async #isOf({ tenant, id, session }: Starting & { id: string }): Promise<boolean> {
    const { session: begun } = await this.conversations.status({ tenant, id });
    return described(begun) === described(session);
  }
}

/** A session as one text; what is undefined is not in it. */
const described = (session: Session): string =>
  JSON.stringify([session.id, session.userId, session.channelType, session.channelUserId]);

const SendParameters = z.object({
  id: ConversationId,
  messageId: Id.optional().describe('The same id again gets the stored answer'),
  ...said,
  ...aboutUser,
});

/** Answers a message. */
export class SendMessage extends ConversationOperation {
  readonly name = 'send_message';
  readonly description =
    'Hand a message of the user to a conversation. Answers with what it replies, and what it asks for next.';
  readonly parameters = SendParameters;
  readonly result = TurnView;
  override readonly http = {
    method: 'POST',
    path: '/conversations/:id/messages',
    direct: true,
    idempotencyKey: 'messageId',
  } as const;

  async run({ id, messageId, ...message }: z.output<typeof SendParameters>) {
    this.assertVouchedFor(message);
    return seenTurn(
      await this.conversations.send(this.keyOf({ id }), { ...message, id: messageId }),
    );
  }
}

/** Leaves a step without an answer. */
export class SkipStep extends TurnOperation {
  readonly name = 'skip_step';
  readonly description =
    'Leave the step at which a conversation stands without an answer, where its flow allows it.';
  override readonly http = posted('skip');

  protected act(key: ConversationKey) {
    return this.conversations.skip(key);
  }
}
