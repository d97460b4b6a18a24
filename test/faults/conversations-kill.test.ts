import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openStateFile } from '../../src/ontology/embedded/state-file.ts';
import { Conversations } from '../../src/workflows/conversations/engine/conversations.ts';
import { SqliteConversations } from '../../src/workflows/conversations/storage/sqlite/sqlite-conversations.ts';
import { temporaryDirectory } from '../support/command.ts';
import { startReporting } from '../support/reporting-process.ts';

/** How often the process is killed; `npm run test:kills` for the long version. */
const kills = Number(process.env['GRAPHWRIGHT_KILLS'] ?? 4);
const perCycle = 20;

/** Starts a process that talks. */
const start = (directory: string, count: number) =>
  startReporting('test/faults/conversations-worker.mjs', [directory, String(count)]);

test(
  `N2 L1 no turn of a process that is killed is lost, doubled or stuck, over ${kills} kills`,
  async () => {
    await using directory = await temporaryDirectory();
    const acknowledged: string[] = [];
    for (let cycle = 0; cycle < kills; cycle += 1) {
      const talking = start(directory.path, (cycle + 1) * perCycle);
      await Promise.race([talking.first, talking.idle]);
      await sleep(Math.random() * 200);
      await talking.kill();
      acknowledged.push(...talking.acknowledged);
    }
    const total = (kills + 1) * perCycle;
    const last = start(directory.path, total);
    await last.idle;
    await last.kill();
    acknowledged.push(...last.acknowledged);

    // What was said again got the reply that it got the first time.
    const replies = new Map<string, string>();
    for (const line of acknowledged) {
      const [, message, reply] = /^(\S+ \d+) (.*)$/.exec(line)!;
      expect(replies.get(message!) ?? reply).toBe(reply);
      replies.set(message!, reply!);
    }
    expect(replies.size).toBe(20 * total);
    expect(acknowledged.length).toBeGreaterThan(replies.size);

    const state = await openStateFile({ path: join(directory.path, 'state.db') });
    const storage = await SqliteConversations.open(state);
    const conversations = await Conversations.open({ storage });
    const numbers = Array.from({ length: total }, (_, number) => number);
    for (let index = 0; index < 20; index += 1) {
      const key = { tenant: 'torture', id: `c${index}` };
      const { state: reached, status } = await conversations.status(key);
      expect(status).toBe('active');
      expect(reached['numbers']).toEqual(numbers);
      expect(reached['ticks']).toEqual(
        numbers.map((number) => number + 1).filter((n) => n % 5 === 0),
      );
      for (const number of [0, total - 1]) {
        const turn = await conversations.send(key, { id: `m${number}`, content: number });
        expect(turn.repeated).toBe(true);
        expect(turn.replies[0]!.content).toBe(replies.get(`${key.id} ${number}`));
      }
    }
    await conversations.close();
    await state.close();
  },
  60_000 + kills * 10_000,
);
