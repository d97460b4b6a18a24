import { GraphwrightError } from '../../../errors.ts';
import { derivedUuid } from '../../derived.ts';
import type {
  ConversationFilter,
  ConversationPage,
  ConversationsConfiguration,
  Delivery,
  Followed,
  FollowConversation,
  HistoryFilter,
  RollbackTarget,
  StartConversation,
} from '../api.ts';
import {
  hasEnded,
  type Checkpoint,
  type ConversationKey,
  type ConversationRecord,
  type Session,
  type Turn,
} from '../conversation.ts';
import type { CompiledFlow } from '../flow.ts';
import type { LogEntry } from '../log.ts';
import type { ExternalEvent, Message } from '../message.ts';
import { acceptKey } from './accepted.ts';
import { Core } from './core.ts';
import { Operations } from './operations.ts';
import { OutsideEvents } from './outside-events.ts';
import { Reading } from './reading.ts';
import { Turns } from './turns.ts';
import { Upkeep } from './upkeep.ts';

/**
 * Conversations that follow flows, each turn one commit: what was answered survives a crash, a message that
 * comes twice gets the answer it got, and one that does not get an answer is sent again with the same id.
 *
 * Every method that takes a key rejects with `not_found` when the tenant has no such conversation.
 * @example
 * const conversations = await Conversations.open({ storage: new MemoryConversations(), flows: [greeting] });
 * const { id } = await conversations.start({ tenant: 'acme', flow: 'greeting', session: { id: 's1' } });
 * const { replies } = await conversations.send({ tenant: 'acme', id }, { id: 'm1', content: 'Ada' });
 */
export class Conversations {
  readonly #core: Core;
  readonly #turns: Turns;
  readonly #operations: Operations;
  readonly #reading: Reading;
  readonly #events: OutsideEvents;
  readonly #upkeep: Upkeep;

  private constructor(configuration: ConversationsConfiguration) {
    this.#core = new Core(configuration);
    this.#core.register(configuration.flows ?? []);
    this.#turns = new Turns(this.#core);
    this.#operations = new Operations(this.#core);
    this.#reading = new Reading(this.#core);
    this.#events = new OutsideEvents(this.#core, this.#turns);
    this.#upkeep = new Upkeep(this.#core, this.#turns);
  }

  /**
   * Opens the conversations of a storage, and takes up what a crash left.
   * @throws GraphwrightError `invalid_configuration` for a flow that does not lint.
   */
  static async open(configuration: ConversationsConfiguration): Promise<Conversations> {
    const conversations = new Conversations(configuration);
    await conversations.#events.recover();
    return conversations;
  }

  /** The flows that may be started. */
  get flows(): readonly CompiledFlow[] {
    return this.#core.registry.all;
  }

  /** @throws GraphwrightError `conflict` for an id that is taken; `invalid_configuration` with all that is wrong. */
  register(...flows: readonly CompiledFlow[]): void {
    this.#core.register(flows);
  }

  /**
   * Begins a conversation; resolves once its first turn is kept.
   * @throws GraphwrightError `not_found` for an unknown flow; `invalid_parameters`; `conflict` for an id that
   * stands for another conversation; `too_many_requests` for a quota that is used up.
   */
  start(options: StartConversation): Promise<Turn> {
    return this.#turns.start(options);
  }

  /**
   * Answers a message; resolves once message and answer are kept. Messages to one conversation are answered in
   * the order in which they come.
   * @throws GraphwrightError `invalid_parameters`; `key_reused` for the id of another message; `conflict` for a
   * conversation that is paused or has ended; `workflow_changed`; `too_many_requests`.
   */
  async send(key: ConversationKey, message: Message): Promise<Turn> {
    return this.#turns.send(acceptKey(key), message);
  }

