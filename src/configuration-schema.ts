import { z } from 'zod';
import { longestTimer } from './time-limit.ts';

/** Flags and variables give texts: digits are read as a number, and nothing else is. */
const integer = (least: number, most: number) =>
  z.preprocess(
    (given) => (typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given),
    z.number().int().min(least).max(most),
  );

/** An amount of money or the like, above 0. */
const amount = z.preprocess(
  (given) => (typeof given === 'string' && /^\d+(\.\d+)?$/.test(given) ? Number(given) : given),
  z.number().positive(),
);

const ApprovalFrom = z.enum(['never', 'assistants', 'always']);

/** Flags and variables give texts. */
const yesOrNo = z.preprocess(
  (given) => (given === 'true' ? true : given === 'false' ? false : given),
  z.boolean('Say true or false'),
);

/** Hosts with their ports, as a list or with commas between them. */
const hostList = z.preprocess(
  (given) => (typeof given === 'string' ? given.split(/[\s,]+/).filter(Boolean) : given),
  z
    .array(
      z
        .string()
        .regex(
          /^[a-z\d.-]+(:\d+)?$/,
          'Name a host in lower case, and its port if it has one, as data.example.org:8443',
        ),
    )
    .default([]),
);

/** Texts, as a list or with spaces or commas between them. */
const listOf = (text: z.ZodString) =>
  z.preprocess(
    (given) => (typeof given === 'string' ? given.split(/[\s,]+/).filter(Boolean) : given),
    z.array(text).default([]),
  );

const graphList = listOf(
  z
    .string()
    .regex(
      /^(\*|default|[a-z][a-z\d+.-]*:[^\s<>"{}|\\^`*]*\*?)$/i,
      'Name a graph by its IRI, several by what their IRIs begin with and a *, the default graph by default, all by *',
    ),
);

const headerText = /^[!-~]+$/;
const headerHint = 'Use printable ASCII without spaces, as a header carries it';

/** A key besides `server.apiKey`, and what whoever has it may do. */
const Key = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z\d._-]{1,64}$/, 'Use 1 to 64 letters, digits, dots, hyphens and underscores'),
    key: z.string().min(16).regex(headerText, headerHint).optional(),
    keyHash: z
      .string()
      .regex(/^[\da-f]{64}$/i, 'Give the SHA-256 of the key as 64 hexadecimal digits')
      .optional(),
    read: graphList,
    write: graphList,
    workflows: listOf(z.string()),
    approve: listOf(z.string()).optional(),
    approveOverMcp: z.boolean().optional(),
    agents: listOf(z.string()).optional(),
    metrics: z.boolean().optional(),
  })
  .refine(({ key, keyHash }) => (key === undefined) !== (keyHash === undefined), {
    error: 'Give either the key or its keyHash',
  })
  .refine(({ approve, approveOverMcp }) => !approveOverMcp || Boolean(approve?.length), {
    error: 'approveOverMcp needs approve, which lists the workflows whose calls it may approve',
    path: ['approveOverMcp'],
  });

