import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A text, or calls of tools; arguments that are a text are sent as they stand, JSON or not. */
export type Said = string | { tool: string; args: Record<string, unknown> | string }[];

/** One thing the model does: it says something, which may depend on what it heard; it fails; or nothing, ever. */
export type ChatReply =
  | Said
  | ((request: ChatRequest) => Said)
  | { status: number; message: string }
  | { raw: (response: ServerResponse) => void }
  | 'never';

/** A request as OpenAI's Chat Completions API takes it, as far as tests look at it. */
export interface ChatRequest {
  model: string;
  stream?: boolean;
  tool_choice?: string;
  tools?: { function: { name: string } }[];
  messages: { role: string; content: string | null; tool_calls?: unknown[]; name?: string }[];
}

/** A model server in this process. */
export interface ChatServer extends AsyncDisposable {
  /** With the path of the API: `http://127.0.0.1:1234/v1`. */
  url: string;
  /** What it was asked, in order. */
  requests: (ChatRequest & { authorization: string | undefined })[];
  /** How many clients went away without an answer. */
  abandoned: () => number;
}

/** Serves OpenAI's Chat Completions API: each request gets the next reply, streamed when it asks for that. */
export async function chatServer(...replies: ChatReply[]): Promise<ChatServer> {
  const requests: ChatServer['requests'] = [];
  let abandoned = 0;
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request)) as ChatRequest;
    requests.push({ ...body, authorization: request.headers.authorization });
    response.on('close', () => (abandoned += response.writableFinished ? 0 : 1));
    const next = replies.shift() ?? { status: 500, message: 'The script is over' };
    const reply = typeof next === 'function' ? next(body) : next;
    if (reply === 'never') return;
    if (typeof reply === 'object' && 'raw' in reply) reply.raw(response);
    else if (typeof reply === 'object' && 'status' in reply) {
      response.writeHead(reply.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: reply.message, type: 'error' } }));
    } else if (body.stream) stream(response, body, reply);
    else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(whole(body, reply)));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    abandoned: () => abandoned,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The same for every answer, as some servers have it. */
const id = 'chatcmpl-1';
const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };

function whole({ model }: ChatRequest, reply: Said) {
  const message =
    typeof reply === 'string'
      ? { role: 'assistant', content: reply }
      : { role: 'assistant', content: null, tool_calls: calls(reply) };
  const finish_reason = typeof reply === 'string' ? 'stop' : 'tool_calls';
  return {
    id,
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message, finish_reason }],
    usage,
  };
}

/** A text goes word by word, calls of tools in one piece; the usage comes last, with no choice. */
function stream(response: ServerResponse, { model }: ChatRequest, reply: Said): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (choices: unknown[], more = {}) => {
    const chunk = { id, object: 'chat.completion.chunk', created: 0, model, choices };
    response.write(`data: ${JSON.stringify({ ...chunk, ...more })}\n\n`);
  };
  const delta = (content: object) => send([{ index: 0, delta: content, finish_reason: null }]);
  delta({ role: 'assistant', content: '' });
  if (typeof reply === 'string') for (const word of reply.split(/(?<= )/)) delta({ content: word });
  else delta({ tool_calls: calls(reply).map((call, index) => ({ index, ...call })) });
  const finish_reason = typeof reply === 'string' ? 'stop' : 'tool_calls';
  send([{ index: 0, delta: {}, finish_reason }]);
  send([], { usage });
  response.end('data: [DONE]\n\n');
}

const calls = (reply: Exclude<Said, string>) =>
  reply.map(({ tool, args }, index) => ({
    id: `call_${index}`,
    type: 'function',
    function: { name: tool, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
  }));

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
