import { randomUUID } from 'node:crypto';
import { GraphwrightError } from '../../../errors.ts';
import { parse } from '../../../parse.ts';
import { derivedUuid } from '../../derived.ts';
import { RunFollowers } from '../../runs/run-followers.ts';
import type {
  ConversationFilter,
  ConversationsConfiguration,
  Delivery,
  Followed,
  HistoryFilter,
  RollbackTarget,
  StartConversation,
} from '../api.ts';
import {
  hasEnded,
  openStatuses,
  type Checkpoint,
  type ConversationKey,
  type ConversationRecord,
  type Session,
  type Turn,
} from '../conversation.ts';
import type { CompiledFlow, StepInput } from '../flow.ts';
import { defaultEngineSettings, type EngineSettings } from '../flow-settings.ts';
import type { LogEntry } from '../log.ts';
import {
  Id,
  type AcceptedEvent,
  type AcceptedMessage,
  type AwaitedEvent,
  type ExternalEvent,
  type Message,
} from '../message.ts';
import type { ConversationStorage } from '../storage/storage.ts';
