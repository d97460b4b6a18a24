import { z } from 'zod';
import { Workflow, type Run } from '../../src/workflows/workflow.ts';

/** Is in its only step until it is let go of, or aborted. */
export class Held extends Workflow<{ isHeld: boolean }> {
  readonly name = 'held';
  readonly description = 'Hold a step until it is let go.';
  readonly parameters = z.object({});
  readonly result = z.object({});

  async run(_: object, run: Run) {
    await run.step('held', ({ signal }) =>
      this.configuration.isHeld
        ? new Promise((resolve) => signal.addEventListener('abort', resolve))
        : undefined,
    );
    return {};
  }
}
