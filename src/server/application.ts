import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agents } from '../agents/agents.ts';
import { configuredModels } from '../agents/models.ts';
import { readDefinition } from '../agents/roster.ts';
import type { Configuration } from '../configuration-schema.ts';
import { GraphwrightError } from '../errors.ts';
import { CrmCustomers } from '../integrations/customers/crm-customers.ts';
import { CsvCustomers } from '../integrations/customers/csv-customers.ts';
import type { CustomerSource } from '../integrations/customers/customers.ts';
import { fallbackCustomers } from '../integrations/customers/fallback-customers.ts';
import { EmailIntegration } from '../integrations/email/email-integration.ts';
import type { EmailSender } from '../integrations/email/email.ts';
import { outboxTransport } from '../integrations/email/outbox-transport.ts';
import { smtpTransport } from '../integrations/email/smtp-transport.ts';
import { ChatModelLanguage } from '../integrations/language/chat-model-language.ts';
import { chatModel } from '../integrations/language/chat-model.ts';
import type { Language } from '../integrations/language/language.ts';
import { WinkLanguage } from '../integrations/language/wink-language.ts';
import { GraphTickets } from '../integrations/tickets/graph-tickets.ts';
import type { StateFile } from '../ontology/embedded/state-file.ts';
import { loadOntologies } from '../ontology/load-ontologies.ts';
import { isObservable, type OntologyStore } from '../ontology/store.ts';
import { CustomerDataPipeline } from '../pipelines/customer-data.ts';
import { startTracing } from '../tracing.ts';
import type { ApprovalFrom, ApprovalSettings } from '../workflows/approval/approval-policy.ts';
import { approvalWorkflows } from '../workflows/approval/approval-workflows.ts';
import { Approvals } from '../workflows/approval/approvals.ts';
import type { Conversations } from '../workflows/conversations/engine/conversations.ts';
import { conversationWorkflows } from '../workflows/conversations/surfaces/conversation-workflows.ts';
import type { ConversationsOf } from '../workflows/conversations/surfaces/operation.ts';
import { AnalyzeFeedbackSentiment } from '../workflows/feedback/analyze-feedback-sentiment.ts';
import { CategorizeFeedbackText } from '../workflows/feedback/categorize-feedback-text.ts';
import { GetFeedbackStatus } from '../workflows/feedback/get-feedback-status.ts';
import { ProcessCustomerFeedback } from '../workflows/feedback/process-customer-feedback.ts';
import { RecordFeedbackResponse } from '../workflows/feedback/record-feedback-response.ts';
import { graphTools } from '../workflows/graph/graph-tools.ts';
import { loadQueryTemplates } from '../workflows/queries/load-templates.ts';
import { ClusterRuns } from '../workflows/runs/cluster/cluster-runs.ts';
import { EmbeddedRuns } from '../workflows/runs/embedded-runs.ts';
import { keepSwept } from '../workflows/runs/retention.ts';
import type { Retention, RunRecord, Runs } from '../workflows/runs/runs.ts';
import type { Events } from '../workflows/triggers/events.ts';
import { Triggers } from '../workflows/triggers/triggers.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';
import { openConversations } from './open-conversations.ts';
import { openGraph } from './open-graph.ts';
import { ownModule } from './own-module.ts';

export type { Configuration } from '../configuration-schema.ts';
export { loadConfiguration } from '../configuration.ts';

/** What a program works with once it is configured; a workflow's Configuration is filled from it. */
export interface Application {
  store: OntologyStore;
  runs: Runs;
  /** The calls that wait for a person. */
  approvals: Approvals;
  customers: CustomerSource;
  language: Language;
  email: EmailSender;
  /** The toolkit's own workflows and those of the configured module. */
  workflows: readonly AnyWorkflow[];
  /** Takes what happened outside to the workflows that ask for it. */
  events: Events;
  /** Assistants over the workflows. */
  agents: Agents;
  /** Conversations that follow the flows of the configured directory and module. */
  conversations: Conversations;
  /**
   * Takes up the runs that a crash left, keeps schedules, watches the graph for the workflows that ask
   * for its changes, and removes old runs; resolves with how many runs were taken up.
   */
  start(): Promise<number>;
  close(): Promise<void>;
}

