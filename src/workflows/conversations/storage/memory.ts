import type { ConversationKey } from '../conversation.ts';
import type { AwaitedEvent } from '../message.ts';
import { CommitGuard, nameOf } from './commit-guard.ts';
import { pageOf } from './heads.ts';
import { LogIndex } from './log-index.ts';
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
} from './storage.ts';

/** Conversations in memory, gone at the end of the process: for tests, and for flows that keep nothing. */
export class MemoryConversations implements ConversationStorage {
  readonly exclusive = true;
  #guard = new CommitGuard();
  readonly #logs = new Map<string, LogIndex<StoredEntry>>();

  async load(key: ConversationKey, options: LoadOptions = {}) {
    const head = this.#guard.head(key);
    const log = this.#logs.get(nameOf(key));
    if (!head || !log) return undefined;
    const { snapshot, entries, answered } = log.parts(head.version, options);
    const kept: StoredConversation = {
      head,
      snapshot: snapshot && { version: snapshot.version, data: snapshot.snapshot! },
      entries: entries.map(withoutSnapshot),
      answered: answered && withoutSnapshot(answered),
      messageIds: options.messageIds ? log.messageIds : undefined,
    };
    return kept;
  }

  async commit(commit: Commit): Promise<Refusal | undefined> {
    const refusal = this.#guard.refusal(commit);
    if (refusal) return refusal;
    const name = nameOf(commit.head);
    const log = this.#logs.get(name) ?? new LogIndex();
    log.add(commit.entry, commit.entry);
    this.#logs.set(name, log);
    this.#guard.accept(commit);
    return undefined;
  }

  async entries(key: ConversationKey, filter: EntryFilter): Promise<StoredEntry[]> {
    return (this.#logs.get(nameOf(key))?.places(filter) ?? []).map(withoutSnapshot);
  }

  async put(event: StoredEvent): Promise<boolean> {
    if (this.#guard.knows(event)) return false;
    this.#guard.put(event);
    return true;
  }

  async inbox(tenant: string, awaited: AwaitedEvent): Promise<StoredEvent[]> {
    return this.#guard.inbox(tenant, awaited);
  }

  async list(filter: HeadFilter): Promise<StoredHead[]> {
    return pageOf(this.#guard.heads(), filter);
  }

  async delete(key: ConversationKey): Promise<boolean> {
    this.#logs.delete(nameOf(key));
    return this.#guard.delete(key);
  }

  async sweep(filter: SweepFilter): Promise<number> {
    const old = this.#guard.old(filter);
    for (const head of old.conversations) this.#logs.delete(nameOf(head));
    this.#guard.remove(old);
    return old.conversations.length + old.events.length;
  }

  async close(): Promise<void> {
    this.#logs.clear();
    this.#guard = new CommitGuard();
  }
}
