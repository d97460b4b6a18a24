import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GraphwrightError } from '../../../../errors.ts';
import type { ConversationKey } from '../../conversation.ts';
import type { AwaitedEvent } from '../../message.ts';
import { CommitGuard, nameOf } from '../commit-guard.ts';
import { pageOf } from '../heads.ts';
import { LogIndex } from '../log-index.ts';
import {
  withoutSnapshot,
  type Commit,
  type ConversationStorage,
  type EntryFilter,
  type HeadFilter,
  type LoadOptions,
  type Refusal,
  type StoredConversation,
  type StoredEntry,
  type StoredEvent,
  type StoredHead,
  type SweepFilter,
} from '../storage.ts';
import { ChangeOrder } from './change-order.ts';
import { FileLock } from '../../../../ontology/embedded/file-lock.ts';
import { InboxFile } from './inbox-file.ts';
import {
  appendLine,
  lineOf,
  makeDirectory,
  readAt,
  readLines,
  syncDirectory,
  type Line,
} from './line-file.ts';
import { readCommit, readEntry, writtenCommit } from '../records.ts';

/** Where conversations are kept as files (row V17). */
export interface FileConversationsConfiguration {
  /** Made when it does not exist; one process at a time has it. */
  readonly directory: string;
  /** Bytes that one conversation may take; 10 MiB by default. */
  readonly maxFileSize?: number;
}

type Place = Pick<Line, 'start' | 'length'>;

/** One conversation's file. */
interface Log {
  readonly path: string;
  size: number;
  readonly index: LogIndex<Place>;
}

/**
 * Conversations as files, one for each: a line of JSON for each commit, on disk before it is acknowledged. Heads,
 * inbox and the places of the lines are in memory; what was said is read from the file.
 */
export class FileConversations implements ConversationStorage {
  readonly exclusive = true;
  readonly #configuration: Required<FileConversationsConfiguration>;
  readonly #lock: FileLock;
  readonly #inbox: InboxFile;
  readonly #guard = new CommitGuard();
  readonly #logs = new Map<string, Log>();
  readonly #order = new ChangeOrder();
  /** Directories of tenants that are being made. */
  readonly #making = new Map<string, Promise<void>>();

  /**
   * Opens a directory, and drops what a crash left unfinished in it.
   * @throws GraphwrightError `data_in_use`, `store_damaged` with file and line.
   */
  static async open(configuration: FileConversationsConfiguration): Promise<FileConversations> {
    const { directory, maxFileSize = 10 * 1024 * 1024 } = configuration;
    await makeDirectory(directory);
    const storage = new FileConversations(
      { directory, maxFileSize },
      new FileLock(join(directory, 'lock.db')),
    );
    try {
      await storage.#read();
    } catch (thrown) {
      storage.#lock.release();
      throw thrown;
    }
    return storage;
  }

  private constructor(configuration: Required<FileConversationsConfiguration>, lock: FileLock) {
    this.#configuration = configuration;
    this.#lock = lock;
    this.#inbox = new InboxFile(join(configuration.directory, 'inbox.jsonl'));
  }

  async load(key: ConversationKey, options: LoadOptions = {}) {
    const log = this.#logs.get(nameOf(key));
    const head = this.#guard.head(key);
    if (!log || !head) return undefined;
    const { snapshot, entries, answered } = log.index.parts(head.version, options);
    const places = [...(snapshot ? [snapshot] : []), ...entries, ...(answered ? [answered] : [])];
    const read = (await readAt(log.path, places)).map(readEntry);
    const from = snapshot ? 1 : 0;
    const kept: StoredConversation = {
      head,
      snapshot: snapshot && { version: read[0]!.version, data: read[0]!.snapshot! },
      entries: read.slice(from, from + entries.length).map(withoutSnapshot),
      answered: answered && withoutSnapshot(read.at(-1)!),
      messageIds: options.messageIds ? log.index.messageIds : undefined,
    };
    return kept;
  }

  commit(commit: Commit): Promise<Refusal | undefined> {
    const { head, takes, limits = {} } = commit;
    const action = () => this.#commit(commit);
    // What is checked against more than the conversation itself must still hold when it is written.
    const alone = takes !== undefined || Object.values(limits).some((each) => each !== undefined);
    return alone ? this.#order.alone(action) : this.#order.beside(nameOf(head), action);
  }

  async entries(key: ConversationKey, filter: EntryFilter): Promise<StoredEntry[]> {
    const log = this.#logs.get(nameOf(key));
    if (!log) return [];
    const read = await readAt(log.path, log.index.places(filter));
    return read.map((line) => withoutSnapshot(readEntry(line)));
  }

