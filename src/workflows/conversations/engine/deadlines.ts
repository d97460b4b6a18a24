import type { CompiledStep } from '../flow.ts';
import type { EngineSettings, FlowSettings } from '../flow-settings.ts';
import type { ConversationFacts, ConversationState } from '../log.ts';

/** What time does to a conversation: it ends, its question lapses, or its step is told that the wait is over. */
export interface Deadline {
  readonly kind: 'expired' | 'lapsed' | 'timeout';
  readonly at: number;
  readonly reason: string;
}

/** What deadlines depend on. */
export interface Timed {
  readonly state: ConversationState;
  readonly facts: Pick<ConversationFacts, 'activeAt'>;
  readonly createdAt: number;
  readonly settings: FlowSettings;
  readonly step?: Pick<CompiledStep, 'answerTimeout'>;
  readonly engine: EngineSettings;
}

/** The first thing that time does to a conversation when nobody else does anything. */
export function deadline({
  state,
  facts,
  createdAt,
  settings,
  step,
  engine,
}: Timed): Deadline | undefined {
  const { status, until } = state;
  if (status !== 'active' && status !== 'waiting' && status !== 'paused') return undefined;
  const answer = step?.answerTimeout ?? settings.interactionTimeout ?? engine.defaultTimeout;
  const all: Deadline[] = [
    {
      kind: 'expired',
      at: createdAt + engine.maxWorkflowDuration,
      reason: 'It had lasted as long as a conversation may',
    },
  ];
  if (status !== 'waiting')
    all.push({
      kind: 'expired',
      at: facts.activeAt + engine.idleTimeout,
      reason: 'Nothing had happened in it for too long',
    });
  if (status === 'active')
    all.push({
      kind: 'lapsed',
      at: facts.activeAt + answer,
      reason: 'The question was not answered in time',
    });
  if (status === 'waiting' && until !== undefined)
    all.push({ kind: 'timeout', at: until, reason: 'What it waited for did not happen in time' });
  return all.reduce((first, each) => (each.at < first.at ? each : first));
}