/** What a workflow's Configuration can be filled from. */
export type ApplicationParts = Pick<
  Application,
  'store' | 'runs' | 'customers' | 'language' | 'email'
>;

/** Told of what goes wrong beside the main path. */
export type Warn = (error: GraphwrightError) => void;

/**
 * Builds everything from the configuration: opens the graph, loads the ontologies, lists the workflows.
 * Nothing is carried out before `start()`, which is the caller's to call.
 * @throws GraphwrightError `data_in_use`, `store_damaged`, `invalid_configuration`.
 */
export async function openApplication(
  configuration: Configuration,
  warn: Warn = () => undefined,
): Promise<Application> {
  const { store, state, close } = await openGraph(configuration);
  const opened = [close];
  const { tracing } = configuration;
  /** Lets go of everything, what was opened last first. */
  const closeAll = async () => {
    for (const end of opened.toReversed()) await end();
  };
  try {
    if (tracing !== 'off') {
      const stop = await startTracing({ content: tracing === 'content' });
      opened.unshift(async () => stop());
    }
    await loadOntologies(store, ontologies);
    const { email, ...mail } = emailOf(configuration);
    opened.push(async () => mail.close());
    const parts = {
      store,
      email,
      customers: customersOf(configuration),
      language: languageOf(configuration, warn),
    };
    const workflows: AnyWorkflow[] = [];
    const known: AnyWorkflow[] = [];
    const tell = (thrown: unknown) => warn(GraphwrightError.from(thrown));
    const kept = {
      workflows: known,
      onError: warn,
      onStarted: (record: RunRecord) => void triggers.started(record).catch(tell),
    };
    const { databaseUrl, crashLimit } = configuration.runs;
    const runs = databaseUrl
      ? await ClusterRuns.open({ databaseUrl, crashLimit, ...kept })
      : await EmbeddedRuns.open({ state, crashLimit, ...kept });
    opened.push(() => runs.close());
    const own = await ownModule(configuration, { ...parts, runs });
    const approvals = new Approvals({ runs, store, settings: approvalSettings(configuration) });
    // Agents are offered the operations on conversations, in which they are asked in turn.
    const talks: { conversations?: Conversations } = {};
    const talk = {
      get conversations() {
        return talks.conversations!;
      },
    };
    const toolkit = await toolkitWorkflows(configuration, { ...parts, runs, approvals, talk });
    workflows.push(...toolkit, ...own.workflows);
    assertUnique(workflows);
    approvals.guard(workflows);
    const graph = isObservable(store) ? { store, state } : undefined;
    const triggers = new Triggers({ runs, workflows, graph, onError: warn });
    known.push(...workflows, ...triggers.workflows);
    assertUnique(known);
    opened.push(() => triggers.close());
    const agents = agentsOf(configuration, state, workflows);
    opened.push(() => agents.close());
    const { flows } = own;
    const talking = { store, state, runs, workflows, agents, flows, warn };
    const { conversations, ...opening } = await openConversations(configuration, talking);
    talks.conversations = conversations;
    opened.push(() => opening.close());
    return {
      ...parts,
      runs,
      approvals,
      workflows,
      events: triggers.events,
      agents,
      conversations,
      async start() {
        const resumed = await runs.resume();
        await triggers.start();
        opened.push(keepSwept(runs, retentionOf(configuration), warn));
        return resumed;
      },
      close: closeAll,
    };
  } catch (thrown) {
    await closeAll();
    throw thrown;
  }
}

type Parts = Omit<ApplicationParts, 'runs'>;

function approvalSettings({ approval }: Configuration): ApprovalSettings {
  const { policy: from, workflows, expiresAfterHours, separateApprover } = approval;
  const named = workflows.map((each) => each.split('=') as [string, ApprovalFrom]);
  const expiresAfter = expiresAfterHours * 60 * 60 * 1_000;
  return { from, workflows: new Map(named), expiresAfter, separateApprover };
}

