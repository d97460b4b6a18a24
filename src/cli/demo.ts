import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { intro, log, outro } from '@clack/prompts';
import { parse } from '../parse.ts';
import { openApplication } from '../server/application.ts';
import { z } from 'zod';
import { Configuration } from '../configuration-schema.ts';
import { conclude, configurationOf, interruption, warnOn, type CommonFlags } from './common.ts';
import { gatherFacts, type DemoFacts } from './demo/facts.ts';
import { handleFeedback, loadCustomers, position } from './demo/job.ts';
import { jobProgress, type JobProgress } from './demo/progress.ts';
import { report } from './demo/report.ts';
import { labelledSentences } from './demo/sentences.ts';
import { painter, showsColours } from './painter.ts';

/**
 * `graphwright demo`: runs the customer feedback job on 1,000 real review sentences, in a data directory
 * of its own. Mail goes to its outbox whatever is configured. A second run changes nothing.
 */
export async function demo(flags: CommonFlags & { limit?: string }): Promise<void> {
  await conclude(flags, async () => {
    const limit = parse(Limit, flags.limit, 'invalid_parameters', '--limit');
    const data = flags.data ?? join('data', 'demo');
    const sentences = (await labelledSentences()).slice(0, limit);
    const page = flags.json || flags.quiet ? silent : spoken;
    page.begin(sentences.length);
    const application = await openApplication(demoConfiguration(flags, data), warnOn(flags));
    try {
      const before = await position(application.store);
      const customerIds = await loadCustomers(application.store, application.customers);
      page.say(`${customerIds.length} customers loaded from demo/customers.csv`);
      const progress = page.progress('Handling feedback, five at a time', sentences.length);
      const results = await handleFeedback(
        application,
        sentences,
        customerIds,
        progress.update,
        interruption(),
      );
      progress.end(`Handled ${results.length.toLocaleString('en-US')} pieces of feedback`);
      const facts = await gatherFacts(application.store, results, sentences);
      const unchanged = before > 0 && before === (await position(application.store));
      if (flags.json) process.stdout.write(`${JSON.stringify({ unchanged, ...facts })}\n`);
      else page.end(facts, closing(unchanged, await mails(data), data));
    } finally {
      await application.close();
    }
  });
}

const Limit = z.coerce.number().int().min(1).default(1_000);

/** The caller's limits and nothing else of theirs: no server, model or CRM of theirs hears of the demo. */
function demoConfiguration(flags: CommonFlags, data: string) {
  const { store, maxParallelRequests, server, runs, tracing } = configurationOf(flags);
  const csv = relative('.', fileURLToPath(new URL('../../demo/customers.csv', import.meta.url)));
  return Configuration.parse({
    data,
    runs,
    store: { ...store, queryUrl: undefined, updateUrl: undefined, token: undefined },
    server,
    tracing,
    approval: { policy: 'never' },
    maxParallelRequests,
    mail: { from: 'care@example.com', fromName: 'Customer care' },
    customers: { csv },
  });
}

/** What the demo shows while it works and at its end. */
interface Page {
  begin(count: number): void;
  say(text: string): void;
  progress(title: string, total: number): JobProgress;
  end(facts: DemoFacts, closing: string): void;
}

const spoken: Page = {
  begin: (count) =>
    intro(
      paint().bold(
        `Graphwright demo: ${count.toLocaleString('en-US')} pieces of customer feedback`,
      ),
    ),
  say: (text) => log.info(text),
  progress: jobProgress,
  end(facts, closingWords) {
    process.stdout.write(`${report(facts, paint())}\n\n`);
    outro(closingWords);
  },
};

const nothing = () => undefined;
const silent: Page = {
  begin: nothing,
  say: nothing,
  progress: () => ({ update: nothing, end: nothing }),
  end: nothing,
};

const paint = () => painter(showsColours(process.stdout));

function closing(unchanged: boolean, sent: number, data: string): string {
  const done = unchanged
    ? 'Nothing changed: every piece of feedback was already there, and no customer got a second mail.'
    : `${sent.toLocaleString('en-US')} mails lie in ${join(data, 'outbox')}; no real customer heard of this.`;
  return `${done}\n   Go on with: ${paint().cyan(`npx graphwright serve --data ${data}`)}`;
}

async function mails(data: string): Promise<number> {
  return (await readdir(join(data, 'outbox'))).filter((name) => name.endsWith('.eml')).length;
}
