import { GraphwrightError, type Problem } from '../../../errors.ts';
import { suggest } from '../../../nearest.ts';
import type { CompiledFlow, CompiledStep } from '../flow.ts';
import { defaultFlowSettings, type FlowSettings } from '../flow-settings.ts';
import { lintFlow } from '../flows/lint-flow.ts';

/** The flows that conversations may follow (row L2). */
export class FlowRegistry {
  readonly #flows = new Map<string, CompiledFlow>();

  get all(): CompiledFlow[] {
    return [...this.#flows.values()];
  }

  /**
   * Takes flows that may call one another.
   * @throws GraphwrightError `conflict` for an id that is taken; `invalid_configuration` with all that is wrong.
   */
  register(...flows: readonly CompiledFlow[]): void {
    const ids = [...this.#flows.keys(), ...flows.map(({ id }) => id)];
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice !== undefined)
      throw new GraphwrightError('conflict', `There is a flow ${twice} already`);
    const wrong = flows
      .map((flow) => ({ id: flow.id, problems: lintFlow(flow, ids) }))
      .filter(({ problems }) => problems.length > 0);
    if (wrong.length > 0) throw unsound(wrong);
    for (const flow of flows) this.#flows.set(flow.id, flow);
  }

  /** @throws GraphwrightError `not_found` */
  existing(id: string): CompiledFlow {
    const flow = this.#flows.get(id);
    if (flow) return flow;
    const known = [...this.#flows.keys()];
    throw new GraphwrightError('not_found', `There is no flow ${id}; ${suggest(id, known)}`);
  }

  /** @throws GraphwrightError `workflow_changed` when a conversation stands at a step that is no more. */
  step(flow: string, name: string): { flow: CompiledFlow; step: CompiledStep } {
    const found = this.#flows.get(flow);
    const step = found?.steps.find((each) => each.name === name);
    if (found && step) return { flow: found, step };
    throw new GraphwrightError(
      'workflow_changed',
      `The conversation stands at step ${name} of flow ${flow}, which is no longer there; roll it back or cancel it`,
    );
  }

  /** A step, if it is still there. */
  find(flow: string, name: string): CompiledStep | undefined {
    return this.#flows.get(flow)?.steps.find((step) => step.name === name);
  }

  /** Those of a flow that is no more are the plain ones. */
  settings(id: string): FlowSettings {
    return this.#flows.get(id)?.settings ?? defaultFlowSettings;
  }
}

function unsound(flows: readonly { id: string; problems: readonly Problem[] }[]): GraphwrightError {
  const lists = flows.map(({ id, problems }) => {
    const list = problems.map(({ pointer, detail }) => `${pointer}: ${detail}`);
    return `Flow ${id}: ${list.join('; ')}`;
  });
  return new GraphwrightError('invalid_configuration', lists.join('. '), {
    problems: flows.flatMap(({ problems }) => problems),
  });
}
