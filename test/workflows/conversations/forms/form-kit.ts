import type { GraphwrightError } from '../../../../src/errors.ts';
import { scriptedModel, type ScriptedReply } from '../../../../src/testing/scripted-model.ts';
import type { ConversationAgent } from '../../../../src/workflows/conversations/agent.ts';
import type { Turn } from '../../../../src/workflows/conversations/conversation.ts';
import { Conversations } from '../../../../src/workflows/conversations/engine/conversations.ts';
import {
  defaultFlowSettings,
  type FlowSettings,
} from '../../../../src/workflows/conversations/flow-settings.ts';
import type { Form } from '../../../../src/workflows/conversations/forms/form.ts';
import {
  formStep,
  type FormStepOptions,
} from '../../../../src/workflows/conversations/forms/form-step.ts';
import { ModelReader } from '../../../../src/workflows/conversations/forms/model-reader.ts';
import { RulesReader } from '../../../../src/workflows/conversations/forms/rules/understand.ts';
import type { FormReader } from '../../../../src/workflows/conversations/forms/understanding.ts';
import type { Json } from '../../../../src/workflows/conversations/json.ts';
import { MemoryConversations } from '../../../../src/workflows/conversations/storage/memory.ts';

/** What a model answers about a message. */
export interface ModelAnswer {
  responseType?: string;
  extractedFields?: Record<string, unknown>;
  confidence?: number;
  answer?: string;
  [key: string]: unknown;
}

/** A reader by a model with a script, and what it could not read. */
export async function modelReader(
  ...answers: (ModelAnswer | string | Error)[]
): Promise<{ reader: FormReader; fallbacks: GraphwrightError[]; calls: () => number }> {
  const fallbacks: GraphwrightError[] = [];
  const replies = answers.map((answer): ScriptedReply =>
    typeof answer === 'string' || answer instanceof Error
      ? answer
      : JSON.stringify({
          responseType: 'information',
          extractedFields: {},
          confidence: 0.95,
          reasoning: 'It says so.',
          ...answer,
        }),
  );
  const model = await scriptedModel(...replies);
  const reader = new ModelReader({
    model,
    fallback: new RulesReader(),
    onFallback: (error) => fallbacks.push(error),
  });
  return { reader, fallbacks, calls: () => (model as unknown as { callCount: number }).callCount };
}

export interface FormKit extends AsyncDisposable {
  readonly conversations: Conversations;
  readonly key: { tenant: string; id: string };
  /** Says something and gives what is answered. */
  say(content: Json): Promise<string>;
  send(content: Json): Promise<Turn>;
  start(content?: Json): Promise<string>;
  values(): Promise<Record<string, unknown>>;
  status(): Promise<string>;
  step(): Promise<string>;
}

/** A form in a flow: `form`, then `after`. */
export async function formKit(
  form: Form,
  {
    settings,
    agents,
    ...options
  }: Partial<FormStepOptions> & {
    settings?: Partial<FlowSettings>;
    agents?: Record<string, ConversationAgent>;
  } = {},
): Promise<FormKit> {
  const storage = new MemoryConversations();
  const waits = (name: string) => ({
    name,
    kind: 'code',
    onArrival: false,
    transitions: [{ to: 'end' }],
    execute: () => ({ action: 'complete', response: name }) as const,
  });
  const conversations = await Conversations.open({
    storage,
    ...(agents && { agents }),
    now: () => new Date('2026-11-21T12:00:00Z'),
    flows: [
      {
        id: 'flow',
        name: 'Flow',
        description: 'A form.',
        pattern: 'information_gathering',
        start: 'form',
        ends: ['after'],
        settings: { ...defaultFlowSettings, ...settings },
        variables: {},
        steps: [
          formStep({ name: 'form', form, leadsTo: ['after'], ...options }),
          waits('after'),
          ...(options.fallback === undefined ? [] : [waits(options.fallback)]),
        ],
      },
    ],
  });
  const key = { tenant: 'tenant-a', id: 'c1' };
  const text = ({ replies }: Turn) => replies.map(({ content }) => content).join('\n');
  const status = () => conversations.status(key);
  const send = (content: Json) => conversations.send(key, { content });
  return {
    conversations,
    key,
    send,
    say: async (content) => text(await send(content)),
    start: async (content) =>
      text(
        await conversations.start({
          ...key,
          flow: 'flow',
          session: { id: 's1' },
          ...(content !== undefined && { message: { content } }),
        }),
      ),
    values: async () => ({ ...((await status()).state[form.name] as Record<string, unknown>) }),
    status: async () => (await status()).status,
    step: async () => (await status()).step,
    async [Symbol.asyncDispose]() {
      await conversations.close();
      await storage.close();
    },
  };
}
