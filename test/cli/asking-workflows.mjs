import { Workflow } from '../../dist/index.js';
import { z } from 'zod';

/** Does one step, and waits for an answer. */
class Ask extends Workflow {
  name = 'ask';
  description = 'Ask a person.';
  parameters = z.object({ question: z.string() });
  result = z.object({ answer: z.unknown() });

  async run({ question }, run) {
    await run.step('write_down', () => question);
    return { answer: await run.waitFor('answer') };
  }
}

export const workflows = [new Ask({})];