  /**
   * Sends a message to the session's conversation of this flow, which it begins when there is none (row L1).
   * @throws GraphwrightError as {@link start} and {@link send}.
   */
  async execute(
    flow: string,
    message: Message,
    session: Session,
    tenant = 'default',
  ): Promise<Turn> {
    const sessionId = session.id;
    const [newest] = await this.#core.storage.list({ tenant, flow, sessionId, limit: 1 });
    if (newest && !hasEnded(newest.status)) return this.send(newest, message);
    // Two first messages at once begin the same one, and the second is answered after the first.
    const id = derivedUuid('conversation', tenant, flow, sessionId, newest?.id ?? '');
    try {
      return await this.start({ tenant, flow, id, session, message });
    } catch (thrown) {
      if (GraphwrightError.from(thrown).code !== 'conflict') throw thrown;
      return this.send({ tenant, id }, message);
    }
  }

  /** Leaves the current step without an answer. @throws GraphwrightError `forbidden` unless the flow allows it. */
  async skip(key: ConversationKey): Promise<Turn> {
    return this.#turns.skip(acceptKey(key));
  }

  async status(key: ConversationKey): Promise<ConversationRecord> {
    return this.#reading.status(acceptKey(key));
  }

  /** What happened, every loop and what a rollback left behind included. */
  async history(key: ConversationKey, filter?: HistoryFilter): Promise<LogEntry[]> {
    return this.#reading.history(acceptKey(key), filter);
  }

  /** Makes a checkpoint of where the conversation stands. */
  async checkpoint(key: ConversationKey, label?: string): Promise<Checkpoint> {
    return this.#operations.checkpoint(acceptKey(key), label);
  }

  /** Those that still count, the newest first. */
  async checkpoints(key: ConversationKey): Promise<Checkpoint[]> {
    return this.#reading.checkpoints(acceptKey(key));
  }

  /**
   * Has the conversation stand where it stood: the next message is the answer there. The log keeps what is left
   * behind, and events from outside that were taken on the way are offered again.
   * @throws GraphwrightError `forbidden` when the flow does not allow it; `gone` for what is out of reach.
   */
  async rollback(key: ConversationKey, target: RollbackTarget): Promise<Turn> {
    return this.#operations.rollback(acceptKey(key), target);
  }

  /** Takes no messages until {@link resume}. @throws GraphwrightError `conflict` when it has ended. */
  async pause(key: ConversationKey): Promise<Turn> {
    return this.#operations.pause(acceptKey(key));
  }

  /** @throws GraphwrightError `conflict` when it has ended. */
  async resume(key: ConversationKey): Promise<Turn> {
    return this.#operations.resume(acceptKey(key));
  }

  /** Ends it. @throws GraphwrightError `conflict` when it has ended otherwise; `forbidden` when the flow does not allow it. */
  async cancel(key: ConversationKey): Promise<Turn> {
    return this.#operations.cancel(acceptKey(key));
  }

  /**
   * Accepts an event from outside: a conversation of the tenant that waits for it takes it now, else it is kept
   * until one does. One that no flow names is kept as well, and warned of.
   * @throws GraphwrightError `invalid_parameters`.
   */
  deliver(tenant: string, event: ExternalEvent): Promise<Delivery> {
    return this.#events.deliver(tenant, event);
  }

  /** @throws GraphwrightError `invalid_parameters` for a cursor or limit that is none. */
  list(filter: ConversationFilter): Promise<ConversationPage> {
    return this.#reading.list(filter);
  }

  /** What happens in a conversation, from `after` on, until the signal aborts. */
  async *follow(key: ConversationKey, options?: FollowConversation): AsyncGenerator<Followed> {
    yield* this.#reading.follow(acceptKey(key), options);
  }

  /** Removes a conversation with all that was said in it. */
  async delete(given: ConversationKey): Promise<void> {
    const key = acceptKey(given);
    await this.#core.conductor.exclusively(key, async () => {
      this.#core.log.forget(key);
      if (await this.#core.storage.delete(key)) return;
      throw new GraphwrightError('not_found', `There is no conversation ${key.id}`);
    });
  }

  /** Does all that time asks for, as happens by itself now and then. @returns How much old was removed. */
  sweep(): Promise<number> {
    return this.#upkeep.sweep();
  }

  /** Lets go of steps under way, whose messages are to be sent again, and waits for commits. */
  async close(): Promise<void> {
    this.#core.closing.abort(new GraphwrightError('unavailable', 'Closing down'));
    await this.#upkeep.close();
    await this.#core.conductor.idle();
    await this.#events.idle();
  }
}
