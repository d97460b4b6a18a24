import { hasEnded, type ConversationStatus } from '../conversation.ts';
import type { Conversations } from '../engine/conversations.ts';

/** Numbers of a tenant's conversations, as they are kept now (row V22). */
export interface ConversationStatistics {
  readonly conversations: number;
  /** Those that take messages, wait or are paused. */
  readonly open: number;
  readonly byStatus: Readonly<Partial<Record<ConversationStatus, number>>>;
  readonly byFlow: Readonly<Record<string, FlowStatistics>>;
  /** Sessions with an open conversation. */
  readonly activeSessions: number;
  /** Commits: turns, and operations from outside. */
  readonly commits: number;
}

/** The same of one flow. */
export interface FlowStatistics {
  readonly conversations: number;
  readonly completed: number;
  /** Commits in the middle. */
  readonly meanCommits: number;
  /** Milliseconds from the first commit to the last one, in the middle of those that have ended. */
  readonly meanDuration?: number;
}

/** Counts the conversations of a tenant, a page at a time. */
export async function countConversations(
  conversations: Conversations,
  tenant: string,
): Promise<ConversationStatistics> {
  const byStatus: Partial<Record<ConversationStatus, number>> = {};
  const flows = new Map<string, Tally>();
  const sessions = new Set<string>();
  let commits = 0;
  for (let cursor: string | undefined, more = true; more;) {
    const page = await conversations.list({ tenant, cursor, limit: 1000 });
    for (const { status, flow, sessionId, version, createdAt, updatedAt } of page.items) {
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      commits += version;
      if (!hasEnded(status)) sessions.add(sessionId);
      const tally = flows.get(flow) ?? { all: 0, completed: 0, commits: 0, ended: 0, lasted: 0 };
      flows.set(flow, tally);
      tally.all += 1;
      tally.commits += version;
      if (status === 'completed') tally.completed += 1;
      if (!hasEnded(status)) continue;
      tally.ended += 1;
      tally.lasted += Date.parse(updatedAt) - Date.parse(createdAt);
    }
    cursor = page.nextCursor;
    more = cursor !== undefined;
  }
  const counts = Object.entries(byStatus);
  const sum = (some: typeof counts) => some.reduce((total, [, count]) => total + count, 0);
  return {
    conversations: sum(counts),
    open: sum(counts.filter(([status]) => !hasEnded(status as ConversationStatus))),
    byStatus,
    byFlow: Object.fromEntries([...flows].map(([flow, tally]) => [flow, statisticsOf(tally)])),
    activeSessions: sessions.size,
    commits,
  };
}

interface Tally {
  all: number;
  completed: number;
  commits: number;
  ended: number;
  lasted: number;
}

const statisticsOf = ({ all, completed, commits, ended, lasted }: Tally): FlowStatistics => ({
  conversations: all,
  completed,
  meanCommits: commits / all,
  ...(ended > 0 && { meanDuration: lasted / ended }),
});
