import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { compileSteps } from '../../../src/workflows/conversations/compile-steps.ts';
import { Conversations } from '../../../src/workflows/conversations/engine/conversations.ts';
import type { StepContext, StepResult } from '../../../src/workflows/conversations/flow.ts';
import type { AcceptedMessage } from '../../../src/workflows/conversations/message.ts';
import { ConversationStep } from '../../../src/workflows/conversations/step.ts';
import { MemoryConversations } from '../../../src/workflows/conversations/storage/memory.ts';
import type { Session } from '../../../src/workflows/conversations/conversation.ts';

/** Asks for the same page again and again from another thread, and tells how long each answer took. */
const pinger = `
  const http = require('node:http');
  const { parentPort, workerData } = require('node:worker_threads');
  const agent = new http.Agent({ keepAlive: true });
  const times = [];
  let on = true;
  parentPort.once('message', () => (on = false));
  const ping = () =>
    new Promise((resolve) => {
      const began = performance.now();
      http.get({ port: workerData, agent }, (response) => {
        response.resume();
        response.on('end', () => resolve(performance.now() - began));
      });
    });
  (async () => {
    times.push(await ping());
    parentPort.postMessage('ready');
    while (on) times.push(await ping());
    agent.destroy();
    parentPort.postMessage(times);
  })();
`;

/** Burns a little of the thread at each message, as real steps do. */
class Chatter extends ConversationStep {
  readonly name = 'chatter';

  execute({ content }: AcceptedMessage, _: Session, { state }: StepContext): StepResult {
    const began = performance.now();
    while (performance.now() - began < 0.1);
    const heard = [...((state['heard'] as string[] | undefined) ?? []), String(content)];
    return { action: 'repeat', update: { heard }, response: `heard ${heard.length}` };
  }
}

test('1,000 sessions at once leave the process free for others, and each gets its own answers', async () => {
  const server = createServer((_, response) => response.end('pong')).listen(0);
  await once(server, 'listening');
  const worker = new Worker(pinger, {
    eval: true,
    workerData: (server.address() as AddressInfo).port,
  });
  await once(worker, 'message');

  // In memory nothing ever waits for a disk: a turn that did not stop for others would stop for nobody.
  const conversations = await Conversations.open({
    storage: new MemoryConversations(),
    flows: [
      compileSteps({ id: 'chat', name: 'Chat', description: 'Listens.', steps: [new Chatter()] }),
    ],
  });
  const began = performance.now();
  const last = await Promise.all(
    Array.from({ length: 1000 }, async (_, index) => {
      const session = { id: `s${index}` };
      const key = await conversations.start({ tenant: 't', flow: 'chat', session });
      const turns = [1, 2].map((number) => conversations.send(key, { content: `${number}` }));
      return (await Promise.all(turns)).map(({ replies }) => replies[0]!.content);
    }),
  );
  const took = performance.now() - began;
  expect(new Set(last.map(String))).toEqual(new Set(['heard 1,heard 2']));

  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
  worker.postMessage('stop');
  const [times] = (await once(worker, 'message')) as [number[]];
  const sorted = times.toSorted((a, b) => a - b);
  const p99 = sorted[Math.floor(sorted.length * 0.99)]!;
  // The turns take far longer than this: had they held the thread, the pings would have waited for their end.
  expect(p99).toBeLessThan(took / 4);
  expect(times.length).toBeGreaterThan(20);
  await conversations.close();
  server.close();
  await worker.terminate();
}, 60_000);
