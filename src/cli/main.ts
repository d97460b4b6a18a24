#!/usr/bin/env node
import { Command } from 'commander';
import { version } from '../version.ts';
import type { ChatFlags } from './chat.ts';
import type { ChatFlowFlags } from './chat-flow.ts';
import type { FlowsFlags, GraphFlags } from './flows.ts';
import type { ApprovalFlags, ApprovalListFlags, DecisionFlags } from './approvals.ts';
import type { CommonFlags } from './common.ts';
import type { ExportFlags } from './export.ts';
import type { LoadFlags } from './load.ts';
import type { ListFlags, RunsFlags } from './runs.ts';
import { misuse } from './misuse.ts';
import { showError } from './show-error.ts';

const wantsJson = process.argv.includes('--json');

const program = new Command('graphwright')
  .description('Workflows over a knowledge graph: run them, serve them, query what they wrote.')
  .version(version)
  .option('--data <dir>', 'directory of the graph, the runs and the outbox (default ./data)')
  .option('--config <file>', 'configuration file (default ./graphwright.config.yaml)')
  .option('--json', 'write results and errors as JSON')
  .option('--quiet', 'write nothing but results and errors')
  .enablePositionalOptions()
  .configureOutput({ outputError: (words) => showError(misuse(words), wantsJson) })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .addHelpText(
    'after',
    `
The common flags may also stand behind the command.

Exit codes:
  0 done   1 unexpected   2 bad input   3 not allowed   4 not found   5 conflict
  6 an outside system or the disk failed   7 stored data is damaged   8 waits for a person
  130 interrupted`,
  );

// Each command is a module of its own, loaded when it is called: --help and typing mistakes stay fast.
program
  .command('run')
  .description('run a workflow; without a name, list the workflows')
  .argument('[workflow]')
  .argument(
    '[parameters...]',
    '--name value …, --file FILE, or - for JSON on standard input; --help lists them',
  )
  .allowUnknownOption()
  .passThroughOptions()
  .helpOption(false)
  .action(async (name: string | undefined, words: string[]) =>
    (await import('./run.ts')).run(common(), name, words),
  );

command('serve', 'serve workflows, SPARQL and documentation over HTTP')
  .option('--port <n>', 'port to listen on (default 7411)')
  .option('--host <address>', 'address to listen on (default 127.0.0.1)')
  .action(async (flags: CommonFlags & { port?: string; host?: string }) =>
    (await import('./serve.ts')).serve({ ...common(), ...flags }),
  );

command('mcp', 'serve workflows and the graph to an assistant (MCP over standard input and output)')
  .option('--groups <list>', 'only the tools of these groups, separated by commas')
  .action(async (flags: CommonFlags & { groups?: string }) =>
    (await import('./mcp.ts')).mcp({ ...common(), ...flags }),
  );

command('query', 'ask the graph a SPARQL query')
  .argument('[text]', 'the query; without it, --file or standard input')
  .option('--file <file>', 'read the query from a file')
  .option('--format <format>', 'table, json, csv, tsv or xml; turtle or ntriples for graphs')
  .action(
    async (text: string | undefined, flags: CommonFlags & { file?: string; format?: string }) =>
      (await import('./query.ts')).query({ ...common(), ...flags }, text),
  );

command('update', 'change the graph by a SPARQL update')
  .argument('[text]', 'the update; without it, --file or standard input')
  .option('--file <file>', 'read the update from a file')
  .action(async (text: string | undefined, flags: CommonFlags & { file?: string }) =>
    (await import('./update.ts')).update({ ...common(), ...flags }, text),
  );

command('load', 'add RDF files to the graph, all of them or nothing')
  .argument('<files...>', 'files, packed by gzip or not; - for standard input')
  .option('--graph <iri>', 'graph for statements that name none (default named after the file)')
  .option(
    '--format <format>',
    'turtle, trig, ntriples, nquads, rdfxml or jsonld (default told by name or content)',
  )
  .option('--base <iri>', 'what relative IRIs are relative to')
  .action(async (files: string[], flags: LoadFlags) =>
    (await import('./load.ts')).load({ ...common(), ...flags }, files),
  );

