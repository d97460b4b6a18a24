import { z } from 'zod';
import { GraphwrightError } from '../../../errors.ts';
import { currentAttribution } from '../../../ontology/attribution.ts';
import { isAssistant } from '../../approval/approval-policy.ts';
import { Workflow } from '../../workflow.ts';
import type { ConversationKey, Turn } from '../conversation.ts';
import type { Conversations } from '../engine/conversations.ts';
import { Id } from '../message.ts';
import { seenTurn } from './seen.ts';
import { currentTenant } from './tenant.ts';
import { TurnView } from './views.ts';

/** What the workflows of conversations work with. */
export interface ConversationsOf {
  readonly conversations: Conversations;
}

/** Names one conversation of whoever calls. */
export const ConversationId = Id.describe('The id of the conversation');

export const OneConversation = z.object({ id: ConversationId });

/** An operation on conversations; those of other callers do not exist for it. */
export abstract class ConversationOperation extends Workflow<ConversationsOf> {
  override readonly group = 'conversations';
  override readonly policy = { approval: 'never' as const };

  protected get conversations(): Conversations {
    return this.configuration.conversations;
  }

  /** A conversation of whoever calls. */
  protected keyOf({ id }: { id: string }): ConversationKey {
    return { tenant: currentTenant(), id };
  }

  /**
   * Flows show users what is theirs. A program that holds a key vouches for its users; a model would say whatever
   * a text told it to.
   * @throws GraphwrightError `forbidden` when an assistant says who the user is.
   */
  protected assertVouchedFor(user: { userId?: string; channelUserId?: string }): void {
    const agent = currentAttribution()?.agent;
    if (!agent || !isAssistant(agent)) return;
    const named = (['userId', 'channelUserId'] as const).filter((key) => user[key] !== undefined);
    if (named.length === 0) return;
    throw new GraphwrightError(
      'forbidden',
      `An assistant cannot say who the user is; leave out ${named.join(' and ')}`,
      { problems: named.map((key) => ({ pointer: `/${key}`, detail: 'Not for assistants' })) },
    );
  }
}

/** The route of what is done to a conversation. */
export const posted = (action: string) =>
  ({ method: 'POST', path: `/conversations/:id/${action}`, direct: true }) as const;

/** An operation that needs nothing but the conversation, and answers with the turn it led to. */
export abstract class TurnOperation extends ConversationOperation {
  readonly parameters = OneConversation;
  readonly result = TurnView;

  async run(parameters: z.output<typeof OneConversation>) {
    return seenTurn(await this.act(this.keyOf(parameters)));
  }

  protected abstract act(key: ConversationKey): Promise<Turn>;
}