const retentionOf = ({ runs: { keepDays, keepCount } }: Configuration): Retention => ({
  maxAge: keepDays * 24 * 60 * 60 * 1_000,
  maxCount: keepCount,
});

/** What the toolkit's own workflows are made of. */
export interface ToolkitParts extends ApplicationParts {
  approvals: Approvals;
  talk: ConversationsOf;
}

/** Makes the toolkit's own workflows. Nothing of the parts is touched before one of them runs. */
export const toolkitWorkflows = async (
  configuration: Configuration,
  { runs, approvals, talk, ...parts }: ToolkitParts,
): Promise<AnyWorkflow[]> => [
  ...ownWorkflows(configuration, parts, runs),
  ...(await queryWorkflows(configuration, parts.store)),
  ...graphTools({ store: parts.store }),
  ...conversationWorkflows(talk),
  ...approvalWorkflows(approvals),
];

/** The one list that a new workflow is entered in. */
function ownWorkflows(
  { maxParallelRequests }: Configuration,
  { store, customers, language, email }: Parts,
  runs: Runs,
): AnyWorkflow[] {
  return [
    new ProcessCustomerFeedback({
      store,
      customerPipeline: new CustomerDataPipeline({ customers }),
      language,
      email,
      tickets: new GraphTickets({ store }),
      maxParallelRequests,
    }),
    new AnalyzeFeedbackSentiment({ language }),
    new CategorizeFeedbackText({ language }),
    new RecordFeedbackResponse({ store }),
    new GetFeedbackStatus({ store, runs }),
  ];
}

function agentsOf(
  { agents, model: { name, ...language }, runs: { databaseUrl } }: Configuration,
  state: StateFile,
  workflows: readonly AnyWorkflow[],
): Agents {
  const { model, apiKey, baseUrl, definitions, prices, historyTokens, keepDays, ...limits } =
    agents;
  const standard = model ? { model, apiKey, baseUrl } : { ...language, model: name };
  return new Agents({
    state,
    databaseUrl,
    workflows,
    definitions: definitions.map(readDefinition),
    model: standard.model,
    loadModel: configuredModels(standard),
    limits,
    prices,
    historyTokens,
    keepDays,
  });
}

const ontologies = fileURLToPath(new URL('../../ontologies', import.meta.url));

/** The toolkit's own query templates and those of the configured directory. */
const queryWorkflows = ({ queries }: Configuration, store: OntologyStore): Promise<AnyWorkflow[]> =>
  loadQueryTemplates(
    [join(ontologies, 'queries'), ...(queries === undefined ? [] : [resolve(queries)])],
    { store },
  );

function assertUnique(workflows: readonly AnyWorkflow[]): void {
  const names = workflows.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice)
    throw new GraphwrightError('invalid_configuration', `Two workflows are named ${twice}`);
}

function customersOf({ customers: { csv, crmUrl, crmToken } }: Configuration): CustomerSource {
  return fallbackCustomers([
    ...(csv ? [new CsvCustomers({ path: resolve(csv) })] : []),
    ...(crmUrl ? [new CrmCustomers({ baseUrl: crmUrl, token: crmToken })] : []),
  ]);
}

function emailOf({ data, mail: { from, fromName, smtpUrl } }: Configuration) {
  const smtp = smtpUrl ? smtpTransport({ url: smtpUrl }) : undefined;
  const transport = smtp ?? outboxTransport(join(resolve(data), 'outbox'));
  const email = new EmailIntegration({ from: { name: fromName, address: from }, transport });
  return { email, close: () => smtp?.close() };
}

function languageOf({ model: { name, apiKey, baseUrl } }: Configuration, warn: Warn): Language {
  const wink = new WinkLanguage();
  if (!name) return wink;
  return new ChatModelLanguage({
    model: () => chatModel({ model: name, apiKey, baseUrl }),
    fallback: wink,
    onFallback: warn,
  });
}