command('export', 'write the graph to a file or standard output')
  .option('--graph <iri>', 'only this graph')
  .option(
    '--format <format>',
    'nquads, trig, turtle, ntriples, rdfxml, jsonld or csv (default told by --output, or nquads)',
  )
  .option('--output <file>', 'write to a file instead of standard output')
  .action(async (flags: ExportFlags) =>
    (await import('./export.ts')).exportGraph({ ...common(), ...flags }),
  );

command('backup', 'copy the data into another directory')
  .argument('<directory>')
  .action(async (directory: string, flags: CommonFlags) =>
    (await import('./graph.ts')).backup({ ...common(), ...flags }, directory),
  );

command('audit', 'tell who wrote or removed what is said of a thing, when and by which run')
  .argument('<iri>')
  .argument('[parameters...]', 'those of `graphwright run find_changes`, such as --change removed')
  .allowUnknownOption()
  .passThroughOptions()
  .action(async (iri: string, words: string[], flags: CommonFlags) =>
    (await import('./run.ts')).audit({ ...common(), ...flags }, iri, words),
  );

command('doctor', 'check that everything stored is as it was written').action(
  async (flags: CommonFlags) => (await import('./graph.ts')).doctor({ ...common(), ...flags }),
);

command('validate', 'check the graph against SHACL shapes')
  .option(
    '--shapes <paths...>',
    'Turtle files or directories (default those that writes are held to)',
  )
  .option('--format <format>', 'text, json or turtle')
  .action(async (flags: CommonFlags & { shapes?: string[]; format?: string }) =>
    (await import('./validate.ts')).validate({ ...common(), ...flags }),
  );

const config = program.command('config').description('see how everything is set');
command(
  'show',
  'show every setting and where its value comes from; secrets are hidden',
  config,
).action(async (flags: CommonFlags) =>
  (await import('./config-show.ts')).configShow({ ...common(), ...flags }),
);

const runs = program.command('runs').description('follow and steer the runs of workflows');
const toServer = ['--url <url>', 'the server that has them; found by the data directory'] as const;
command('list', 'list runs, the newest first', runs)
  .option(...toServer)
  .option('--workflow <name>', 'only runs of this workflow')
  .option('--status <list>', 'only these states, separated by commas')
  .option('--limit <n>', 'how many, at most (default 50)')
  .option('--cursor <cursor>', 'go on after the page before')
  .option('--watch', 'show them again every second')
  .action(async (flags: ListFlags) =>
    (await import('./runs.ts')).listRuns({ ...common(), ...flags }),
  );
onRun('show', 'show a run with its steps', (module) => module.showRun);
onRun('follow', 'tell what happens in a run until it has ended', (module) => module.followRun);
onRun('cancel', 'end a run and its children', (module) => module.cancelRun);
onRun('delete', 'remove a run that has ended', (module) => module.deleteRun);
for (const how of ['resume', 'retry'] as const)
  onRun(
    how,
    how === 'resume'
      ? 'let a failed or cancelled run go on from its last finished step'
      : 'start a new run with the parameters of one that has ended',
    (module) => (flags, id) => module.continueRun(flags, id, how),
  );
command('signal', 'hand a signal to a run', runs)
  .argument('<run>')
  .argument('<name>')
  .argument('[payload]', 'JSON')
  .option(...toServer)
  .option('--id <id>', 'the same id again changes nothing')
  .action(
    async (
      id: string,
      name: string,
      payload: string | undefined,
      flags: RunsFlags & { id?: string },
    ) => (await import('./runs.ts')).signalRun({ ...common(), ...flags }, id, { name, payload }),
  );

/** A command on one run. */
function onRun(
  name: string,
  description: string,
  pick: (module: typeof import('./runs.ts')) => (flags: RunsFlags, id: string) => Promise<void>,
): void {
  command(name, description, runs)
    .argument('<run>')
    .option(...toServer)
    .action(async (id: string, flags: RunsFlags) =>
      pick(await import('./runs.ts'))({ ...common(), ...flags }, id),
    );
}

