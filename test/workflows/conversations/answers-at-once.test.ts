import { setImmediate as nextRound } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { compileSteps } from '../../../src/workflows/conversations/compile-steps.ts';
import { Conversations } from '../../../src/workflows/conversations/engine/conversations.ts';
import type { StepResult } from '../../../src/workflows/conversations/flow.ts';
import { ConversationStep } from '../../../src/workflows/conversations/step.ts';
import { MemoryConversations } from '../../../src/workflows/conversations/storage/memory.ts';
import type { ConversationStorage } from '../../../src/workflows/conversations/storage/storage.ts';

const sessions = 500;

/** Answers everything it was asked at one moment, as a server does whose answers come in one packet. */
function answeringAtOnce(): ConversationStorage {
  const memory = new MemoryConversations();
  let asked: (() => void)[] = [];
  return {
    exclusive: false,
    async load(key, options) {
      await new Promise<void>((resolve) => {
        if (asked.push(resolve) < sessions) return;
        for (const answer of asked) answer();
        asked = [];
      });
      return memory.load(key, options);
    },
    commit: (commit) => memory.commit(commit),
    entries: (key, filter) => memory.entries(key, filter),
    put: (event) => memory.put(event),
    inbox: (tenant, awaited) => memory.inbox(tenant, awaited),
    list: (filter) => memory.list(filter),
    delete: (key) => memory.delete(key),
    sweep: (filter) => memory.sweep(filter),
    close: () => memory.close(),
  };
}

test('conversations that a server answers at one moment do not hold the thread all together', async () => {
  let round = 0;
  const ended = new AbortController();
  const rounds = (async () => {
    for (; !ended.signal.aborted; round += 1) await nextRound();
  })();
  const inRound = new Map<number, number>();
  class Counter extends ConversationStep {
    readonly name = 'counter';

    execute(): StepResult {
      const began = performance.now();
      while (performance.now() - began < 0.2);
      inRound.set(round, (inRound.get(round) ?? 0) + 1);
      return { action: 'repeat', response: 'counted' };
    }
  }
  const flow = { id: 'count', name: 'Count', description: 'Counts.', steps: [new Counter()] };
  const storage = answeringAtOnce();
  const conversations = await Conversations.open({ storage, flows: [compileSteps(flow)] });
  const keys = await Promise.all(
    Array.from({ length: sessions }, (_, index) =>
      conversations.start({ tenant: 't', flow: 'count', session: { id: `s${index}` } }),
    ),
  );
  const turns = await Promise.all(keys.map((key) => conversations.send(key, { content: 'one' })));
  ended.abort();
  await rounds;
  expect(new Set(turns.map(({ replies }) => replies[0]?.content))).toEqual(new Set(['counted']));
  // They take 100 ms in all, of which others have to wait for a few at most.
  expect(Math.max(...inRound.values())).toBeLessThan(sessions / 4);
  await conversations.close();
}, 60_000);
