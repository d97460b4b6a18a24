import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { GraphwrightError } from '../errors.ts';
import type { TurnView } from '../workflows/conversations/surfaces/views.ts';
import { conclude, configurationOf, warnOn, type CommonFlags } from './common.ts';
import { painter, showsColours } from './painter.ts';
import { runningServer } from './running-server.ts';
import { showError } from './show-error.ts';
import { talksAt, talksOf, type Standing, type Talks } from './talk-client.ts';

/** What `graphwright chat` takes for a conversation that follows a flow. */
export interface ChatFlowFlags extends CommonFlags {
  flow?: string;
  conversation?: string;
  message?: string;
  url?: string;
}

/**
 * `graphwright chat --flow NAME` and `--conversation ID`: talks by lines, at a terminal or from standard input,
 * until the conversation ends or nobody says any more. `/back` takes the last answer back, `/status` tells how
 * far it is, `/cancel` ends it; a line that begins with two slashes is said with one.
 */
export async function chatFlow(flags: ChatFlowFlags): Promise<void> {
  await conclude(flags, () =>
    withTalks(flags, async (talks) => {
      const page = pageFor(flags);
      const id = await begin(talks, flags, page);
      if (id === undefined) return;
      if (flags.message !== undefined)
        return page.turn(await talks.send(id, flags.message, randomUUID()));
      await converse(new Dialogue(talks, id, page), flags);
    }),
  );
}

async function withTalks(
  flags: ChatFlowFlags,
  action: (talks: Talks) => Promise<void>,
): Promise<void> {
  const configuration = configurationOf(flags);
  const url = flags.url ?? (await runningServer(configuration.data));
  const { apiKey } = configuration.server;
  if (url !== undefined) return action(talksAt({ url, apiKey }));
  // Loaded only here: asking a server takes nothing of it.
  const { openApplication } = await import('../server/application.ts');
  const application = await openApplication(configuration, warnOn(flags));
  try {
    await action(talksOf(application));
  } finally {
    await application.close();
  }
}

/** Gives back the id of a conversation that goes on. */
async function begin(
  talks: Talks,
  { flow, conversation, json, quiet, message }: ChatFlowFlags,
  page: Page,
): Promise<string | undefined> {
  if (conversation !== undefined) {
    const standing = await talks.get(conversation);
    if (flow !== undefined && standing.flow !== flow)
      throw new GraphwrightError(
        'conflict',
        `Conversation ${conversation} follows the flow ${standing.flow}, not ${flow}`,
      );
    if (message === undefined) page.standing(standing, false);
    return conversation;
  }
  const turn = await talks.start(flow!);
  if (!quiet && !json)
    process.stderr.write(paint().dim(`Goes on with --conversation ${turn.id}\n`));
  page.turn(turn);
  return isOver(turn.status) ? undefined : turn.id;
}

const isOver = (status: TurnView['status']): boolean =>
  ['completed', 'failed', 'cancelled', 'expired'].includes(status);

/** A conversation that is led by lines of text. */
class Dialogue {
  readonly #talks: Talks;
  readonly #id: string;
  readonly #page: Page;

  constructor(talks: Talks, id: string, page: Page) {
    this.#talks = talks;
    this.#id = id;
    this.#page = page;
  }

  /** Says a line, or does what it asks for. @returns Whether the conversation is over. */
  async take(line: string): Promise<boolean> {
    if (line === '/status') {
      this.#page.standing(await this.#talks.get(this.#id), true);
      return false;
    }
    const turn = await this.#turn(line);
    this.#page.turn(turn);
    return isOver(turn.status);
  }

  #turn(line: string): Promise<TurnView> {
    if (line === '/back') return this.#talks.back(this.#id);
    if (line === '/cancel') return this.#talks.cancel(this.#id);
    if (/^\/[^/]/.test(line))
      throw new GraphwrightError(
        'invalid_parameters',
        `There is no command ${line.split(/\s/)[0]}; there are /back, /cancel and /status, and // begins a line that is said with one /`,
      );
    return this.#talks.send(this.#id, line.replace(/^\/\//, '/'), randomUUID());
  }
}

/** At a terminal a refused line is told and the next one read; elsewhere it ends the command. */
async function converse(dialogue: Dialogue, { json, quiet }: ChatFlowFlags): Promise<void> {
  const terminal = process.stdin.isTTY === true;
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal });
  let closed = false;
  lines.on('close', () => (closed = true));
  lines.on('SIGINT', () => lines.close());
  if (terminal && !quiet)
    process.stderr.write('/back, /cancel and /status steer it; Ctrl+D leaves it as it is.\n');
  const prompt = () => {
    if (terminal && !closed) lines.prompt();
  };
  lines.setPrompt(paint().cyan('> '));
  prompt();
  for await (const line of lines) {
    try {
      if (await dialogue.take(line.trim())) break;
    } catch (thrown) {
      if (!terminal) throw thrown;
      showError(GraphwrightError.from(thrown), json);
    }
    prompt();
  }
  lines.close();
  if (terminal) process.stderr.write('\n');
}

/** How what is said is shown. */
interface Page {
  turn(turn: TurnView): void;
  standing(standing: Standing, asked: boolean): void;
}

const pageFor = (flags: ChatFlowFlags): Page => (flags.json ? jsonPage : textPage(flags));

const jsonPage: Page = {
  turn: (turn) => void process.stdout.write(`${JSON.stringify(turn)}\n`),
  standing: (standing) => void process.stdout.write(`${JSON.stringify(standing)}\n`),
};

const textPage = ({ quiet }: ChatFlowFlags): Page => ({
  turn({ replies, status, error }) {
    for (const { content, expects } of replies) say(content, expects?.options);
    if (error && !quiet) process.stderr.write(paint().yellow(`${printable(error.message)}\n`));
    if (isOver(status) && !quiet) process.stderr.write(paint().dim(`It is ${status}.\n`));
  },
  standing({ flow, status, step, progress, pending }, asked) {
    if (asked || !quiet)
      process.stderr.write(
        paint().dim(
          `${flow}: ${status}, at ${step}, ${progress.done} of ${progress.total} steps\n`,
        ),
      );
    if (pending) say(pending.prompt, pending.options);
  },
});

/** Choices are numbered, where the text does not name them already. */
function say(content: string, options: { label: string }[] = []): void {
  const named = options.every(({ label }) => content.includes(label));
  const choices = named ? [] : options.map(({ label }, index) => `${index + 1}. ${label}`);
  process.stdout.write(`${printable([content, ...choices].join('\n'))}\n`);
}

/** A terminal obeys control characters, and what a model or another user wrote may hold them. */
const printable = (text: string): string => text.replaceAll(/[^\P{Cc}\n\t]/gu, '');

const paint = () => painter(showsColours(process.stderr));
