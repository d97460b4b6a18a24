import type { Utterance } from '../agent.ts';
import type { ConversationKey } from '../conversation.ts';
import type { ConversationEvent, LogEntry } from '../log.ts';
import { textOf } from '../message.ts';
import type { ConversationStorage } from '../storage/storage.ts';
import type { Records } from './records.ts';

const page = 50;

/**
 * The entries that led to a version, the newest first: what a rollback left behind is passed over, and the
 * rollback itself is not among them.
 */
export async function* entriesBefore(
  storage: ConversationStorage,
  records: Records,
  key: ConversationKey,
  version: number,
): AsyncGenerator<LogEntry> {
  let next = version;
  while (next > 0) {
    const before = next + 1;
    const found = await storage.entries(key, { order: 'newest', before, limit: page });
    if (found.length === 0) return;
    for (const stored of found) {
      if (stored.version > next) continue;
      const entry = records.readEntry(key, stored);
      const rollback = entry.events.find((event) => event.type === 'rollback');
      next = rollback ? rollback.to : entry.version - 1;
      if (!rollback) yield entry;
    }
  }
}

/** What was said, as agents read it. */
export const utterances = (events: readonly ConversationEvent[]): Utterance[] =>
  events.flatMap((event): Utterance[] => {
    if (event.type === 'message') return [{ role: 'user', content: textOf(event.message) }];
    if (event.type !== 'reply') return [];
    const { content, metadata } = event.reply;
    const name = metadata?.['agent'];
    return [{ role: 'assistant', content, ...(typeof name === 'string' && { name }) }];
  });
