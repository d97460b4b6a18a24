import { appendFile } from 'node:fs/promises';
import { Workflow } from '../../dist/index.js';
import { z } from 'zod';

/** Appends to a file of the working directory, as a mail that cannot be taken back. */
class SendNote extends Workflow {
  name = 'send_note';
  description = 'Send a note.';
  parameters = z.object({ text: z.string().min(1) });
  result = z.object({ sent: z.string() });
  hints = { sends: true };

  async run({ text }, run) {
    await run.step('send', () => appendFile('sent.txt', `${text}\n`));
    return { sent: text };
  }
}

export const workflows = [new SendNote({})];
