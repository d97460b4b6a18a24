import type { AnyWorkflow } from '../../workflow.ts';
import type { Conversations } from '../engine/conversations.ts';
import {
  GetConversation,
  GetConversationHistory,
  GetFlow,
  ListCheckpoints,
  ListConversations,
  ListFlows,
} from './reading.ts';
import {
  CancelConversation,
  CreateCheckpoint,
  DeleteConversation,
  PauseConversation,
  ResumeConversation,
  RollBackConversation,
} from './steering.ts';
import { SendMessage, SkipStep, StartConversation } from './talking.ts';

/**
 * Makes the operations on conversations (row V2), for every surface. Each caller has conversations of its own:
 * those of others do not exist for it.
 * @example
 * const tools = asTools(conversationWorkflows(conversations));
 */
export function conversationWorkflows(conversations: Conversations): AnyWorkflow[] {
  const configuration = { conversations };
  return [
    ListFlows,
    GetFlow,
    StartConversation,
    SendMessage,
    SkipStep,
    ListConversations,
    GetConversation,
    GetConversationHistory,
    ListCheckpoints,
    CreateCheckpoint,
    RollBackConversation,
    PauseConversation,
    ResumeConversation,
    CancelConversation,
    DeleteConversation,
  ].map((Operation) => new Operation(configuration));
}
