import { Workflow } from '../../dist/index.js';
import { z } from 'zod';

/** Waits until it is cancelled, and says on standard error that it began. */
class Wait extends Workflow {
  name = 'wait_forever';
  description = 'Wait.';
  parameters = z.object({ seconds: z.number().default(60).describe('How long at most') });
  result = z.object({});

  async run({ seconds }, { signal }) {
    process.stderr.write('waiting\n');
    await new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, seconds * 1000);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
    return {};
  }
}

export const workflows = ({ store }) => (store ? [new Wait({})] : []);
