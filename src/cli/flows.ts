import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Configuration } from '../configuration-schema.ts';
import { GraphwrightError, type Problem } from '../errors.ts';
import { mermaidOf } from '../workflows/conversations/drawing/mermaid.ts';
import { svgOf } from '../workflows/conversations/drawing/svg.ts';
import type { CompiledFlow } from '../workflows/conversations/flow.ts';
import type { FlowFile } from '../workflows/conversations/flows/check-flow-file.ts';
import { knownFlow, summaryOf } from '../workflows/conversations/surfaces/seen.ts';
import { conclude, configurationOf, warnOn, type CommonFlags } from './common.ts';
import { RunsClient } from './runs-client.ts';
import { withSurroundings } from './flow-surroundings.ts';
import { runningServer } from './running-server.ts';
import { table } from './table.ts';

/** The flags of the commands on flows. */
export interface FlowsFlags extends CommonFlags {
  url?: string;
}

/** The flags of `graphwright flows graph`. */
export interface GraphFlags extends FlowsFlags {
  format?: string;
  output?: string;
}

type Listed = ReturnType<typeof summaryOf>;

/** `graphwright flows list`: the flows that conversations can follow. */
export async function listFlows(flags: FlowsFlags): Promise<void> {
  await conclude(flags, async () => {
    const items = await where(flags, {
      server: async (client) =>
        (await client.json<{ items: Listed[] }>('GET', '/conversations/flows')).items,
      here: async (known) => known.map(summaryOf),
    });
    if (flags.json) return void process.stdout.write(`${JSON.stringify({ items })}\n`);
    const rows = items.map(({ id, name, steps }) => [id, name, String(steps.length)]);
    process.stdout.write(`${table(['flow', 'name', 'steps'], rows, [2])}\n`);
  });
}

/** `graphwright flows lint`: says all that is wrong with files of flows, which may call each other. */
export async function lintFlows(flags: CommonFlags, paths: readonly string[]): Promise<void> {
  await conclude(flags, async () => {
    const { problemsIn } = await import('../workflows/conversations/flows/load-flows.ts');
    const files = await readFiles(flags, paths, (read) => problemsIn(read, []));
    const flows = files.map(({ path, id, flow }) => ({ path, id, steps: flow?.steps.length }));
    if (flags.json) return void process.stdout.write(`${JSON.stringify({ flows })}\n`);
    const lines = flows.map(({ path, id, steps }) => `${path}: ${id}, ${steps} steps, all right\n`);
    if (!flags.quiet) process.stdout.write(lines.join(''));
  });
}

const formats = ['mermaid', 'svg'] as const;

/** `graphwright flows graph`: draws a flow, by its name or from its file. */
export async function drawFlow(flags: GraphFlags, name: string): Promise<void> {
  await conclude(flags, async () => {
    const format = formatOf(flags);
    const drawing = existsSync(name)
      ? await drawn(await flowIn(flags, name), format)
      : await where(flags, {
          server: (client) => client.text(graphOf(name), { accept: mediaTypes[format] }),
          here: (known) => drawn(knownFlow(known, name), format),
        });
    if (flags.output === undefined) return void process.stdout.write(drawing);
    await writeFile(flags.output, drawing).catch((cause: unknown) => {
      const message = `--output: ${flags.output} cannot be written: ${(cause as Error).message}`;
      throw new GraphwrightError('invalid_parameters', message, { cause });
    });
  });
}

type Format = (typeof formats)[number];

const mediaTypes = { mermaid: 'text/vnd.mermaid', svg: 'image/svg+xml' } as const;

const graphOf = (flow: string) => `/conversations/flows/${encodeURIComponent(flow)}/graph`;

/** What is asked for, or what the name of the output says. */
function formatOf({ format, output }: GraphFlags): Format {
  const wanted = format ?? (output?.endsWith('.svg') ? 'svg' : 'mermaid');
  const known = formats.find((each) => each === wanted);
  if (known) return known;
  throw new GraphwrightError(
    'invalid_parameters',
    `--format: ${wanted} is none; there are ${formats.join(' and ')}`,
  );
}

const drawn = async (flow: CompiledFlow, format: Format): Promise<string> =>
  format === 'svg' ? svgOf(flow) : mermaidOf(flow);

async function flowIn(flags: CommonFlags, path: string): Promise<CompiledFlow> {
  const [file] = await readFiles(flags, [path], ([read]) => read!.problems);
  return file!.flow!;
}

/**
 * Files of flows; what their steps call is looked up among the workflows of the configuration.
 * @throws GraphwrightError `invalid_configuration` with the problems that are found in them.
 */
async function readFiles(
  flags: CommonFlags,
  paths: readonly string[],
  problemsIn: (files: readonly FlowFile[]) => readonly Problem[],
): Promise<FlowFile[]> {
  const { readFlowFile } = await import('../workflows/conversations/flows/check-flow-file.ts');
  return withSurroundings(configurationOf(flags), async (around) => {
    const files = await Promise.all(paths.map((path) => readFlowFile(path, around)));
    const problems = problemsIn(files);
    if (problems.length === 0) return files;
    const message = problems.map(({ detail }) => detail).join('\n');
    throw new GraphwrightError('invalid_configuration', message, { problems });
  });
}

/** Asks the server of the data directory, or looks at the flows that it would have. */
async function where<Value>(flags: FlowsFlags, { server, here }: Either<Value>): Promise<Value> {
  const configuration = configurationOf(flags);
  const url = flags.url ?? (await runningServer(configuration.data));
  const { apiKey } = configuration.server;
  if (url !== undefined) return server(new RunsClient({ url, apiKey }));
  return here(await flowsHere(flags, configuration));
}

/** Without opening anything, where no module of one's own has a say. */
async function flowsHere(
  flags: FlowsFlags,
  configuration: Configuration,
): Promise<readonly CompiledFlow[]> {
  if (configuration.workflows === undefined) {
    const { configuredFlows } = await import('../server/configured-flows.ts');
    return withSurroundings(configuration, (around) => configuredFlows(configuration, around));
  }
  const { openApplication } = await import('../server/application.ts');
  const application = await openApplication(configuration, warnOn(flags));
  try {
    return application.conversations.flows;
  } finally {
    await application.close();
  }
}

interface Either<Value> {
  server(client: RunsClient): Promise<Value>;
  here(flows: readonly CompiledFlow[]): Promise<Value>;
}
