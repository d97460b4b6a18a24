import { GraphwrightError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import { openApplication, type Application } from '../server/application.ts';
import { runThatWaits } from '../workflows/approval/gate.ts';
import { describeParameters, parseParameters } from '../workflows/expose/command.ts';
import { describeEffects } from '../workflows/expose/schemas.ts';
import { execute, type Progress } from '../workflows/execute.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';
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
import { table } from './table.ts';

/** `graphwright run [NAME] [--parameter value …]`: runs a workflow, or lists them. */
export async function run(
  flags: CommonFlags,
  name: string | undefined,
  words: string[],
): Promise<void> {
  const all = name === undefined ? [] : [name, ...words];
  await conclude({ ...flags, json: flags.json || all.includes('--json') }, async () => {
    const { common, rest } = takeCommonFlags(flags, all);
    const [wanted, ...parameters] = rest;
    const application = await openApplication(configurationOf(common), warnOn(common));
    try {
      if (wanted === undefined || wanted === '--help') return list(application.workflows, common);
      const workflow = find(application.workflows, wanted);
      if (parameters.includes('--help')) return help(workflow);
      const input = await parseParameters(workflow, parameters, { readStdin, readFile: readText });
      const result: unknown = await execute(workflow, input, {
        signal: interruption(),
        agent: commandAgent(),
        onProgress: progressOf(common),
      }).catch((thrown: unknown) => afterApproval(thrown, application, common));
      process.stdout.write(`${JSON.stringify(result, undefined, common.json ? undefined : 2)}\n`);
    } finally {
      await application.close();
    }
  });
}

/** `graphwright audit IRI`: runs find_changes for a thing. */
export const audit = (flags: CommonFlags, iri: string, words: string[]): Promise<void> =>
  run(flags, 'find_changes', ['--subject', iri, ...words]);

/** The result of a call that waits for a person, if the one at the terminal approves it. */
async function afterApproval(
  thrown: unknown,
  application: Application,
  common: CommonFlags,
): Promise<unknown> {
  const waiting = runThatWaits(thrown);
  if (!waiting) throw thrown;
  const { askApproval, canAsk } = await import('./ask-approval.ts');
  if (canAsk(common) && (await askApproval(application, waiting.id))) {
    const { end } = await import('./approvals.ts');
    return (await end(application.runs, waiting.id)).result;
  }
  const { code, message, details } = thrown as GraphwrightError;
  const advice = `graphwright approvals show ${waiting.id}, then approve, edit or reject`;
  throw new GraphwrightError(code, `${message}; ${advice}`, { cause: thrown, details });
}

/** The common flags may stand among the parameters; the words that are left are the workflow's own. */
function takeCommonFlags(
  flags: CommonFlags,
  words: readonly string[],
): { common: CommonFlags; rest: string[] } {
  const common = { ...flags };
  const rest: string[] = [];
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [flag, value] = word.split(/=(.*)/s);
    if (word === '--json') common.json = true;
    else if (word === '--quiet') common.quiet = true;
    else if (flag === '--data') common.data = valueOf(flag, value ?? left.shift());
    else if (flag === '--config') common.config = valueOf(flag, value ?? left.shift());
    else rest.push(word);
  }
  return { common, rest };
}

function valueOf(flag: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new GraphwrightError('invalid_parameters', `${flag} needs a value`);
}

function find(workflows: readonly AnyWorkflow[], wanted: string): AnyWorkflow {
  const workflow = workflows.find(({ name }) => name === wanted);
  if (workflow) return workflow;
  const names = workflows.map(({ name }) => name);
  throw new GraphwrightError('not_found', `No workflow ${wanted}; ${suggest(wanted, names)}`);
}

function list(workflows: readonly AnyWorkflow[], { json }: CommonFlags): void {
  const rows = workflows.map(({ name, description }) => ({ name, description }));
  const text = json
    ? JSON.stringify(rows)
    : table(['workflow', 'what it does'], rows.map(Object.values));
  process.stdout.write(`${text}\n`);
}

function help(workflow: AnyWorkflow): void {
  const rows = describeParameters(workflow).map(
    ({ flag, type, required, description, default: value }) => [
      flag,
      type,
      required ? 'required' : value === undefined ? '' : `default ${JSON.stringify(value)}`,
      description,
    ],
  );
  const lines = [
    `graphwright run ${workflow.name} [--name value …] [--file FILE] [-]`,
    '',
    describeEffects(workflow),
    '',
    table(['flag', 'type', '', 'what it is'], rows),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** A line that is written over while the run goes on; nothing where nobody watches. */
function progressOf({ quiet }: CommonFlags): ((progress: Progress) => void) | undefined {
  if (quiet || !process.stderr.isTTY) return undefined;
  return ({ done, total, message = '' }) => {
    process.stderr.write(`\r\u001b[K${done}${total === undefined ? '' : `/${total}`} ${message}`);
    if (done === total) process.stderr.write('\n');
  };
}
