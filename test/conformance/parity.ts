import fastify from 'fastify';
import { expect } from 'vitest';
import { GraphwrightError, type ErrorCode } from '../../src/errors.ts';
import { execute } from '../../src/workflows/execute.ts';
import { parseParameters } from '../../src/workflows/expose/command.ts';
import { asRoutes } from '../../src/workflows/expose/fastify.ts';
import { asTools } from '../../src/workflows/expose/langchain.ts';
import type { Runs } from '../../src/workflows/runs/runs.ts';
import { outputSchema } from '../../src/workflows/expose/schemas.ts';
import type { AnyWorkflow } from '../../src/workflows/workflow.ts';
import { mcpClient, textOf } from '../support/mcp.ts';

type Input = Record<string, unknown>;

/** A workflow with input that every surface must take, and input that every surface must refuse alike. */
export interface ParityCase {
  workflow: AnyWorkflow;
  good: Input[];
  bad: {
    input: Input;
    code: ErrorCode;
    /** The mistake is in the JSON type alone, which flags and query strings do not carry. */
    typeOnly?: boolean;
  }[];
}

/** What came of a call: a result as JSON, or an error's code, kind and whether to try again. */
type Outcome = { result: unknown } | { code: string; retriable: boolean };

type Outcomes = Record<string, Outcome> & { program: Outcome };

type Surface = (workflow: AnyWorkflow, input: Input) => Promise<Outcome>;

/**
 * Calls each workflow with each input over every surface, and expects one outcome. Gives back how many
 * calls were compared.
 */
export async function expectParity(cases: readonly ParityCase[], runs?: Runs): Promise<number> {
  let calls = 0;
  for (const { workflow, good, bad } of cases) {
    for (const input of good) {
      const outcomes = await callEverywhere(workflow, input, true, runs);
      expect({ input, ...outcomes.program }).toHaveProperty('result');
      calls += expectSame(workflow, input, outcomes);
    }
    for (const { input, code, typeOnly = false } of bad) {
      const outcomes = await callEverywhere(workflow, input, !typeOnly, runs);
      expect({ input, ...outcomes.program }).toMatchObject({ code });
      calls += expectSame(workflow, input, outcomes);
    }
  }
  return calls;
}

function expectSame({ name }: AnyWorkflow, input: Input, outcomes: Outcomes): number {
  const calls = Object.entries(outcomes);
  for (const [surface, outcome] of calls)
    expect({ name, input, surface, outcome }).toEqual({
      name,
      input,
      surface,
      outcome: outcomes.program,
    });
  return calls.length;
}

async function callEverywhere(
  workflow: AnyWorkflow,
  input: Input,
  asText: boolean,
  runs: Runs | undefined,
): Promise<Outcomes> {
  const isGet = workflow.http?.method === 'GET';
  const surfaces: Record<string, Surface | false | undefined> = {
    'LangChain tool': byTool,
    'LangChain tool call': byToolCall,
    MCP: byMcp,
    'command with JSON': byStandardInput,
    'command with flags': asText && byFlags,
    HTTP: (asText || !isGet) && ((...call) => byHttp(...call)),
    'HTTP run': runs && !isGet && ((...call) => byHttp(...call, runs)),
  };
  const outcomes: Outcomes = {
    program: await byProgram(workflow, input),
  };
  for (const [name, call] of Object.entries(surfaces))
    if (call) outcomes[name] = await call(workflow, input);
  return outcomes;
}

/** Only what JSON carries can be the same everywhere. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null');

async function settle(call: Promise<unknown>): Promise<Outcome> {
  try {
    return { result: asJson(await call) };
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(GraphwrightError);
    const { code, retriable } = thrown as GraphwrightError;
    return { code, retriable };
  }
}

const byProgram: Surface = (workflow, input) => settle(execute(workflow, input));

const byTool: Surface = (workflow, input) =>
  settle(
    asTools([workflow])[0]!
      .invoke(input)
      .then((content: string) => JSON.parse(content)),
  );

const byToolCall: Surface = async (workflow, args) => {
  const call = { type: 'tool_call' as const, id: 'call-1', name: workflow.name, args };
  const message = await asTools([workflow])[0]!.invoke(call);
  const said = JSON.parse(String(message.content));
  if (message.status !== 'error') {
    expect(said).toEqual(asJson(message.artifact));
    return { result: said };
  }
  expect(message.artifact).toMatchObject({ code: said.error });
  return { code: said.error, retriable: said.retriable };
};

const byMcp: Surface = async (workflow, input) => {
  await using connected = await mcpClient([workflow]);
  const call = { name: workflow.name, arguments: asJson(input) as Input };
  const answer = await connected.client.callTool(call);
  const said = JSON.parse(textOf(answer));
  if (answer.isError) return { code: said.error, retriable: said.retriable };
  expect(answer.structuredContent).toEqual(said);
  return { result: outputSchema(workflow).type === 'object' ? said : said.result };
};

const readFile = () => Promise.reject(new Error('No file was asked for'));

async function byWords(workflow: AnyWorkflow, words: string[], stdin = ''): Promise<unknown> {
  const input = { readStdin: () => Promise.resolve(stdin), readFile };
  return execute(workflow, await parseParameters(workflow, words, input));
}

const byStandardInput: Surface = (workflow, input) =>
  settle(byWords(workflow, ['-'], JSON.stringify(input)));

const byFlags: Surface = (workflow, input) =>
  settle(byWords(workflow, Object.entries(input).flatMap(toFlags)));

/** One parameter as a person would type it. */
function toFlags([key, value]: [string, unknown]): string[] {
  const flag = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (value === undefined) return [];
  if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`];
  if (Array.isArray(value) && value.length)
    return value.flatMap((item) => [`--${flag}`, toText(item)]);
  return [`--${flag}`, toText(value)];
}

const toText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

async function byHttp(workflow: AnyWorkflow, input: Input, runs?: Runs): Promise<Outcome> {
  const app = fastify();
  await app.register(asRoutes([workflow], { runs }));
  const response = await app.inject({
    ...toRequest(workflow, input),
    headers: { prefer: 'wait=10' },
  });
  await app.close();
  if (response.statusCode === 200) return { result: response.json() };
  expect(response.headers['content-type']).toContain('application/problem+json');
  const { code, retriable } = response.json();
  return { code, retriable };
}

/** Fills the path in; the rest goes into the query string of a GET and the body of anything else. */
function toRequest({ name, http }: AnyWorkflow, input: Input) {
  const rest = { ...input };
  const { method, path } = http ?? { method: 'POST' as const, path: `/workflows/${name}` };
  const filled = path.replaceAll(/:(\w+)/g, (_, key: string) => {
    const value = encodeURIComponent(toText(rest[key] ?? ''));
    delete rest[key];
    return value;
  });
  if (method !== 'GET') return { method, url: filled, payload: asJson(rest) as Input };
  const pairs = Object.entries(rest).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((item): [string, string] => [key, toText(item)]),
  );
  return { method, url: `${filled}?${new URLSearchParams(pairs).toString()}` };
}
