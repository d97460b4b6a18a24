import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Configuration } from '../../src/configuration-schema.ts';
import { openApplication, type Application } from '../../src/server/application.ts';
import { chatServer, type ChatReply, type ChatRequest } from '../support/chat-server.ts';
import { graphwright, temporaryDirectory } from '../support/command.ts';
import { select } from '../support/feedback.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
const data = () => join(directory.path, 'data');
beforeAll(async () => {
  directory = await temporaryDirectory();
  await graphwright(['demo', '--limit', '100', '--quiet', '--data', data()]);
}, 120_000);
afterAll(() => directory[Symbol.asyncDispose]());

/** What the last tool call gave, as the model hears it. */
const heard = <Result>({ messages }: ChatRequest) =>
  JSON.parse(messages.at(-1)!.content!) as Result;

const call = (tool: string, args: Record<string, unknown> = {}) => [{ tool, args }];

type Rows = { rows: Record<string, string | number>[] };
type Table = { rows: (string | number)[][] };

/** A question, how the model finds the answer in what the tools give, and the same answer by SPARQL alone. */
interface Case {
  question: string;
  replies: ChatReply[];
  truth: string;
}

const cases: Case[] = [
  {
    question: 'How many customers are there?',
    replies: [
      call('describe_ontology'),
      (request) => {
        const { classes } = heard<{ classes: { class: string; about: string }[] }>(request);
        const customers = classes.find(({ about }) => about.includes('buys from us'))!;
        return call('query_graph', {
          query: `SELECT (COUNT(DISTINCT ?c) AS ?count) WHERE { ?c a ${customers.class} }`,
        });
      },
      (request) => String(heard<Table>(request).rows[0]![0]),
    ],
    truth: 'SELECT (COUNT(DISTINCT ?c) AS ?answer) WHERE { GRAPH ?g { ?c a gw:Customer } }',
  },
  {
    question: 'Which category is complained about most?',
    replies: [
      call('count_feedback_by_category'),
      (request) => {
        const complaints = heard<Rows>(request).rows.filter(
          (row) => row['sentiment'] === 'negative',
        );
        const [worst] = complaints.toSorted((a, b) => Number(b['count']) - Number(a['count']));
        return String(worst!['category']);
      },
    ],
    truth: `SELECT ?answer WHERE { GRAPH ?g { ?f gw:category ?answer ; gw:sentiment "negative" } }
      GROUP BY ?answer ORDER BY DESC(COUNT(?f)) LIMIT 1`,
  },
  {
    question: 'Whom should we call first?',
    replies: [
      call('list_customers_to_call'),
      (request) => String(heard<Rows>(request).rows[0]!['name']),
    ],
    truth: `SELECT ?answer WHERE {
        GRAPH ?g { ?f gw:sentiment "negative" ; gw:action "escalate" ; gw:providedBy ?c }
        GRAPH ?h { ?c gw:name ?answer ; gw:lifetimeValue ?value }
      } GROUP BY ?c ?answer ?value ORDER BY DESC(COUNT(?f)) DESC(?value) LIMIT 1`,
  },
  {
    question: 'How much is Defne Çelikay worth to us?',
    replies: [
      call('search_individuals', { text: 'defne', class: 'gw:Customer' }),
      (request) => {
        const { found } = heard<{ found: { iri: string }[] }>(request);
        return call('get_subject_graph', { iri: found[0]!.iri });
      },
      (request) =>
        /gw:lifetimeValue ([\d.]+\d)/.exec(heard<{ turtle: string }>(request).turtle)![1]!,
    ],
    truth:
      'SELECT ?answer WHERE { GRAPH ?g { ?c gw:name "Defne Çelikay" ; gw:lifetimeValue ?answer } }',
  },
  {
    question: 'How many urgent tickets are open?',
    replies: [
      // It guesses, is told what is wrong, and mends it.
      call('query_graph', { query: 'SELECT ?t WHERE { ?t gw:urgency "urgent" }' }),
      (request) => {
        expect(request.messages.at(-1)!.content).toContain('gw:urgency');
        return call('describe_ontology', { class: 'gw:Ticket' });
      },
      (request) => {
        const described = JSON.stringify(heard(request));
        const property = /(gw:priority)/.exec(described)![1];
        return call('query_graph', {
          query: `SELECT (COUNT(?t) AS ?n) WHERE { ?t ${property} "urgent" ; gw:status "open" }`,
        });
      },
      (request) => String(heard<Table>(request).rows[0]![0]),
    ],
    truth: `SELECT (COUNT(DISTINCT ?t) AS ?answer) WHERE {
      GRAPH ?g { ?t a gw:Ticket ; gw:priority "urgent" ; gw:status "open" } }`,
  },
];

describe('A20 the analyst answers a question about the demo in at most three tool calls', () => {
  let model: Awaited<ReturnType<typeof chatServer>>;
  let application: Application;
  beforeAll(async () => {
    model = await chatServer(...cases.flatMap(({ replies }) => replies));
    application = await openApplication(
      Configuration.parse({
        data: data(),
        agents: { model: 'openai:gpt-test', apiKey: 'sk-of-the-test', baseUrl: model.url },
      }),
    );
  });
  afterAll(async () => {
    await application.close();
    await model[Symbol.asyncDispose]();
  });

  test.each(cases)('$question', async ({ question, truth }) => {
    const { agents, store } = application;
    const { text, toolCalls } = await agents.complete('graph_analyst', { message: question });
    const [row] = await select(store, truth);
    expect(text).toBe(row!['answer']!.value);
    expect(toolCalls.length).toBeLessThanOrEqual(3);
  });
});
