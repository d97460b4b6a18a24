import { GraphwrightError } from '../errors.ts';
import type { Approval, Approvals, Decision } from '../workflows/approval/approvals.ts';
import type { RunRecord, Runs } from '../workflows/runs/runs.ts';
import {
  commandAgent,
  conclude,
  configurationOf,
  interruption,
  readStdin,
  readText,
  warnOn,
  type CommonFlags,
} from './common.ts';
import { RunsClient } from './runs-client.ts';
import { runningServer } from './running-server.ts';
import { callInFull, callsInTable } from './show-approval.ts';
import { inFull } from './show-run.ts';

/** The flags of the commands on approvals. */
export interface ApprovalFlags extends CommonFlags {
  url?: string;
}

/** The flags of `graphwright approvals list`. */
export interface ApprovalListFlags extends ApprovalFlags {
  all?: boolean;
  workflow?: string;
  limit?: string;
  cursor?: string;
}

/** The flags of a decision. */
export interface DecisionFlags extends ApprovalFlags {
  reason?: string;
  file?: string;
}

/** What commands do with approvals. */
interface DecidedApprovals {
  list: Approvals['list'];
  get(id: string): Promise<Approval>;
  decide(id: string, decision: Decision): Promise<Approval>;
  /** Where the run is carried out with this command, and not by a server. */
  runs?: Pick<Runs, 'wait'>;
}

/** `graphwright approvals list`: the calls that wait for a person, the newest first. */
export async function listApprovals(flags: ApprovalListFlags): Promise<void> {
  await conclude(flags, () =>
    withApprovals(flags, async (approvals) => {
      const { all, workflow, cursor } = flags;
      const limit = flags.limit === undefined ? undefined : Number(flags.limit);
      const page = await approvals.list({ pending: !all, workflow, cursor, limit });
      if (flags.json) return write(JSON.stringify(page));
      write(callsInTable(page.items));
      if (page.nextCursor) write(`There are more: --cursor ${page.nextCursor}`);
    }),
  );
}

/** `graphwright approvals show`: what exactly waits, and what became of it. */
export async function showApproval(flags: ApprovalFlags, id: string): Promise<void> {
  await conclude(flags, () =>
    withApprovals(flags, async (approvals) => {
      const approval = await approvals.get(id);
      write(flags.json ? JSON.stringify(approval) : callInFull(approval));
    }),
  );
}

/** `graphwright approvals approve`, `edit` and `reject`: without a server the call is carried out here. */
export async function decideApproval(
  flags: DecisionFlags,
  id: string,
  how: { decision: Decision['decision']; parameters?: string },
): Promise<void> {
  await conclude(flags, () =>
    withApprovals(flags, async (approvals) => {
      const { parametersDigest } = await approvals.get(id);
      const decision = {
        decision: how.decision,
        parametersDigest,
        reason: flags.reason,
        ...(how.decision === 'edit' && { parameters: await newParameters(flags, how.parameters) }),
      };
      const decided = await approvals.decide(id, decision);
      if (!approvals.runs || how.decision === 'reject')
        return write(flags.json ? JSON.stringify(decided) : callInFull(decided));
      printEnd(await end(approvals.runs, id), flags);
    }),
  );
}

/** Waits for the end of a run that is carried out here. */
export async function end(runs: Pick<Runs, 'wait'>, id: string): Promise<RunRecord> {
  const record = await runs.wait(id, 2 ** 31 - 1, interruption());
  if (record.error) throw GraphwrightError.fromJSON(record.error);
  return record;
}

function printEnd(record: RunRecord, { json }: CommonFlags): void {
  write(json ? JSON.stringify(record) : inFull(record));
}

async function newParameters({ file }: DecisionFlags, text: string | undefined): Promise<unknown> {
  const source = file ?? (text === '-' ? 'standard input' : 'The parameters');
  const given = file ? await readText(file) : text === '-' ? await readStdin() : text;
  if (given === undefined)
    throw new GraphwrightError(
      'invalid_parameters',
      'Give the new parameters as JSON, by --file or as -',
    );
  try {
    return JSON.parse(given);
  } catch (cause) {
    const message = `${source}: ${(cause as Error).message}`;
    throw new GraphwrightError('invalid_parameters', message, { cause });
  }
}

/** Opens the approvals of the data directory, or talks to the server that has it. */
async function withApprovals(
  flags: ApprovalFlags,
  action: (approvals: DecidedApprovals) => Promise<void>,
): Promise<void> {
  const configuration = configurationOf(flags);
  const { apiKey } = configuration.server;
  const url = flags.url ?? (await runningServer(configuration.data));
  if (url !== undefined) return action(overHttp(new RunsClient({ url, apiKey })));
  // Loaded only here: asking a server takes nothing of it.
  const { openApplication } = await import('../server/application.ts');
  const application = await openApplication(configuration, warnOn(flags));
  const { approvals, runs } = application;
  const decider = { agent: commandAgent() };
  try {
    await action({
      list: (filter) => approvals.list(filter, decider),
      get: (id) => approvals.get(id, decider),
      decide: (id, decision) => approvals.decide(id, decision, decider),
      runs,
    });
  } finally {
    await application.close();
  }
}

const path = (id: string) => `/approvals/${encodeURIComponent(id)}`;

function overHttp(server: RunsClient): DecidedApprovals {
  return {
    list(filter = {}) {
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries(filter))
        if (value !== undefined) query.append(key, String(value));
      return server.json('GET', `/approvals?${query}`);
    },
    get: (id) => server.json('GET', path(id)),
    decide: (id, { decision, ...body }) => server.json('POST', `${path(id)}/${decision}`, body),
  };
}

const write = (text: string): void => void process.stdout.write(`${text}\n`);
