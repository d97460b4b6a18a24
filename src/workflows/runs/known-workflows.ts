import { GraphwrightError } from '../../errors.ts';
import type { AnyWorkflow } from '../workflow.ts';

/** The workflows that can be carried out: those of a list, and those that were started besides. */
export class KnownWorkflows {
  readonly #listed: readonly AnyWorkflow[];
  readonly #started = new Map<string, AnyWorkflow>();

  constructor(listed: readonly AnyWorkflow[]) {
    this.#listed = listed;
  }

  /** Remembers one that is started. */
  add(workflow: AnyWorkflow): void {
    if (!this.#listed.includes(workflow)) this.#started.set(workflow.name, workflow);
  }

  find(name: string): AnyWorkflow | undefined {
    return this.#listed.find((workflow) => workflow.name === name) ?? this.#started.get(name);
  }

  /** @throws GraphwrightError `not_found` */
  offered(name: string): AnyWorkflow {
    const workflow = this.find(name);
    if (workflow) return workflow;
    throw new GraphwrightError('not_found', `No workflow ${name} is offered any more`);
  }
}
