import { openStatuses } from '../conversation.ts';
import type { HeadFilter, StoredHead } from './storage.ts';

/** Whether a head is one that the filter wants, its page aside. */
export function matches(head: StoredHead, filter: HeadFilter): boolean {
  const { tenant, flow, sessionId, status, waitingFor, dueBefore } = filter;
  return (
    (tenant === undefined || head.tenant === tenant) &&
    (flow === undefined || head.flow === flow) &&
    (sessionId === undefined || head.sessionId === sessionId) &&
    (status === undefined || status.includes(head.status)) &&
    (waitingFor === undefined ||
      (head.waitingFor?.type === waitingFor.type &&
        head.waitingFor.correlationId === waitingFor.correlationId)) &&
    (dueBefore === undefined || (head.dueAt !== undefined && head.dueAt <= dueBefore))
  );
}

/** The page of those that a filter wants: newest first. */
export function pageOf(heads: Iterable<StoredHead>, filter: HeadFilter): StoredHead[] {
  const { after, limit } = filter;
  return [...heads]
    .filter((head) => matches(head, filter) && (!after || compare(after, head) < 0))
    .toSorted(compare)
    .slice(0, limit);
}

/** Whether a head counts against a quota of sessions. */
export const isOpen = ({ status }: StoredHead): boolean =>
  openStatuses.some((open) => open === status);

type Place = Pick<StoredHead, 'createdAt' | 'tenant' | 'id'>;

/** Newest first. */
function compare(a: Place, b: Place): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.tenant !== b.tenant) return a.tenant < b.tenant ? 1 : -1;
  if (a.id !== b.id) return a.id < b.id ? 1 : -1;
  return 0;
}
