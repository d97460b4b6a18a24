import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { intro, log, outro } from '@clack/prompts';
import { parse } from '../parse.ts';
import { openApplication } from '../server/application.ts';
import { z } from 'zod';
import { conclude, configurationOf, interruption, warnOn, type CommonFlags } from './common.ts';
import { gatherFacts, type DemoFacts } from './demo/facts.ts';
import { handleFeedback, loadCustomers, position } from './demo/job.ts';
import { jobProgress } from './demo/progress.ts';
import { report } from './demo/report.ts';
import { labelledSentences } from './demo/sentences.ts';
import { painter, showsColours } from './painter.ts';

/**
 * `graphwright demo`: runs the customer feedback job on 1,000 real review sentences, in a data directory
 * of its own. Mail goes to its outbox whatever is configured. A second run changes nothing.
 */
export async function demo(flags: CommonFlags & { limit?: string }): Promise<void> {
  await conclude(flags, async () => {
    const limit = parse(
      z.coerce.number().int().min(1).default(1_000),
      flags.limit,
      'invalid_parameters',
      '--limit',
    );
    const paint = painter(showsColours(process.stdout));
    const data = flags.data ?? join('data', 'demo');
    const sentences = (await labelledSentences()).slice(0, limit);
    intro(
      paint.bold(
        `Graphwright demo: ${sentences.length.toLocaleString('en-US')} pieces of customer feedback`,
      ),
    );
    const application = await openApplication(demoConfiguration(flags, data), warnOn(flags));
    try {
      const before = await position(application.store);
      const customerIds = await loadCustomers(application.store, application.customers);
      log.info(`${customerIds.length} customers loaded from demo/customers.csv`);
      const start = performance.now();
      const progress = jobProgress('Handling feedback, five at a time', sentences.length);
      const results = await handleFeedback(
        application,
        sentences,
        customerIds,
        progress.update,
        interruption(),
      );
      progress.end(`Handled ${results.length} pieces of feedback in ${seconds(start)} s`);
      const facts = await gatherFacts(application.store, results, sentences);
      const unchanged = before > 0 && before === (await position(application.store));
      show(flags, facts, unchanged);
      outro(closing(unchanged, await mails(data), data, paint.cyan));
    } finally {
      await application.close();
    }
  });
}

/** The caller's limits and nothing else of theirs: no server, model or CRM of theirs hears of the demo. */
function demoConfiguration(flags: CommonFlags, data: string) {
  const { store, maxParallelRequests, server } = configurationOf(flags);
  const csv = relative('.', fileURLToPath(new URL('../../demo/customers.csv', import.meta.url)));
  const mail = { from: 'care@example.com', fromName: 'Customer care' };
  return { data, store, server, maxParallelRequests, mail, customers: { csv }, model: {} };
}

function show({ json, quiet }: CommonFlags, facts: DemoFacts, unchanged: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify({ unchanged, ...facts })}\n`);
  else if (!quiet)
    process.stdout.write(`${report(facts, painter(showsColours(process.stdout)))}\n\n`);
}

function closing(
  unchanged: boolean,
  sent: number,
  data: string,
  mark: (text: string) => string,
): string {
  const done = unchanged
    ? 'Nothing changed: every piece of feedback was already there, and no customer got a second mail.'
    : `${sent} mails lie in ${join(data, 'outbox')}; no real customer heard of this.`;
  const next = `Go on with: ${mark(`npx graphwright serve --data ${data}`)}`;
  return `${done}\n   ${next}`;
}

async function mails(data: string): Promise<number> {
  return (await readdir(join(data, 'outbox'))).filter((name) => name.endsWith('.eml')).length;
}

const seconds = (start: number) => ((performance.now() - start) / 1000).toFixed(1);
