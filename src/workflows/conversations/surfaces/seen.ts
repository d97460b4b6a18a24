import type { z } from 'zod';
import { GraphwrightError, type SerializedError } from '../../../errors.ts';
import { suggest } from '../../../nearest.ts';
import { mermaidOf } from '../drawing/mermaid.ts';
import type { ConversationRecord, ConversationSummary, Turn } from '../conversation.ts';
import type { CompiledFlow } from '../flow.ts';
import type { ConversationEvent, LogEntry } from '../log.ts';
import type { EntryView, FlowSummary, FlowView, TurnView } from './views.ts';

type Given<S extends z.ZodType> = z.input<S>;

/** An error as clients may see it: of the unexpected nothing but that it happened. */
function publicly(error: SerializedError): { code: string; message: string } {
  const { code, message } = GraphwrightError.fromJSON(error).toPublic();
  return { code, message };
}

/** A turn without the tenant, whom it belongs to anyway. */
export function seenTurn(turn: Turn): TurnView {
  const { tenant: _, error, replies, ...rest } = turn;
  return {
    ...rest,
    replies: structuredClone(replies) as TurnView['replies'],
    ...(error && { error: publicly(error) }),
  };
}

/** A conversation without its tenant. */
export function withoutTenant<T extends ConversationSummary | ConversationRecord>(
  record: T,
): Omit<T, 'tenant'> {
  const { tenant: _, ...rest } = record;
  return structuredClone(rest);
}

/** An entry of the log with its time in words. */
export const seenEntry = ({ at, events, ...entry }: LogEntry): EntryView => ({
  ...entry,
  at: new Date(at).toISOString(),
  events: events.map(seenEvent),
});

const seenEvent = (event: ConversationEvent) => {
  if (event.type !== 'step') return structuredClone(event) as { type: string };
  const { at, error, ...step } = event;
  const began = new Date(at).toISOString();
  return { ...step, at: began, ...(error && { error: publicly(error) }) };
};

/** A flow in a list. */
export const summaryOf = ({
  id,
  name,
  description,
  pattern,
  steps,
}: CompiledFlow): Given<typeof FlowSummary> => ({
  id,
  name,
  description,
  pattern,
  steps: steps.map((step) => step.name),
});

/** A flow with its steps. */
export const seenFlow = (flow: CompiledFlow): Given<typeof FlowView> => ({
  ...summaryOf(flow),
  steps: flow.steps.map(({ name, description, kind, transitions }) => ({
    name,
    description,
    kind,
    transitions: transitions.map((way) => ({ ...way })),
  })),
  start: flow.start,
  ends: [...flow.ends],
  settings: { ...flow.settings },
  events: [...(flow.events ?? [])],
  mermaid: mermaidOf(flow),
});

/** @throws GraphwrightError `not_found`, naming the nearest. */
export function knownFlow(flows: readonly CompiledFlow[], id: string): CompiledFlow {
  const flow = flows.find((each) => each.id === id);
  if (flow) return flow;
  const ids = flows.map((each) => each.id);
  throw new GraphwrightError('not_found', `No flow ${id}; ${suggest(id, ids)}`);
}
