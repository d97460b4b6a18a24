import type { RunRecord, Runs } from '../workflows/runs/runs.ts';
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
  const url = flags.url ?? (await runningServer(configuration.data));
  if (url !== undefined) return action(new RunsClient({ url, apiKey }), true);
  // Loaded only here: asking a server takes nothing of it.
  const { openApplication } = await import('../server/application.ts');
  const application = await openApplication(configuration, warnOn(flags));
  try {
    await action(application.runs, false);
  } finally {
    await application.close();
  }
}
