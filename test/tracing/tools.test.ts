import { SpanStatusCode } from '@opentelemetry/api';
import { createAgent } from 'langchain';
import { describe, expect, test } from 'vitest';
import { chatModel } from '../../src/integrations/language/chat-model.ts';
import { ModelCalls } from '../../src/integrations/language/model-calls.ts';
import { begin } from '../../src/telemetry.ts';
import { scriptedModel } from '../../src/testing/scripted-model.ts';
import { asTools } from '../../src/workflows/expose/langchain.ts';
import { httpServer, json } from '../integrations/support/http-server.ts';
import { mcpClient } from '../support/mcp.ts';
import { Echo, FailOnDemand } from '../support/sample-workflows.ts';
import { tracedToMemory } from '../support/spans.ts';

const call = (name: string, args: object) => ({ type: 'tool_call', id: 'c1', name, args }) as const;

describe('spans of tools', () => {
  test('hold the run, called by LangChain', async () => {
    await using spans = await tracedToMemory();
    const [echo, fail] = asTools([new Echo({}), new FailOnDemand({})]);
    await echo!.invoke(call('echo_text', { text: 'a secret' }));
    expect(spans.parentOf('run echo_text')).toBe('execute_tool echo_text');
    expect(spans.named('execute_tool echo_text').attributes).toEqual({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'echo_text',
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': 'c1',
      'graphwright.surface': 'langchain',
    });
    // The model is told what went wrong, so nothing is thrown; the span has failed all the same.
    await fail!.invoke(call('fail_on_demand', { how: 'conflict' }));
    expect(spans.named('execute_tool fail_on_demand')).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'conflict' },
    });
  });

  test('hold the run, called over MCP, and go on from the trace of the client', async () => {
    await using spans = await tracedToMemory();
    await using connected = await mcpClient([new Echo({}), new FailOnDemand({})]);
    const { client } = connected;
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await client.callTool({ name: 'echo_text', arguments: {}, _meta: { traceparent } });
    expect(spans.parentOf('run echo_text')).toBe('execute_tool echo_text');
    expect(spans.named('execute_tool echo_text')).toMatchObject({
      parentSpanContext: {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: 'b7ad6b7169203331',
      },
      attributes: { 'graphwright.surface': 'mcp' },
    });
    await client.callTool({ name: 'fail_on_demand', arguments: { how: 'defect' } });
    expect(spans.named('execute_tool fail_on_demand').attributes['error.type']).toBe('internal');
  });
});

describe('spans of model calls', () => {
  test('stand beside the tools in the trace of an agent', async () => {
    await using spans = await tracedToMemory();
    const model = await scriptedModel([{ tool: 'echo_text', args: { text: 'x' } }], 'Done.');
    const agent = createAgent({ model, tools: asTools([new Echo({})]) });
    const seen = begin(() => ({ kind: 'request', name: 'POST /ask', attributes: {} }))!;
    await seen.within(() => agent.invoke({ messages: 'Go.' }, { callbacks: [new ModelCalls()] }));
    seen.end();
    const root = spans.named('POST /ask').spanContext();
    const parts = spans.all().filter((span) => span.parentSpanContext?.spanId === root.spanId);
    expect(parts.map(({ name }) => name)).toEqual(['chat', 'execute_tool echo_text', 'chat']);
  });

  test('tell the model, its provider and the tokens, and no word of what was said', async () => {
    await using spans = await tracedToMemory();
    const server = await httpServer(
      json({
        id: 'c1',
        object: 'chat.completion',
        created: 1,
        model: 'tiny-2',
        choices: [
          { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'a secret' } },
        ],
        usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 },
      }),
    );
    const spec = { model: 'openai:tiny', apiKey: 'k1', baseUrl: `${server.url}/v1` };
    await (await chatModel(spec)).invoke('my secret');
    await server.close();
    expect(spans.named('chat tiny').attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'tiny',
      'gen_ai.response.model': 'tiny-2',
      'gen_ai.response.finish_reason': 'stop',
      'gen_ai.usage.input_tokens': 11,
      'gen_ai.usage.output_tokens': 3,
    });
  });

  test('a call that fails is an error, without the words of it', async () => {
    await using spans = await tracedToMemory();
    const model = await scriptedModel(new Error('a secret'));
    await expect(model.invoke('x', { callbacks: [new ModelCalls()] })).rejects.toThrow('a secret');
    expect(spans.named('chat')).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'integration_failed' },
    });
    expect(spans.named('chat').status.message).toBeUndefined();
  });
});
