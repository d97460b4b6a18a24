import { createInterface } from 'node:readline/promises';
import type { Agents } from '../agents/agents.ts';
import type { AgentEvent, Completion } from '../agents/completion.ts';
import { GraphwrightError } from '../errors.ts';
import { openApplication, type Application } from '../server/application.ts';
import {
  commandAgent,
  conclude,
  configurationOf,
  interruption,
  readStdin,
  warnOn,
  type CommonFlags,
} from './common.ts';
import { painter, showsColours } from './painter.ts';
import { runningServer } from './running-server.ts';
import { showError } from './show-error.ts';

/** What `graphwright chat` takes. */
export interface ChatFlags extends CommonFlags {
  agent: string;
  message?: string;
  thread?: string;
  shared?: boolean;
}

/**
 * `graphwright chat`: talks with an agent. With `--message`, or with words on standard input, it answers once;
 * at a terminal it goes on until Ctrl+D or Ctrl+C.
 */
export async function chat(flags: ChatFlags): Promise<void> {
  await conclude(flags, async () => {
    const application = await open(flags);
    try {
      const { agents } = application;
      agents.assertReady(flags.agent);
      const talk = talker(agents, flags);
      const message = flags.message ?? (process.stdin.isTTY ? undefined : await readStdin());
      if (message === undefined) await converse(talk, flags);
      else await talk(message, interruption());
    } finally {
      await application.close();
    }
  });
}

async function open(flags: ChatFlags): Promise<Application> {
  const configuration = configurationOf(flags);
  try {
    return await openApplication(configuration, warnOn(flags));
  } catch (thrown) {
    const error = GraphwrightError.from(thrown);
    const url = error.code === 'data_in_use' ? await runningServer(configuration.data) : undefined;
    if (url === undefined) throw error;
    throw new GraphwrightError(
      'data_in_use',
      `${configuration.data} is in use: the server at ${url} has it; ask at ${url}/agents/${flags.agent}/completion, or stop that server, or name another directory with --data`,
      { cause: error, retriable: false },
    );
  }
}

type Talk = (message: string, signal: AbortSignal) => Promise<void>;

/** Says one thing after another in the same thread. */
function talker(agents: Agents, flags: ChatFlags): Talk {
  const askedBy = { ...commandAgent(), surface: 'agent' };
  let threadId = flags.thread;
  return async (message, signal) => {
    const page = flags.json ? jsonPage : textPage(flags);
    const answer = await agents.complete(
      flags.agent,
      { message, threadId, sharedMemory: flags.shared ?? false },
      { signal, askedBy, onEvent: page.tell },
    );
    if (threadId === undefined && !flags.quiet && !flags.json)
      process.stderr.write(paint().dim(`Goes on with --thread ${answer.threadId}\n`));
    threadId = answer.threadId;
    page.end(answer);
  };
}

/** Reads line after line from the terminal. Ctrl+C ends an answer, or the conversation when there is none to wait for. */
async function converse(talk: Talk, { quiet, json, agent }: ChatFlags): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  let answering: AbortController | undefined;
  let closed = false;
  lines.on('close', () => (closed = true));
  lines.on('SIGINT', () => {
    if (answering) answering.abort(new GraphwrightError('cancelled', 'Interrupted'));
    else lines.close();
  });
  if (!quiet) process.stderr.write(`You talk with ${agent}; Ctrl+D ends.\n`);
  lines.setPrompt(paint().cyan('> '));
  lines.prompt();
  for await (const line of lines) {
    if (line.trim() !== '') {
      answering = new AbortController();
      try {
        await talk(line, answering.signal);
      } catch (thrown) {
        showError(GraphwrightError.from(thrown), json);
      } finally {
        answering = undefined;
      }
    }
    // After Ctrl+D in the midst of an answer it would wait for input that nobody reads.
    if (!closed) lines.prompt();
  }
  process.stderr.write('\n');
}

/** How an answer is shown. */
interface Page {
  tell(event: AgentEvent): void;
  end(answer: Completion): void;
}

const jsonPage: Page = {
  tell: () => undefined,
  end: (answer) => void process.stdout.write(`${JSON.stringify(answer)}\n`),
};

/** At a terminal the text comes as it is written; elsewhere only the answer goes to standard output. */
function textPage({ agent, quiet }: ChatFlags): Page {
  const live = process.stdout.isTTY;
  let written = '';
  const write = (text: string) => {
    written += text;
    process.stdout.write(printable(text));
  };
  return {
    tell(event) {
      if (event.type === 'token' && event.agent === agent && live) write(event.text);
      if (event.type !== 'tool_call' || quiet) return;
      if (written !== '' && !written.endsWith('\n')) write('\n');
      const call = `${event.name} ${JSON.stringify(event.arguments)}`;
      process.stderr.write(`${paint().dim(printable(call).slice(0, 200))}\n`);
    },
    end({ text, finish }) {
      if (!live) write(text);
      if (!written.endsWith('\n')) write('\n');
      if (finish === 'limited' && !quiet)
        process.stderr.write(paint().yellow('It reached a limit before it knew all.\n'));
    },
  };
}

/** A terminal obeys control characters, and what a model writes may hold them. */
const printable = (text: string): string => text.replaceAll(/[^\P{Cc}\n\t]/gu, '');

const paint = () => painter(showsColours(process.stderr));
