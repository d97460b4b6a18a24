import type { Application } from '../server/application.ts';
import type { TurnView } from '../workflows/conversations/surfaces/views.ts';
import { execute } from '../workflows/execute.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';
import { commandAgent } from './common.ts';
import { RunsClient, type RunsClientConfiguration } from './runs-client.ts';

/** A conversation as `graphwright chat` shows it. */
export interface Standing {
  id: string;
  flow: string;
  status: TurnView['status'];
  step: string;
  progress: { done: number; total: number };
  pending?: Partial<Question> & { prompt: string };
}

/** What a reply asks for, as far as a terminal cares. */
export interface Question {
  options: { value: string; label: string }[];
}

/** What `graphwright chat --flow` does with conversations, wherever they are. */
export interface Talks {
  start(flow: string): Promise<TurnView>;
  send(id: string, content: string, messageId: string): Promise<TurnView>;
  get(id: string): Promise<Standing>;
  back(id: string): Promise<TurnView>;
  cancel(id: string): Promise<TurnView>;
}

/** The conversations of an application that is open here. */
export function talksOf({ workflows }: Pick<Application, 'workflows'>): Talks {
  const call = <Result>(name: string, parameters: Record<string, unknown>): Promise<Result> => {
    const workflow = workflows.find((each) => each.name === name) as AnyWorkflow;
    return execute(workflow, parameters, { agent: commandAgent() }) as Promise<Result>;
  };
  return {
    start: (flow) => call('start_conversation', { flow }),
    send: (id, content, messageId) => call('send_message', { id, content, messageId }),
    get: (id) => call('get_conversation', { id }),
    back: (id) => call('roll_back_conversation', { id, steps: 1 }),
    cancel: (id) => call('cancel_conversation', { id }),
  };
}

const path = (id: string, rest = ''): string => `/conversations/${encodeURIComponent(id)}${rest}`;

/** The conversations of a server. */
export function talksAt(configuration: RunsClientConfiguration): Talks {
  const client = new RunsClient(configuration);
  return {
    start: (flow) => client.json('POST', '/conversations', { flow }),
    send: (id, content, messageId) =>
      client.json('POST', path(id, '/messages'), { content, messageId }),
    get: (id) => client.json('GET', path(id)),
    back: (id) => client.json('POST', path(id, '/rollback'), { steps: 1 }),
    cancel: (id) => client.json('POST', path(id, '/cancel'), {}),
  };
}