  put(event: StoredEvent): Promise<boolean> {
    return this.#order.alone(async () => {
      if (this.#guard.knows(event)) return false;
      await this.#inbox.put(event);
      this.#guard.put(event);
      return true;
    });
  }

  async inbox(tenant: string, awaited: AwaitedEvent): Promise<StoredEvent[]> {
    return this.#guard.inbox(tenant, awaited);
  }

  async list(filter: HeadFilter): Promise<StoredHead[]> {
    return pageOf(this.#guard.heads(), filter);
  }

  delete(key: ConversationKey): Promise<boolean> {
    return this.#order.alone(async () => {
      const head = this.#guard.head(key);
      if (head) await this.#remove([head]);
      return head !== undefined;
    });
  }

  sweep(filter: SweepFilter): Promise<number> {
    return this.#order.alone(async () => {
      const old = this.#guard.old(filter);
      await this.#remove(old.conversations);
      const gone = new Set(old.events);
      const left = [...this.#guard.events()].filter(({ event }) => !gone.has(event));
      if (gone.size > 0) await this.#inbox.rewrite(left);
      this.#guard.remove(old);
      return old.conversations.length + old.events.length;
    });
  }

  async close(): Promise<void> {
    await this.#order.alone(async () => this.#lock.release());
  }

  async #commit(commit: Commit): Promise<Refusal | undefined> {
    const refusal = this.#guard.refusal(commit);
    if (refusal) return refusal;
    const { head, entry } = commit;
    const log = this.#logs.get(nameOf(head)) ?? this.#newLog(head);
    const line = lineOf(writtenCommit(commit));
    this.#assertFits(log, head, line.length);
    if (log.size === 0) await this.#makeTenant(dirname(log.path));
    await appendLine(log.path, line, log.size);
    this.#take(log, entry, { start: log.size, length: line.length });
    this.#logs.set(nameOf(head), log);
    this.#guard.accept(commit);
    return undefined;
  }

  /** No conversation of a tenant is acknowledged before the directory is on disk, whoever makes it. */
  #makeTenant(path: string): Promise<void> {
    const making =
      this.#making.get(path) ?? makeDirectory(path).finally(() => this.#making.delete(path));
    this.#making.set(path, making);
    return making;
  }

  async #read(): Promise<void> {
    await this.#inbox.read(this.#guard);
    const { directory } = this.#configuration;
    for (const tenant of await readdir(directory, { withFileTypes: true })) {
      if (!tenant.isDirectory()) continue;
      const names = await readdir(join(directory, tenant.name));
      for (const name of names.filter((each) => each.endsWith('.jsonl')))
        await this.#readLog(join(directory, tenant.name, name));
    }
  }

  async #readLog(path: string): Promise<void> {
    const log: Log = { path, size: 0, index: new LogIndex() };
    for (const line of await readLines(path)) {
      const { head, entry, takes, limits } = readCommit(line.value);
      this.#take(log, entry, line);
      this.#guard.accept({ head, takes, limits });
      this.#logs.set(nameOf(head), log);
    }
  }

  #take(log: Log, entry: StoredEntry, place: Place): void {
    log.index.add(entry, { start: place.start, length: place.length });
    log.size += place.length;
  }

  #newLog({ tenant, id }: ConversationKey): Log {
    const path = join(this.#configuration.directory, fileName(tenant), `${fileName(id)}.jsonl`);
    return { path, size: 0, index: new LogIndex() };
  }

  #assertFits(log: Log, { id }: ConversationKey, length: number): void {
    const { maxFileSize } = this.#configuration;
    if (log.size + length <= maxFileSize) return;
    const text = `The conversation ${id} would take more than ${maxFileSize} bytes: end it and begin another one, or raise maxFileSize`;
    throw new GraphwrightError('too_large', text);
  }

  /** Removes files, and keeps in mind which events they had taken. */
  async #remove(heads: readonly StoredHead[]): Promise<void> {
    for (const head of heads) {
      const log = this.#logs.get(nameOf(head))!;
      for (const { value } of await readLines(log.path)) {
        const { takes } = readCommit(value);
        if (takes) await this.#inbox.taken({ ...takes, tenant: head.tenant });
      }
      await rm(log.path, { force: true });
      await syncDirectory(dirname(log.path));
      this.#logs.delete(nameOf(head));
      this.#guard.delete(head);
    }
  }
}

/** Capitals are written out: some file systems do not tell them from small letters. */
function fileName(id: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id))
    throw new GraphwrightError('invalid_parameters', `${JSON.stringify(id)} is not an id`);
  return id.replace(/[A-Z]/g, (letter) => `+${letter.toLowerCase()}`);
}
