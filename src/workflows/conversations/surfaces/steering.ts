import { z } from 'zod';
import { GraphwrightError } from '../../../errors.ts';
import type { RollbackTarget } from '../api.ts';
import type { ConversationKey } from '../conversation.ts';
import {
  ConversationId,
  ConversationOperation,
  OneConversation,
  posted,
  TurnOperation,
} from './operation.ts';
import { seenTurn } from './seen.ts';
import { CheckpointView, TurnView } from './views.ts';

const CheckpointParameters = z.object({
  id: ConversationId,
  label: z.string().max(200).optional().describe('What to call it'),
});

/** Makes a checkpoint. */
export class CreateCheckpoint extends ConversationOperation {
  readonly name = 'create_checkpoint';
  readonly description =
    'Make a checkpoint of where a conversation stands, to which it can be rolled back.';
  readonly parameters = CheckpointParameters;
  readonly result = CheckpointView;
  override readonly http = posted('checkpoints');

  async run({ id, label }: z.output<typeof CheckpointParameters>) {
    return this.conversations.checkpoint(this.keyOf({ id }), label);
  }
}

const RollbackParameters = z.object({
  id: ConversationId,
  version: z.int().min(1).optional().describe('To this version'),
  steps: z.int().min(1).optional().describe('So many answers back'),
  checkpoint: z.string().min(1).max(200).optional().describe('To the checkpoint of this label'),
});

/** Has a conversation stand where it stood. */
export class RollBackConversation extends ConversationOperation {
  readonly name = 'roll_back_conversation';
  readonly description =
    'Take a conversation back to where it stood: to a version, a checkpoint, or some answers back. The next message is the answer there.';
  readonly parameters = RollbackParameters;
  readonly result = TurnView;
  override readonly http = posted('rollback');

  async run({ id, ...target }: z.output<typeof RollbackParameters>) {
    return seenTurn(await this.conversations.rollback(this.keyOf({ id }), targetOf(target)));
  }
}

/** @throws GraphwrightError `invalid_parameters` unless exactly one is given. */
function targetOf(given: Omit<z.output<typeof RollbackParameters>, 'id'>): RollbackTarget {
  const { version, steps, checkpoint } = given;
  const targets = [
    ...(version === undefined ? [] : [{ version }]),
    ...(steps === undefined ? [] : [{ steps }]),
    ...(checkpoint === undefined ? [] : [{ checkpoint }]),
  ];
  const [target] = targets;
  if (target && targets.length === 1) return target;
  throw new GraphwrightError(
    'invalid_parameters',
    'Give one of version, steps and checkpoint, to say how far back',
    {
      problems: ['version', 'steps', 'checkpoint'].map((key) => ({
        pointer: `/${key}`,
        detail: 'Exactly one of version, steps and checkpoint is needed',
      })),
    },
  );
}

/** Has a conversation take no messages. */
export class PauseConversation extends TurnOperation {
  readonly name = 'pause_conversation';
  readonly description =
    'Have a conversation take no messages until resume_conversation lets it go on.';
  override readonly http = posted('pause');

  protected act(key: ConversationKey) {
    return this.conversations.pause(key);
  }
}

/** Lets a conversation go on. */
export class ResumeConversation extends TurnOperation {
  readonly name = 'resume_conversation';
  readonly description = 'Let a conversation that was paused go on where it stood.';
  override readonly http = posted('resume');

  protected act(key: ConversationKey) {
    return this.conversations.resume(key);
  }
}

/** Ends a conversation. */
export class CancelConversation extends TurnOperation {
  readonly name = 'cancel_conversation';
  readonly description = 'End a conversation before its end, where its flow allows it.';
  override readonly http = posted('cancel');

  protected act(key: ConversationKey) {
    return this.conversations.cancel(key);
  }
}

/** Removes a conversation. */
export class DeleteConversation extends ConversationOperation {
  readonly name = 'delete_conversation';
  readonly description = 'Remove a conversation with all that was said in it.';
  readonly parameters = OneConversation;
  readonly result = z.object({ id: z.string(), deleted: z.literal(true) });
  override readonly hints = { destructive: true, forPeople: true };
  override readonly http = {
    method: 'DELETE',
    path: '/conversations/:id',
    direct: true,
  } as const;

  async run({ id }: z.output<typeof OneConversation>) {
    await this.conversations.delete(this.keyOf({ id }));
    return { id, deleted: true as const };
  }
}
