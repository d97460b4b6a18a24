import { GraphwrightError } from '../../../errors.ts';
import type { RollbackTarget } from '../api.ts';
import { hasEnded, type Checkpoint, type ConversationKey, type Turn } from '../conversation.ts';
import type { ConversationEvent, ConversationState, LogEntry } from '../log.ts';
import type { AcceptedEvent, Reply } from '../message.ts';
import { acceptLabel } from './accepted.ts';
import type { Outcome } from './conductor.ts';
import type { Core } from './core.ts';
import { entriesBefore } from './history.ts';
import { eventName } from './outside-events.ts';
import { checkpointOf } from './reading.ts';
import type { Loaded } from './records.ts';
import { forbidden, turnOf } from './turns.ts';

/** What is done to conversations from outside of their flows. */
export class Operations {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  pause(key: ConversationKey): Promise<Turn> {
    return this.#core.conductor.operate(key, (loaded) => {
      const { status } = loaded.state;
      if (status === 'paused') return unchanged(loaded);
      this.#assertOpen(loaded);
      return this.#become(loaded, 'paused', { paused: { from: status } });
    });
  }

  resume(key: ConversationKey): Promise<Turn> {
    return this.#core.conductor.operate(key, (loaded) => {
      this.#assertOpen(loaded);
      if (loaded.state.status !== 'paused') return unchanged(loaded);
      const { from = 'active' } = loaded.facts.paused ?? {};
      const activeAt = this.#core.now().getTime();
      return this.#become(loaded, from, { paused: undefined, activeAt });
    });
  }

  cancel(key: ConversationKey): Promise<Turn> {
    return this.#core.conductor.operate(key, (loaded) => {
      if (loaded.state.status === 'cancelled') return unchanged(loaded);
      this.#assertOpen(loaded);
      const { flow } = loaded.head;
      if (!this.#core.registry.settings(flow).allowEarlyTermination)
        throw forbidden(flow, 'end before the last step');
      return this.#become(loaded, 'cancelled', {});
    });
  }

  async checkpoint(key: ConversationKey, given = ''): Promise<Checkpoint> {
    const label = acceptLabel(given);
    return this.#core.conductor.operate(key, (loaded) => {
      const { state } = loaded;
      const change = this.#core.change(loaded, { state, events: [], checkpoint: label });
      return {
        change,
        answer: ({ head }) =>
          checkpointOf(
            { version: head.version, at: head.updatedAt, checkpoint: label },
            state.step,
          ),
      };
    });
  }

  /** Has the conversation stand again where it stood; what was asked there is asked again. */
  rollback(key: ConversationKey, target: RollbackTarget): Promise<Turn> {
    return this.#core.conductor.operate(key, async (loaded) => {
      const { flow, version } = loaded.head;
      if (!this.#core.registry.settings(flow).enableRollback) throw forbidden(flow, 'rollback');
      const to = await this.#target(loaded, target);
      const before = await this.#core.log.stateAt(key, to);
      const events: ConversationEvent[] = [{ type: 'rollback', to }];
      const replies = await this.#asked(key, to);
      events.push(...replies.map((reply) => ({ type: 'reply', reply }) as const));
      const state: ConversationState = {
        ...before,
        kept: await this.#left(key, before, to, version),
        arrivedAt: this.#core.now().getTime(),
      };
      const { quota, maxConcurrentSessions } = this.#core.settings;
      const opens = hasEnded(loaded.state.status) && !hasEnded(state.status);
      const change = this.#core.change(loaded, {
        state,
        events,
        whole: true,
        facts: { activeAt: this.#core.now().getTime(), paused: undefined },
        limits: opens
          ? { tenantSessions: quota.sessions, allSessions: maxConcurrentSessions }
          : undefined,
      });
      return { change, answer: (committed) => turnOf(committed, { replies }) };
    });
  }

  /** The version to go back to. @throws GraphwrightError `gone`, `forbidden`, `invalid_parameters`. */
  async #target({ head }: Loaded, target: RollbackTarget): Promise<number> {
    const { maxRollbackSteps } = this.#core.registry.settings(head.flow);
    if ('checkpoint' in target) {
      const all = await this.#checkpoints(head);
      const found = all
        .map((stored) => this.#core.records.readEntry(head, stored))
        .find(({ checkpoint }) => checkpoint === target.checkpoint);
      if (found) return found.version;
      throw new GraphwrightError(
        'gone',
        `There is no checkpoint ${target.checkpoint} that is still kept; list the checkpoints`,
      );
    }
    if ('steps' in target && !(Number.isInteger(target.steps) && target.steps >= 1))
      throw badTarget('/steps', 'Give a whole number from 1');
    if ('steps' in target && target.steps > maxRollbackSteps)
      throw forbidden(head.flow, `rollback of more than ${maxRollbackSteps} steps`);
    if ('version' in target && !(Number.isInteger(target.version) && target.version >= 1))
      throw badTarget('/version', 'Give a whole number from 1');
    const reached = await this.#back(head, target, maxRollbackSteps);
    if (reached !== undefined) return reached;
    if ('steps' in target) throw badTarget('/steps', 'So many answers have not been given yet');
    if ((await this.#checkpoints(head)).some(({ version }) => version === target.version))
      return target.version;
    throw new GraphwrightError(
      'gone',
      `Version ${target.version} is no checkpoint and lies more than ${maxRollbackSteps} answers back; list the checkpoints`,
    );
  }

  /** Goes back along what led here, answer by answer. */
  async #back(
    head: Loaded['head'],
    target: { version: number } | { steps: number },
    most: number,
  ): Promise<number | undefined> {
    let answers = 0;
    const { storage, records } = this.#core;
    for await (const entry of entriesBefore(storage, records, head, head.version)) {
      if ('version' in target && entry.version === target.version) return entry.version;
      if (!isAnswer(entry)) continue;
      answers += 1;
      if ('steps' in target && answers === target.steps) return entry.version - 1;
      if (answers === most && 'version' in target)
        return entry.version - 1 === target.version ? target.version : undefined;
    }
    return undefined;
  }

  #checkpoints(head: Loaded['head']) {
    const { maxCheckpoints, checkpointTtl } = this.#core.settings;
    const since = this.#core.now().getTime() - checkpointTtl;
    return this.#core.storage
      .entries(head, { checkpoints: true, order: 'newest', limit: maxCheckpoints })
      .then((all) => all.filter(({ at }) => at >= since));
  }

  /** What was asked at a version. */
  async #asked(key: ConversationKey, version: number): Promise<Reply[]> {
    const { storage, records } = this.#core;
    for await (const { events } of entriesBefore(storage, records, key, version)) {
      const replies = events.flatMap((event) => (event.type === 'reply' ? [event.reply] : []));
      if (replies.length > 0) return replies;
    }
    return [];
  }

  /** The events from outside that were taken on the way that is left: they have happened all the same. */
  async #left(
    key: ConversationKey,
    { kept = [] }: ConversationState,
    to: number,
    version: number,
  ): Promise<readonly AcceptedEvent[] | undefined> {
    const left = [...kept];
    const { storage, records } = this.#core;
    for (let after = to; after < version;) {
      const entries = await storage.entries(key, { after, limit: 100 });
      for (const { events } of entries.map((entry) => records.readEntry(key, entry)))
        for (const event of events) if (event.type === 'external') left.push(event.event);
      after = entries.at(-1)?.version ?? version;
    }
    const byName = new Map(left.map((event) => [eventName(event), event]));
    return byName.size > 0 ? [...byName.values()] : undefined;
  }

  #become(
    loaded: Loaded,
    status: ConversationState['status'],
    facts: Partial<Loaded['facts']>,
  ): Outcome<Turn> {
    const state = { ...loaded.state, status };
    const change = this.#core.change(loaded, {
      state,
      events: [{ type: 'status', status }],
      facts,
    });
    return { change, answer: (committed) => turnOf(committed, { replies: [] }) };
  }

  #assertOpen({ head, state }: Loaded): void {
    if (!hasEnded(state.status)) return;
    throw new GraphwrightError('conflict', `Conversation ${head.id} has ended (${state.status})`);
  }
}

/** The first message begins a conversation; there is nothing before it to go back to. */
const isAnswer = ({ messageId, version }: LogEntry): boolean =>
  messageId !== undefined && version > 1;

const unchanged = (loaded: Loaded): Outcome<Turn> => ({
  answer: () => turnOf(loaded, { replies: [] }),
});

const badTarget = (pointer: string, detail: string) =>
  new GraphwrightError('invalid_parameters', `The target of the rollback: ${detail}`, {
    problems: [{ pointer, detail }],
  });
