import { GraphwrightError } from '../../../errors.ts';
import type { ConversationKey } from '../conversation.ts';
import type { LogEntry } from '../log.ts';
import type { AcceptedMessage } from '../message.ts';
import type { Refusal } from '../storage/storage.ts';
import { nameOf, type Change, type ConversationLog } from './log.ts';
import { Queues } from './queues.ts';
import type { Loaded } from './records.ts';
import type { Scheduler } from './scheduler.ts';

/** What an operation on a conversation makes of it; without a change nothing is committed. */
export interface Outcome<T> {
  readonly change?: Change;
  readonly answer: (loaded: Loaded) => T;
  /** Whether the operation is carried out once more, on what the change made of the conversation. */
  readonly again?: boolean;
}

/** Carries out one operation on what a conversation is now; a lost race carries it out again. */
export type Operation<T> = (
  loaded: Loaded,
  answered?: LogEntry,
) => Promise<Outcome<T>> | Outcome<T>;

/** How often an operation is carried out again after another process was faster. */
const mostRaces = 10;

/** What a conductor works with. */
export interface ConductorConfiguration {
  readonly log: ConversationLog;
  readonly scheduler: Scheduler;
  readonly signal: AbortSignal;
  /** Whether the conversations of one tenant go on side by side. */
  readonly parallel: boolean;
  /** Whether conversations come from a server with each turn. */
  readonly shared: boolean;
  /** Told of every commit. */
  readonly onCommitted: (loaded: Loaded, entry: LogEntry) => void;
}

/** Does one thing after the other with each conversation, each as one commit. */
export class Conductor {
  readonly #with: ConductorConfiguration;
  readonly #queues = new Queues();

  constructor(configuration: ConductorConfiguration) {
    this.#with = configuration;
  }

  /** Carries out an operation when those before it are over. */
  operate<T>(key: ConversationKey, operation: Operation<T>): Promise<T> {
    return this.exclusively(key, () => this.perform(key, operation));
  }

  /** Carries out anything that concerns a conversation when what is before it is over. */
  exclusively<T>(key: ConversationKey, action: () => Promise<T>): Promise<T> {
    const queue = this.#with.parallel ? nameOf(key) : key.tenant;
    return this.#queues.run(queue, async () => {
      if (this.#with.signal.aborted) throw new GraphwrightError('unavailable', 'Closing down');
      await this.#with.scheduler.turn();
      return action();
    });
  }

  /** Makes a conversation; undefined when there is one of this key already. */
  async create(
    head: Parameters<ConversationLog['commit']>[1],
    change: Change,
  ): Promise<Loaded | undefined> {
    const committed = await this.#with.log.commit(undefined, head, change);
    await this.#with.scheduler.turn();
    if ('refused' in committed) {
      if (committed.refused === 'version') return undefined;
      throw refused(committed.refused);
    }
    this.#with.onCommitted(committed.loaded, committed.entry);
    return committed.loaded;
  }

  /** Resolves when nothing is under way any more. */
  idle(): Promise<void> {
    return this.#queues.idle();
  }

  /** Carries out an operation, within {@link exclusively}. */
  async perform<T>(
    key: ConversationKey,
    operation: Operation<T>,
    message?: AcceptedMessage,
  ): Promise<T> {
    for (let races = 0; races < mostRaces; races += 1) {
      const { loaded, answered } = await this.#with.log.load(key, message);
      // A server answers many at once.
      if (this.#with.shared) await this.#with.scheduler.turn();
      const { change, answer, again } = await operation(loaded, answered);
      if (!change) return answer(loaded);
      const committed = await this.#with.log.commit(loaded, loaded.head, change);
      // Commits are acknowledged many at once.
      await this.#with.scheduler.turn();
      if (!('refused' in committed)) {
        this.#with.onCommitted(committed.loaded, committed.entry);
        if (again) continue;
        return answer(committed.loaded);
      }
      if (committed.refused !== 'version' && committed.refused !== 'event')
        throw refused(committed.refused);
    }
    throw new GraphwrightError(
      'conflict',
      `Conversation ${key.id} is busy elsewhere; send the same message again`,
      { retriable: true },
    );
  }
}

function refused(refusal: Refusal): GraphwrightError {
  switch (refusal) {
    case 'tenant_sessions':
      return quota('As many conversations are open as the tenant may have; end one first');
    case 'all_sessions':
      return quota('As many conversations are open as there may be; try again later');
    case 'rate':
      return quota('The tenant has sent as many messages as it may in a minute; wait for the next');
    default:
      return new GraphwrightError('conflict', 'Another process was faster', { retriable: true });
  }
}

const quota = (message: string) => new GraphwrightError('too_many_requests', message);
