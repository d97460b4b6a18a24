import { z } from 'zod';
import { Workflow } from '../../workflow.ts';
import type { ConversationKey } from '../conversation.ts';
import type { Conversations } from '../engine/conversations.ts';
import { Id } from '../message.ts';
import { currentTenant } from './tenant.ts';

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
}
