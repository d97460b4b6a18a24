import { GraphwrightError } from '../../../../errors.ts';
import type {
  StateOptions,
  StateFile,
  Statement,
} from '../../../../ontology/embedded/state-file.ts';
import type { ConversationKey } from '../../conversation.ts';
import type { AwaitedEvent } from '../../message.ts';
import type {
  Commit,
  ConversationStorage,
  EntryFilter,
  HeadFilter,
  LoadOptions,
  Refusal,
  StoredConversation,
  StoredEntry,
  StoredEvent,
  StoredHead,
  SweepFilter,
} from '../storage.ts';
import { readData, readEntry, readEvent, readHead, type Row } from './rows.ts';
import {
  commitStatements,
  deleteConversations,
  deleteEvents,
  insertEvent,
  selectConversation,
  selectEntries,
  selectHeads,
  selectInbox,
  selectNumberOf,
  selectOld,
  selectOldEvents,
} from './statements.ts';
import { renaming, type SqliteTables } from './table-names.ts';
import { prepareTables } from './tables.ts';

/**
 * Conversations in the SQLite state file, beside the graph and the runs: a commit is one transaction with one
 * sync, which commits that wait at the same moment share.
 */
export class SqliteConversations implements ConversationStorage {
  readonly exclusive = true;
  readonly #state: Pick<StateFile, 'commit' | 'read'>;

  private constructor(state: Pick<StateFile, 'commit' | 'read'>) {
    this.#state = state;
  }

  /**
   * @param state The caller closes it, after the storage; one storage at a time uses it.
   * @param tables Tables by other names; they are made when they are missing.
   * @throws GraphwrightError `invalid_configuration` for a table's name.
   */
  static async open(
    state: StateFile,
    tables?: Partial<SqliteTables>,
  ): Promise<SqliteConversations> {
    const renamed = renaming(tables);
    const named = tables
      ? {
          commit: (statements: readonly Statement[], options?: StateOptions) =>
            state.commit(statements.map(renamed), options),
          read: <R extends Row>(statement: Statement, options?: StateOptions) =>
            state.read<R>(renamed(statement), options),
        }
      : state;
    await prepareTables(named);
    return new SqliteConversations(named);
  }

  async load(
    key: ConversationKey,
    options: LoadOptions = {},
  ): Promise<StoredConversation | undefined> {
    // Of one that is known, only what came since.
    const brief = options.known !== undefined && !options.messageIds;
    const rows = await this.#read(selectConversation(key, options), { brief });
    const of = (kind: string) => rows.filter((row) => row['kind'] === kind);
    const [head] = of('head');
    if (!head) return undefined;
    const [snapshot] = of('snapshot');
    const [answered] = of('answered');
    const [ids] = of('ids');
    return {
      head: readHead(head),
      snapshot: snapshot && { version: Number(snapshot['version']), data: readData(snapshot) },
      entries: of('entry').map(readEntry),
      answered: answered && readEntry(answered),
      messageIds: ids && (JSON.parse(String(ids['data'])) as string[]),
    };
  }

  async commit(commit: Commit): Promise<Refusal | undefined> {
    try {
      // The limits of a start count rows.
      const brief = commit.expected > 0;
      await this.#state.commit(commitStatements(commit), { brief });
      return undefined;
    } catch (thrown) {
      return refusalIn(GraphwrightError.from(thrown));
    }
  }

  async entries(key: ConversationKey, filter: EntryFilter): Promise<StoredEntry[]> {
    return (await this.#read(selectEntries(key, filter))).map(readEntry);
  }

  async put(event: StoredEvent): Promise<boolean> {
    try {
      await this.#state.commit([insertEvent(event)], { brief: true });
      return true;
    } catch (thrown) {
      if (GraphwrightError.from(thrown).code !== 'conflict') throw thrown;
      return false;
    }
  }

  async inbox(tenant: string, awaited: AwaitedEvent): Promise<StoredEvent[]> {
    return (await this.#read(selectInbox(tenant, awaited))).map(readEvent);
  }

  async list(filter: HeadFilter): Promise<StoredHead[]> {
    return (await this.#read(selectHeads(filter))).map(readHead);
  }

  async delete(key: ConversationKey): Promise<boolean> {
    const numbers = await this.#numbers(selectNumberOf(key));
    if (numbers.length > 0) await this.#state.commit(deleteConversations(numbers));
    return numbers.length > 0;
  }

  async sweep(filter: SweepFilter): Promise<number> {
    const conversations = await this.#numbers(selectOld(filter));
    const events = await this.#numbers(selectOldEvents(filter));
    if (conversations.length + events.length > 0)
      await this.#state.commit([...deleteConversations(conversations), deleteEvents(events)]);
    return conversations.length + events.length;
  }

  /** The state file is the caller's to close. */
  async close(): Promise<void> {}

  async #numbers(statement: Statement): Promise<number[]> {
    return (await this.#read(statement)).map(({ number }) => Number(number));
  }

  #read(statement: Statement, options?: StateOptions): Promise<Row[]> {
    return this.#state.read<Row>(statement, options);
  }
}

/** @throws The error when it tells of anything but a reason against the commit. */
function refusalIn(error: GraphwrightError): Refusal {
  if (error.code !== 'conflict') throw error;
  const [, reason] =
    /CHECK constraint failed: (version|event|tenant_sessions|all_sessions|rate)$/.exec(
      error.message,
    ) ?? [];
  // The conversation to be made is there, or its message has been answered.
  return (reason as Refusal | undefined) ?? 'version';
}