command(
  'chat',
  'talk with an agent, or along a flow; without --message, at the terminal or from standard input',
)
  .option('--agent <name>', 'which agent', 'assistant')
  .option('--flow <name>', 'begin a conversation that follows this flow instead')
  .option('--conversation <id>', 'the conversation along a flow to go on with')
  .option(...toServer)
  .option('--message <text>', 'what to say, for a single answer')
  .option('--thread <id>', 'the conversation to go on with')
  .option('--shared', 'let the agent read what other agents said in it')
  .action(async (flags: ChatFlags & ChatFlowFlags) => {
    const all = { ...common(), ...flags };
    if (flags.flow === undefined && flags.conversation === undefined)
      return (await import('./chat.ts')).chat(all);
    return (await import('./chat-flow.ts')).chatFlow(all);
  });

const flows = program
  .command('flows')
  .description('see, check and draw the flows of conversations');
command('list', 'list the flows', flows)
  .option(...toServer)
  .action(async (flags: FlowsFlags) =>
    (await import('./flows.ts')).listFlows({ ...common(), ...flags }),
  );
command('lint', 'say all that is wrong with flows', flows)
  .argument('<files...>', 'flows in YAML or JSON, which may call each other')
  .action(async (files: string[], flags: CommonFlags) =>
    (await import('./flows.ts')).lintFlows({ ...common(), ...flags }, files),
  );
command('graph', 'draw a flow', flows)
  .argument('<flow>', 'its name, or its file')
  .option('--format <format>', 'mermaid or svg (default told by --output, or mermaid)')
  .option('--output <file>', 'write to a file instead of standard output')
  .option(...toServer)
  .action(async (flow: string, flags: GraphFlags) =>
    (await import('./flows.ts')).drawFlow({ ...common(), ...flags }, flow),
  );

const approvals = program
  .command('approvals')
  .description('see and decide on the calls that wait for a person');
command('list', 'list the calls that wait, the newest first', approvals)
  .option(...toServer)
  .option('--all', 'also those that were decided on')
  .option('--workflow <name>', 'only calls of this workflow')
  .option('--limit <n>', 'how many, at most (default 20)')
  .option('--cursor <cursor>', 'go on after the page before')
  .action(async (flags: ApprovalListFlags) =>
    (await import('./approvals.ts')).listApprovals({ ...common(), ...flags }),
  );
command('show', 'show what exactly waits, and what became of it', approvals)
  .argument('<approval>')
  .option(...toServer)
  .action(async (id: string, flags: ApprovalFlags) =>
    (await import('./approvals.ts')).showApproval({ ...common(), ...flags }, id),
  );
for (const decision of ['approve', 'reject'] as const)
  command(decision, decision === 'approve' ? 'have it carried out' : 'have it fail', approvals)
    .argument('<approval>')
    .option(...toServer)
    .option('--reason <text>', 'why, in a few words')
    .action(async (id: string, flags: DecisionFlags) =>
      (await import('./approvals.ts')).decideApproval({ ...common(), ...flags }, id, { decision }),
    );
command('edit', 'have it carried out with other parameters', approvals)
  .argument('<approval>')
  .argument('[parameters]', 'all of them as JSON; - for standard input')
  .option(...toServer)
  .option('--file <file>', 'read the parameters from a file')
  .option('--reason <text>', 'why, in a few words')
  .action(async (id: string, parameters: string | undefined, flags: DecisionFlags) =>
    (await import('./approvals.ts')).decideApproval({ ...common(), ...flags }, id, {
      decision: 'edit',
      parameters,
    }),
  );

command('demo', 'run the customer feedback job on 1,000 real review sentences')
  .option('--limit <n>', 'handle only the first n sentences')
  .action(async (flags: CommonFlags & { limit?: string }) =>
    (await import('./demo.ts')).demo({ ...common(), ...flags }),
  );

/** A command that also takes the common flags behind its name. */
function command(name: string, description: string, parent = program): Command {
  return parent
    .command(name)
    .description(description)
    .option('--data <dir>', 'directory of the graph, the runs and the outbox')
    .option('--config <file>', 'configuration file')
    .option('--json', 'write results and errors as JSON')
    .option('--quiet', 'write nothing but results and errors');
}

function common(): CommonFlags {
  return program.opts<CommonFlags>();
}

await program.parseAsync();
