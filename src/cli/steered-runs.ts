import { GraphwrightError } from '../errors.ts';
import { openApplication } from '../server/application.ts';
import type { Runs } from '../workflows/runs/runs.ts';
import type { RunRecord } from '../workflows/runs/runs.ts';
import { configurationOf, warnOn, type CommonFlags } from './common.ts';
import { RunsClient } from './runs-client.ts';
import { runningServer } from './running-server.ts';

/** What commands do with runs. */
export interface SteeredRuns extends Pick<
  Runs,
  'get' | 'list' | 'cancel' | 'retry' | 'signal' | 'delete' | 'follow'
> {
  resume(id: string): Promise<RunRecord>;
}

/**
 * Opens the runs of the data directory, or talks to the server that has it.
 * @param action Gets them, and whether a server carries them out; otherwise they stop with this command.
 */
export async function withRuns(
  flags: CommonFlags & { url?: string },
  action: (runs: SteeredRuns, served: boolean) => Promise<void>,
): Promise<void> {
  const configuration = configurationOf(flags);
  const { apiKey } = configuration.server;
  if (flags.url !== undefined) return action(new RunsClient({ url: flags.url, apiKey }), true);
  let application;
  try {
    application = await openApplication(configuration, warnOn(flags));
  } catch (thrown) {
    const url = await runningServer(configuration.data);
    if (GraphwrightError.from(thrown).code !== 'data_in_use' || !url) throw thrown;
    return action(new RunsClient({ url, apiKey }), true);
  }
  try {
    await action(application.runs, false);
  } finally {
    await application.close();
  }
}
