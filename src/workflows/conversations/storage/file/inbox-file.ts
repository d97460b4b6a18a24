import { existsSync } from 'node:fs';
import type { CommitGuard } from '../commit-guard.ts';
import type { StoredEvent } from '../storage.ts';
import { appendLine, lineOf, readLines, replaceLines } from './line-file.ts';
import { readInbox, writtenInbox, type InboxRecord } from '../records.ts';

/** The events of all conversations of a directory, in one file. */
export class InboxFile {
  readonly #path: string;
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Hands all events to the guard. */
  async read(guard: CommitGuard): Promise<void> {
    if (!existsSync(this.#path)) return;
    for (const { value, length } of await readLines(this.#path)) {
      const record = readInbox(value);
      if ('put' in record) guard.put(record.put, record.taken);
      else guard.take(record.takes);
      this.#size += length;
    }
  }

  put(event: StoredEvent): Promise<void> {
    return this.#append({ put: event });
  }

  /** Keeps in mind that an event was taken, when the conversation that took it is about to go. */
  taken({ tenant, correlationId, id }: Omit<StoredEvent, 'type' | 'at' | 'data'>): Promise<void> {
    return this.#append({ takes: { tenant, correlationId, id } });
  }

  /** Leaves nothing but these events. */
  async rewrite(events: readonly { event: StoredEvent; taken: boolean }[]): Promise<void> {
    const records = events.map(({ event, taken }) => writtenInbox({ put: event, taken }));
    this.#size = await replaceLines(this.#path, records);
  }

  async #append(record: InboxRecord): Promise<void> {
    const line = lineOf(writtenInbox(record));
    await appendLine(this.#path, line, this.#size);
    this.#size += line.length;
  }
}
