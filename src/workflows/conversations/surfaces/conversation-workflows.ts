import type { AnyWorkflow } from '../../workflow.ts';
import type { ConversationsOf } from './operation.ts';
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
 * const tools = asTools(conversationWorkflows({ conversations }));
 */
export const conversationWorkflows = (configuration: ConversationsOf): AnyWorkflow[] =>
  [
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
