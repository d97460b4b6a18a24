import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ThreadStore } from '../../src/agents/thread-store.ts';
import { Threads, type Turn } from '../../src/agents/threads.ts';

const day = 24 * 60 * 60 * 1_000;
const retention = { maxAge: 2 * day, maxTurns: 3 };
const begin = Date.parse('2020-01-01T00:00:00.000Z');

const turn = (text: string, days = 0): Turn => ({
  agent: 'assistant',
  at: new Date(begin + days * day).toISOString(),
  messages: [
    { role: 'user', text },
    { role: 'assistant', text: `${text}!` },
  ],
});

const textsOf = (turns: readonly Turn[]) => turns.map(({ messages }) => messages[0]!.text);

/** What every store of threads holds to; each test gets one that is empty. */
export function describeThreads(
  name: string,
  open: () => Promise<{ store: ThreadStore; close(): Promise<void> }>,
): void {
  describe(`threads, ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let threads: Threads;

    beforeEach(async () => {
      opened = await open();
      threads = new Threads(opened.store, retention);
    });
    afterEach(async () => {
      await threads.close();
      await opened.close();
    });

    test('V23 keep turns in their order, as they were', async () => {
      const id = randomUUID();
      const hostile = turn("a'); DROP TABLE agent_turns; -- \u0000 \ud800 ?1 $1 🙂 \u2028");
      hostile.messages.splice(
        1,
        0,
        {
          role: 'assistant',
          text: '',
          toolCalls: [{ id: 'c1', name: 'search_shelf', arguments: { shelf: '\u0000', n: 1.5 } }],
        },
        { role: 'tool', callId: 'c1', name: 'search_shelf', text: '{}', failed: true },
      );
      await threads.append(id, 'ada', turn('first'));
      await threads.append(id, 'ada', hostile);
      expect(await threads.turns(id, 'ada')).toEqual([turn('first'), hostile]);
      expect(await threads.get(id, 'ada')).toEqual({
        id,
        createdAt: turn('').at,
        updatedAt: turn('').at,
        turns: 2,
      });
    });

    test("T22 somebody else's do not exist", async () => {
      const id = randomUUID();
      await threads.append(id, 'ada', turn('first'));
      const unknown = { code: 'not_found', message: `No thread ${id}` };
      await expect(threads.get(id, 'bob')).rejects.toMatchObject(unknown);
      await expect(threads.turns(id, 'bob')).rejects.toMatchObject(unknown);
      await expect(threads.delete(id, 'bob')).rejects.toMatchObject(unknown);
      expect(await threads.list('bob', { limit: 5 })).toEqual({ items: [] });
      // Who may do everything sees all.
      expect(textsOf(await threads.turns(id, undefined))).toEqual(['first']);
      expect((await threads.list(undefined, { limit: 5 })).items).toHaveLength(1);
    });

    test.each(['', 'x', "' OR 1=1 --", 'a\u0000b'])('find nothing as %j', async (id) => {
      await threads.append(randomUUID(), 'ada', turn('first'));
      await expect(threads.get(id, 'ada')).rejects.toMatchObject({ code: 'not_found' });
      await expect(threads.delete(id, undefined)).rejects.toMatchObject({ code: 'not_found' });
      expect((await threads.list('ada', { limit: 5 })).items).toHaveLength(1);
    });

    test('are listed page by page, the newest first', async () => {
      const ids = [1, 2, 3, 4].map(() => randomUUID());
      for (const id of ids) await threads.append(id, 'ada', turn('x'));
      await threads.append(ids[0]!, 'ada', turn('y'));
      await threads.append(randomUUID(), 'bob', turn('x'));
      const first = await threads.list('ada', { limit: 3 });
      const second = await threads.list('ada', { limit: 3, cursor: first.nextCursor });
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids.toReversed());
      expect(second).not.toHaveProperty('nextCursor');
      const wrong = threads.list('ada', { limit: 3, cursor: '1 OR 1=1' });
      await expect(wrong).rejects.toMatchObject({ code: 'invalid_parameters' });
    });

    test('lose their oldest turns, and go when nothing was said for long', async () => {
      const [idle, lively] = [randomUUID(), randomUUID()];
      await threads.append(idle, 'ada', turn('x'));
      for (const [index, text] of ['a', 'b', 'c', 'd'].entries())
        await threads.append(lively, 'ada', turn(text, index / 2));
      expect(textsOf(await threads.turns(lively, 'ada'))).toEqual(['b', 'c', 'd']);
      expect(textsOf(await threads.turns(idle, 'ada'))).toEqual(['x']);
      await threads.append(lively, 'ada', turn('e', 2.5));
      expect(textsOf(await threads.turns(lively, 'ada'))).toEqual(['c', 'd', 'e']);
      await expect(threads.turns(idle, 'ada')).rejects.toMatchObject({ code: 'not_found' });
      await threads.append(idle, 'ada', turn('anew', 2.5));
      expect(textsOf(await threads.turns(idle, 'ada'))).toEqual(['anew']);
    });

    test('are gone once they are deleted', async () => {
      const [id, other] = [randomUUID(), randomUUID()];
      for (const each of [id, other]) await threads.append(each, 'ada', turn(each));
      await threads.delete(id, 'ada');
      await expect(threads.turns(id, 'ada')).rejects.toMatchObject({ code: 'not_found' });
      expect(textsOf(await threads.turns(other, 'ada'))).toEqual([other]);
    });

    test('take many turns at once, and lose none', async () => {
      const ids = Array.from({ length: 10 }, () => randomUUID());
      const one = randomUUID();
      await Promise.all([
        ...ids.map((id) => threads.append(id, 'ada', turn(id))),
        ...['a', 'b', 'c'].map((text) => threads.append(one, 'ada', turn(text))),
      ]);
      for (const id of ids) expect(textsOf(await threads.turns(id, 'ada'))).toEqual([id]);
      expect(textsOf(await threads.turns(one, 'ada')).toSorted()).toEqual(['a', 'b', 'c']);
    });

    test('are left alone by all but one, until that has ended or failed', async () => {
      const id = randomUUID();
      let release!: () => void;
      const held = new Promise<void>((resolve) => (release = resolve));
      const first = threads.alone(id, () => held);
      const busy = { code: 'conflict', retriable: true };
      await expect(threads.alone(id, async () => 1)).rejects.toMatchObject(busy);
      expect(await threads.alone(randomUUID(), async () => 2)).toBe(2);
      release();
      await first;
      const broken = threads.alone(id, () => Promise.reject(new Error('Broken')));
      await expect(broken).rejects.toThrow('Broken');
      expect(await threads.alone(id, async () => 3)).toBe(3);
    });

    test('that nobody has asked for yet are none', async () => {
      expect(await threads.list(undefined, { limit: 5 })).toEqual({ items: [] });
    });
  });
}