/** Everything that can be set. With nothing set, all runs embedded, on this machine alone. */
export const Configuration = z.strictObject({
  data: z
    .string()
    .min(1)
    .default('./data')
    .describe('Directory of the graph, the runs and the outbox'),
  workflows: z
    .string()
    .min(1)
    .optional()
    .describe(
      'ES module whose export `workflows` lists your own workflows, or makes them from the application',
    ),
  tracing: z
    .enum(['off', 'spans', 'content'])
    .default('off')
    .describe(
      'OpenTelemetry spans: off, spans, or content, which adds parameters, queries and messages',
    ),
  queries: z
    .string()
    .min(1)
    .optional()
    .describe("Directory of your own query templates, which become workflows beside the toolkit's"),
  flows: z
    .string()
    .min(1)
    .optional()
    .describe('Directory of your own flows; by default flows beside graphwright.config.yaml'),
  maxParallelRequests: integer(1, 1_000).default(5).describe('Pieces of feedback handled at once'),
  server: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
      port: integer(0, 65_535).default(7411).describe('Port to listen on; 0 takes a free one'),
      apiKey: z
        .string()
        .min(16)
        .regex(headerText, headerHint)
        .optional()
        .describe('Key that callers send as a bearer token'),
      keys: z
        .array(Key, 'List the keys in graphwright.config.yaml; no flag or variable can hold them')
        .optional()
        .describe('More keys, each limited to some graphs and workflows'),
      mcpHosts: hostList.describe(
        'Names besides localhost by which MCP clients may reach /mcp, such as graph.example.org; none by default',
      ),
      mcpOrigins: listOf(
        z
          .string()
          .regex(
            /^https?:\/\/[a-z\d.-]+(:\d+)?$/,
            'Name an origin as https://assistant.example.org, without a path',
          ),
      ).describe(
        'Web pages, by origin, that may call /mcp, such as https://assistant.example.org; none by default',
      ),
    })
    .prefault({}),
  approval: z
    .strictObject({
      policy: ApprovalFrom.default('assistants').describe(
        'Whose calls of workflows that send something or remove data wait for a person: never, assistants or always',
      ),
      workflows: listOf(
        z
          .string()
          .regex(
            /^\w+=(never|assistants|always)$/,
            'Name a workflow with its policy, as send_newsletter=always',
          ),
      ).describe('Workflows with a policy of their own, such as send_newsletter=always'),
      expiresAfterHours: integer(1, 8_760)
        .default(168)
        .describe('Hours after which a call that nobody decided on fails'),
      separateApprover: yesOrNo
        .default(false)
        .describe('Whether somebody else than the caller has to approve'),
      overStdio: yesOrNo
        .default(false)
        .describe(
          'Whether the assistant of `graphwright mcp` may decide on the calls that others asked for',
        ),
    })
    .prefault({}),
  runs: z
    .strictObject({
      keepDays: integer(1, 36_500).default(30).describe('Days that a finished run is kept'),
      keepCount: integer(1, 1_000_000_000)
        .default(100_000)
        .describe('Finished runs that are kept at most, the newest'),
      crashLimit: integer(2, 1_000_000)
        .default(100)
        .describe(
          'Times in a row that the process may die while a run is under way, until that run fails',
        ),
      databaseUrl: z
        .url({ protocol: /^postgres(ql)?$/ })
        .optional()
        .describe(
          'Postgres database of the runs and of the threads of agents, shared by all processes; without it they lie in data',
        ),
    })
    .prefault({}),
  mail: z
    .strictObject({
      from: z
        .email()
        .default('feedback@localhost.localdomain')
        .describe('Address that mail comes from'),
      fromName: z.string().default('Customer care').describe('Name that mail comes from'),
      smtpUrl: z
        .url({ protocol: /^smtps?$/ })
        .optional()
        .describe('Mail server; without it mail goes to the outbox'),
    })
    .prefault({}),
  customers: z
    .strictObject({
      csv: z.string().min(1).optional().describe('CSV file of customers'),
      crmUrl: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('CRM to ask for customers'),
      crmToken: z.string().min(1).optional().describe('Bearer token for the CRM'),
    })
    .prefault({}),
  model: z
    .strictObject({
      name: z
        .string()
        .min(1)
        .optional()
        .describe('Chat model for sentiment and categories, such as openai:gpt-5-mini'),
      apiKey: z.string().min(1).optional().describe('Key for the chat model'),
      baseUrl: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('Where an OpenAI-compatible model is served'),
    })
    .prefault({}),
  agents: z
    .strictObject({
      model: z
        .string()
        .min(1)
        .optional()
        .describe('Chat model of agents, such as openai:gpt-5-mini; without it model.name'),
      apiKey: z.string().min(1).optional().describe('Key for it'),
      baseUrl: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('Where it is served, if not by its provider'),
      modelCalls: integer(1, 1_000)
        .default(20)
        .describe('Calls of the model that an answer may take'),
      toolCalls: integer(0, 10_000).default(40).describe('Calls of tools that an answer may take'),
      tokens: integer(1, 1_000_000_000)
        .default(200_000)
        .describe('Tokens that an answer may take, read and written'),
      cost: amount.optional().describe('What an answer may cost, as agents.prices say'),
      timeout: integer(1, longestTimer)
        .default(120_000)
        .describe('Milliseconds that an answer may take'),
      prices: z
        .array(
          z.strictObject({
            model: z.string(),
            input: z.number().min(0),
            output: z.number().min(0),
          }),
          'List the prices in graphwright.config.yaml; no flag or variable can hold them',
        )
        .default([])
        .describe('What a million tokens of each model cost, read and written'),
      historyTokens: integer(0, 10_000_000)
        .default(20_000)
        .describe('Tokens of a conversation that an agent remembers'),
      keepDays: integer(1, 36_500)
        .default(30)
        .describe('Days that a conversation is kept after its last turn'),
      definitions: z
        .array(
          z.looseObject({ name: z.string() }),
          'List the agents in graphwright.config.yaml; no flag or variable can hold them',
        )
        .default([])
        .describe('Agents of your own'),
    })
    .prefault({}),
  conversations: z
    .record(
      z.string(),
      z.unknown(),
      'Write them in graphwright.config.yaml; a variable sets one of them, such as GRAPHWRIGHT_CONVERSATIONS_BACKEND',
    )
    .default({})
    .describe('Settings of conversations, which are read when conversations are opened'),
  store: z
    .strictObject({
      timeout: integer(1, longestTimer)
        .default(30_000)
        .describe('Milliseconds until a query is ended'),
      shapes: z
        .string()
        .min(1)
        .optional()
        .describe(
          "Turtle file or directory of the SHACL shapes that writes are checked against, instead of the toolkit's own; none for none",
        ),
      queryUrl: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('SPARQL endpoint that holds the graph instead of the data directory'),
      updateUrl: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('Where that endpoint takes updates; without it the graph is only read'),
      token: z.string().min(1).optional().describe('Bearer token for that endpoint'),
      loadFrom: hostList.describe(
        'Hosts that the LOAD of an update may fetch from, such as data.example.org; none by default',
      ),
      loadFromPrivate: hostList.describe(
        'Those of them that may be at an address which is not public, such as localhost:8080',
      ),
      provenance: z
        .enum(['off', 'activity', 'statement'])
        .default('statement')
        .describe('What is recorded of each write: off, activity or statement'),
      provenanceParameters: z
        .enum(['full', 'digest'])
        .default('full')
        .describe('Whether the parameters of runs are recorded with it, or their digest alone'),
    })
    .prefault({}),
});
export type Configuration = z.output<typeof Configuration>;
