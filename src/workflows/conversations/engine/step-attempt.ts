import { GraphwrightError } from '../../../errors.ts';
import { attempts, type StepEnd } from '../../attempts.ts';
import { derivedUuid } from '../../derived.ts';
import type { StepContext as Attempt } from '../../workflow.ts';
import type { CompiledFlow, CompiledStep, StepContext, StepInput, StepResult } from '../flow.ts';
import { checked } from './step-results.ts';
import { visitOf, type Turning, type TurnServices } from './turning.ts';

/** What a step is executed within. */
export interface StepScene {
  readonly turn: Turning;
  readonly services: TurnServices;
}

/**
 * Executes a step as often as its flow says.
 * @throws GraphwrightError `unavailable` when the engine closes meanwhile.
 */
export async function attemptStep(
  flow: CompiledFlow,
  step: CompiledStep,
  input: StepInput,
  scene: StepScene,
): Promise<StepEnd<StepResult>> {
  const { stepTimeout, signal, onError } = scene.services;
  const { maxRetries, retryDelay } = flow.settings;
  const policy = {
    attempts: 1 + maxRetries,
    timeout: step.timeout ?? stepTimeout,
    backoff: { initial: retryDelay, jitter: 0 },
  };
  let lastError: GraphwrightError | undefined;
  const end = await attempts<StepResult>(
    async (attempt) => {
      const context = contextOf(flow, step, scene, attempt, lastError);
      return checked(await executed(step, input, context), step);
    },
    policy,
    { step: step.name, signal, onFailedAttempt: ({ error }) => (lastError = error) },
  );
  // Nothing is known of what the step came to: the message is not answered, and sent again it is.
  if (end.error && signal.aborted) throw new GraphwrightError('unavailable', 'Closing down');
  if (end.error) onError(end.error);
  return end;
}

function executed(step: CompiledStep, input: StepInput, context: StepContext) {
  const missing =
    input.kind === 'arrival' &&
    step.requiredContext?.find((name) => context.state[name] === undefined);
  if (typeof missing !== 'string') return step.execute(input, context);
  const problems = [{ pointer: `/${missing}`, detail: 'Required' }];
  throw new GraphwrightError(
    'invalid_data',
    `Step ${step.name} needs ${missing} in the state, which no step before it has put there`,
    { problems },
  );
}

function contextOf(
  flow: CompiledFlow,
  step: CompiledStep,
  { turn, services }: StepScene,
  attempt: Attempt,
  lastError: GraphwrightError | undefined,
): StepContext {
  const { tenant, id } = turn.key;
  const { cause, executed: before } = turn;
  let made: string | undefined;
  // Not of the version: after a lost race the same message is executed on another one. Made for those who ask.
  const key = () => (made ??= derivedUuid('conversation', tenant, id, cause, before));
  const { history, agent, say, run, startRun } = services.services(turn, key, step);
  return Object.freeze({
    conversation: { tenant, id, version: turn.version },
    session: turn.session,
    flow,
    step: step.name,
    state: turn.state.data,
    memo: turn.state.memo,
    visits: turn.state.visits[visitOf(flow, step.name)] ?? 1,
    attempt: attempt.attempt,
    ...(lastError && { lastError }),
    get signal() {
      return attempt.signal;
    },
    get key() {
      return key();
    },
    now: services.now,
    history,
    agent,
    say,
    run,
    startRun,
  });
}
