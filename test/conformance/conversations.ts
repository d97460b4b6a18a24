import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../src/errors.ts';
import { FakeClock } from '../../src/testing/fake-clock.ts';
import type {
  ConversationsConfiguration,
  Followed,
} from '../../src/workflows/conversations/api.ts';
import { Conversations } from '../../src/workflows/conversations/engine/conversations.ts';
import type {
  CompiledFlow,
  CompiledStep,
  StepContext,
  StepInput,
  StepResult,
} from '../../src/workflows/conversations/flow.ts';
import {
  defaultFlowSettings,
  type FlowSettings,
} from '../../src/workflows/conversations/flow-settings.ts';
import type { Json } from '../../src/workflows/conversations/json.ts';
import type { ConversationStorage } from '../../src/workflows/conversations/storage/storage.ts';
import type { OpenStorage, StorageKind, StorageUnderTest } from './conversations-storage.ts';

const tenant = 'tenant-a';
const session = { id: 's1', userId: 'u1' };

type Execute = (input: StepInput, context: StepContext) => StepResult | Promise<StepResult>;

/** A step whose part a test gives. */
const stepOf = (
  name: string,
  execute: Execute,
  more: Partial<CompiledStep> = {},
): CompiledStep => ({ name, kind: 'code', onArrival: false, transitions: [], execute, ...more });

/** Asks for one thing, and keeps whatever it is told. */
const asks = (name: string, next?: string): CompiledStep =>
  stepOf(
    name,
    (input) =>
      input.kind === 'message'
        ? { action: 'continue', update: { [name]: input.message.content }, nextStep: next }
        : { action: 'repeat', response: { content: `${name}?`, expects: { kind: 'text' } } },
    { onArrival: true, transitions: next === undefined ? [] : [{ to: next }] },
  );

/** Says something about the state, and goes on. */
const says = (name: string, text: (context: StepContext) => string): CompiledStep =>
  stepOf(name, (_, context) => ({ action: 'continue', response: text(context) }), {
    onArrival: true,
  });

/** What a step says of its ways out, and the next step. */
const waysOut = ({ transitions }: CompiledStep, next?: CompiledStep) =>
  next && transitions.every(({ to }) => to !== next.name)
    ? [...transitions, { to: next.name }]
    : transitions;

const flowOf = (
  id: string,
  steps: readonly CompiledStep[],
  settings: Partial<FlowSettings> = {},
  more: Partial<CompiledFlow> = {},
): CompiledFlow => ({
  id,
  name: id,
  description: `The flow ${id}.`,
  pattern: 'step_by_step_process',
  steps: steps.map((step, index) => ({ ...step, transitions: waysOut(step, steps[index + 1]) })),
  start: steps[0]!.name,
  ends: [steps.at(-1)!.name],
  settings: { ...defaultFlowSettings, maxRetries: 0, retryDelay: 1, ...settings },
  variables: {},
  ...more,
});

/** Asks for a name and an age, and says both. */
const survey = flowOf('survey', [
  asks('name'),
  asks('age'),
  says(
    'end_of_survey',
    ({ state }) => `${JSON.stringify(state['name'])} is ${JSON.stringify(state['age'])}`,
  ),
]);

/** Waits for a payment, and tells what came. */
const payment = flowOf(
  'payment',
  [
    stepOf(
      'order',
      (input) =>
        input.kind === 'message'
          ? { action: 'continue', update: { order: input.message.content } }
          : { action: 'repeat', response: 'Which order?' },
      { onArrival: true },
    ),
    stepOf(
      'pay',
      (input, { state }) => {
        if (input.kind === 'event')
          return { action: 'continue', response: `Paid ${JSON.stringify(input.event.payload)}` };
        if (input.kind === 'timeout') return { action: 'jump', nextStep: 'late' };
        const event = { type: 'payment_confirmed', correlationId: String(state['order']) };
        return { action: 'wait', event, timeout: 60_000, response: 'Please pay' };
      },
      { onArrival: true, transitions: [{ to: 'late' }] },
    ),
    asks('rating', 'thanks'),
    says('late', () => 'Too late'),
    says('thanks', () => 'Thank you'),
  ],
  {},
  { events: ['payment_confirmed'] },
);

/** Holds the engine on a storage to what it promises. */
export function describeConversations(
  name: string,
  open: OpenStorage,
  { shared = false }: StorageKind = {},
): void {
  describe(`conversations on ${name}`, () => {
    let under: StorageUnderTest;
    let storage: ConversationStorage;
    let conversations: Conversations;
    let clock: FakeClock;
    let warnings: GraphwrightError[];
    const opened: Conversations[] = [];

    const openWith = async (more: Partial<ConversationsConfiguration> = {}) => {
      const flows = [survey, payment];
      const onWarning = (warning: GraphwrightError) => void warnings.push(warning);
      const configuration = { storage, flows, now: clock.now, onWarning, ...more };
      opened.push((conversations = await Conversations.open(configuration)));
      return conversations;
    };

    beforeEach(async () => {
      under = await open();
      storage = under.storage;
      clock = new FakeClock();
      warnings = [];
      await openWith();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((each) => each.close()));
      await under.close();
    });

    const begin = async (flow: string, id?: string) => {
      const turn = await conversations.start({ tenant, flow, id, session });
      return { tenant, id: turn.id };
    };
    const say = async (key: { tenant: string; id: string }, content: Json, id?: string) =>
      conversations.send(key, { content, id });
    const words = ({ replies }: { replies: readonly { content: string }[] }) =>
      replies.map(({ content }) => content);

    describe('L1 L5 a turn', () => {
      test('asks, keeps the answer, goes on until it asks again, and completes at the end', async () => {
        const first = await conversations.start({ tenant, flow: 'survey', session });
        expect(first).toMatchObject({
          version: 1,
          status: 'active',
          step: 'name',
          repeated: false,
        });
        expect(words(first)).toEqual(['name?']);
        const second = await say(first, 'Ada');
        expect(words(second)).toEqual(['age?']);
        expect(second).toMatchObject({ version: 2, step: 'age' });
        const third = await say(first, 36);
        expect(words(third)).toEqual(['"Ada" is 36']);
        expect(third).toMatchObject({ version: 3, status: 'completed' });
        expect(await conversations.status(first)).toMatchObject({
          flow: 'survey',
          status: 'completed',
          state: { name: 'Ada', age: 36 },
          session,
          progress: { done: 3, total: 3 },
        });
        await expect(say(first, 'more')).rejects.toMatchObject({ code: 'conflict', status: 409 });
      });

      test('0, false and the empty text are answers', async () => {
        for (const answer of [0, false, '', null]) {
          const key = await begin('survey');
          await say(key, 'x');
          const last = await say(key, answer);
          expect(last.status).toBe('completed');
          expect((await conversations.status(key)).state).toEqual({ name: 'x', age: answer });
        }
      });

      test('L1 begins a conversation for a session that has none, and goes on with the one it has', async () => {
        const talk = (content: string) =>
          conversations.execute('echo', { content }, session, tenant);
        conversations.register(
          flowOf('echo', [
            stepOf('listen', (input, { state }) => {
              const heard = [
                state['heard'] ?? [],
                input.kind === 'message' ? input.message.content : '?',
              ].flat();
              return {
                action: heard.length < 3 ? 'continue' : 'complete',
                response: heard.join(' '),
                update: { heard },
              };
            }),
          ]),
        );
        expect(words(await talk('one'))).toEqual(['one']);
        expect(words(await talk('two'))).toEqual(['one two']);
        expect((await talk('three')).status).toBe('completed');
        expect(words(await talk('again'))).toEqual(['again']);
        expect((await conversations.list({ tenant })).items).toHaveLength(2);
      });

      test('L5 repeats, jumps, calls another flow and comes back', async () => {
        const outer = flowOf('outer', [
          stepOf(
            'choose',
            (input) => {
              const content = input.kind === 'message' ? input.message.content : '';
              if (content === 'call') return { action: 'call', flow: 'called', nextStep: 'after' };
              if (content === 'jump') return { action: 'jump', nextStep: 'after' };
              return { action: 'repeat', response: 'call or jump?' };
            },
            { transitions: [{ to: 'called', flow: true }, { to: 'after' }] },
          ),
          asks('between'),
          says('after', ({ state }) => `after ${JSON.stringify(state['detail'] ?? null)}`),
        ]);
        const called = flowOf('called', [asks('detail', 'end')]);
        conversations.register(outer, called);
        const one = await begin('outer');
        expect(words(await say(one, '?'))).toEqual(['call or jump?']);
        expect(words(await say(one, 'call'))).toEqual(['detail?']);
        expect(await conversations.status(one)).toMatchObject({ flow: 'outer', step: 'detail' });
        const back = await say(one, 'x');
        expect(words(back)).toEqual(['after "x"']);
        expect(back.status).toBe('completed');
        const two = await begin('outer');
        expect(words(await say(two, 'jump'))).toEqual(['after null']);
      });

      test('keeps what a step remembers until the step is left, and counts the arrivals', async () => {
        conversations.register(
          flowOf('memos', [
            stepOf(
              'count',
              (input, { memo, visits }) => {
                if (input.kind === 'arrival')
                  return { action: 'repeat', response: `visit ${visits}` };
                const count = Number(memo ?? 0) + 1;
                if (input.kind === 'message' && input.message.content === 'again')
                  return { action: 'jump', nextStep: 'count', response: `was ${count}` };
                return { action: 'repeat', memo: count, response: `is ${count}` };
              },
              { onArrival: true, maxVisits: 2 },
            ),
            asks('never'),
          ]),
        );
        const key = await begin('memos');
        expect(words(await say(key, 'x'))).toEqual(['is 1']);
        expect(words(await say(key, 'x'))).toEqual(['is 2']);
        expect(words(await say(key, 'again'))).toEqual(['was 3', 'visit 2']);
        expect(words(await say(key, 'x'))).toEqual(['is 1']);
        expect((await say(key, 'again')).status).toBe('failed');
      });

      test('a step that leads nowhere, or in a circle, is refused and nothing is kept of the turn', async () => {
        conversations.register(
          flowOf('bad', [
            stepOf('where', (input) =>
              input.kind === 'message' && input.message.content === 'circle'
                ? { action: 'jump', nextStep: 'round' }
                : { action: 'jump', nextStep: 'nowhere' },
            ),
            stepOf('round', () => ({ action: 'jump', nextStep: 'round' }), { onArrival: true }),
          ]),
        );
        const key = await begin('bad');
        await expect(say(key, 'x')).rejects.toMatchObject({ code: 'invalid_result' });
        await expect(say(key, 'circle')).rejects.toThrow(/circle at step round/);
        expect((await conversations.status(key)).version).toBe(1);
      });

      test('a state that is no JSON is refused, and one that a step changes by hand is frozen', async () => {
        conversations.register(
          flowOf('careless', [
            stepOf('do', (input, { state }) => {
              const content = input.kind === 'message' ? input.message.content : '';
              if (content === 'nan') return { action: 'repeat', update: { x: NaN } };
              if (content === 'hand') (state as Record<string, unknown>)['x'] = 1;
              return { action: 'repeat', update: { at: new Date(0) as unknown as string } };
            }),
          ]),
        );
        const key = await begin('careless');
        for (const content of ['nan', 'hand']) {
          const turn = await say(key, content);
          expect(turn.error).toMatchObject({ kind: 'unexpected' });
        }
        await say(key, 'date');
        expect((await conversations.status(key)).state).toEqual({ at: '1970-01-01T00:00:00.000Z' });
      });
    });

    test("L7 the author's keys and the engine's never meet", async () => {
      const own = {
        flow: 'x',
        step: 'y',
        status: 'completed',
        data: 1,
        visits: 0,
        calls: 'z',
        memo: {},
      };
      conversations.register(
        flowOf('greedy', [
          stepOf('take', () => ({ action: 'repeat', update: own, response: 'ok' })),
        ]),
      );
      const key = await begin('greedy');
      await say(key, 'x');
      expect(words(await say(key, 'y'))).toEqual(['ok']);
      expect(await conversations.status(key)).toMatchObject({
        flow: 'greedy',
        step: 'take',
        status: 'active',
        state: own,
      });
    });

    test('a step that is no more is said to be gone, and the conversation can be ended', async () => {
      const key = await begin('survey');
      await openWith({ flows: [flowOf('survey', [asks('surname'), asks('age')])] });
      await expect(say(key, 'Ada')).rejects.toMatchObject({
        code: 'workflow_changed',
        status: 409,
      });
      expect((await conversations.status(key)).step).toBe('name');
      expect((await conversations.cancel(key)).status).toBe('cancelled');
    });

    test('one that was removed and made again is another one', async () => {
      const first = await conversations.start({ tenant, flow: 'survey', id: 'c1', session });
      await say(first, 'Ada', 'm1');
      await conversations.delete(first);
      await expect(say(first, 36)).rejects.toMatchObject({ code: 'not_found' });
      clock.advance(1);
      await conversations.start({ tenant, flow: 'survey', id: 'c1', session });
      const turn = await say(first, 'Eve', 'm1');
      expect([turn.version, turn.repeated]).toEqual([2, false]);
      expect((await conversations.status(first)).state).toEqual({ name: 'Eve' });
    });

    describe('a message id', () => {
      test('gets the stored answer when it comes again, also after a restart', async () => {
        const key = await begin('survey');
        const first = await say(key, 'Ada', 'm1');
        await say(key, 36, 'm2');
        const again = await say(key, 'Ada', 'm1');
        expect(again).toEqual({ ...first, repeated: true });
        if (!under.reopen) return;
        await conversations.close();
        storage = await under.reopen();
        await openWith();
        expect(await say(key, 'Ada', 'm1')).toEqual({ ...first, repeated: true });
        expect((await say(key, 36, 'm2')).status).toBe('completed');
        expect((await conversations.status(key)).version).toBe(3);
      });

      test('T34 stands for one message', async () => {
        const key = await begin('survey');
        await say(key, 'Ada', 'm1');
        await expect(say(key, 'Eve', 'm1')).rejects.toMatchObject({
          code: 'key_reused',
          status: 422,
        });
      });

      test('that comes five times at once is answered once', async () => {
        const key = await begin('survey');
        const turns = await Promise.all([1, 2, 3, 4, 5].map(() => say(key, 'Ada', 'm1')));
        expect(turns.filter(({ repeated }) => !repeated)).toHaveLength(1);
        expect(new Set(turns.map(({ version }) => version))).toEqual(new Set([2]));
      });

      test('of a first message makes one conversation', async () => {
        const start = () =>
          conversations.start({
            tenant,
            flow: 'survey',
            id: 'c1',
            session,
            message: { id: 'm0', content: 'hi' },
          });
        const [one, two] = await Promise.all([start(), start()]);
        expect([one!.repeated, two!.repeated]).toEqual([false, true]);
        expect(words(two!)).toEqual(['name?']);
        await expect(
          conversations.start({ tenant, flow: 'survey', id: 'c1', session }),
        ).rejects.toMatchObject({ code: 'conflict' });
      });
    });

    describe('two messages at once for one conversation', () => {
      const counter = flowOf('counter', [
        stepOf('count', async (input, { state }) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          const all = [
            state['all'] ?? [],
            input.kind === 'message' ? input.message.content : '',
          ].flat();
          return { action: 'repeat', update: { all }, response: String(all.length) };
        }),
      ]);

      test('are both answered, in order', async () => {
        conversations.register(counter);
        const key = await begin('counter');
        const sent = Array.from({ length: 30 }, (_, index) => index);
        const turns = await Promise.all(sent.map((index) => say(key, index)));
        expect(turns.map(words)).toEqual(sent.map((index) => [String(index + 1)]));
        expect((await conversations.status(key)).state).toEqual({ all: sent });
      });

      async function ofTwoProcesses() {
        expect(storage.exclusive).toBe(false);
        conversations.register(counter);
        const other = await Conversations.open({
          storage: await under.second!(),
          flows: [survey, payment, counter],
          now: clock.now,
        });
        opened.push(other);
        const key = await begin('counter');
        const sent = Array.from({ length: 10 }, (_, index) => index);
        const answered: number[] = [];
        await Promise.all(
          sent.map(async (index) => {
            const engine = index % 2 ? other : conversations;
            // Refused with 409 it may be; then it is sent again, as the error says.
            for (;;) {
              const sending = engine.send(key, { content: index, id: `m${index}` });
              const refused = await sending.then(
                () => undefined,
                (thrown: unknown) => thrown,
              );
              if (!refused) return void answered.push(index);
              if (!(refused instanceof GraphwrightError && refused.code === 'conflict'))
                throw refused;
            }
          }),
        );
        expect(answered).toHaveLength(10);
        for (const engine of [conversations, other]) {
          const all = (await engine.status(key)).state['all'] as number[];
          expect(all.toSorted((a, b) => a - b)).toEqual(sent);
        }
      }
      test.each(shared ? ['two'] : [])('of %s processes are both kept', ofTwoProcesses);
    });

    test('V13 the conversations of a tenant go on side by side, unless they are not to', async () => {
      let busy = 0;
      let most = 0;
      let together!: () => void;
      const all = new Promise<void>((resolve) => (together = resolve));
      const slow = flowOf('slow', [
        stepOf('work', async (_, { flow }) => {
          most = Math.max(most, (busy += 1));
          if (busy === 3) together();
          await (flow.settings.maxRetries === 1 ? all : new Promise((r) => setTimeout(r, 5)));
          busy -= 1;
          return { action: 'repeat', response: 'ok' };
        }),
      ]);
      const meet = async (parallelExecution: boolean, maxRetries: number) => {
        const settings = { ...slow.settings, maxRetries };
        await openWith({ flows: [{ ...slow, settings }], settings: { parallelExecution } });
        const keys = await Promise.all([1, 2, 3].map(() => begin('slow')));
        most = 0;
        await Promise.all(keys.map((key) => say(key, 'x')));
        return most;
      };
      // Here each waits for the other two, and there nothing would keep them apart but the setting.
      expect(await meet(true, 1)).toBe(3);
      expect(await meet(false, 0)).toBe(1);
    });

    describe('V18 a rollback', () => {
      test('has a different answer win, and keeps what it left behind in the log', async () => {
        const key = await begin('survey');
        await say(key, 'Ada', 'm1');
        await say(key, 36, 'm2');
        const back = await conversations.rollback(key, { steps: 2 });
        expect(back).toMatchObject({ version: 4, status: 'active', step: 'name' });
        expect(words(back)).toEqual(['name?']);
        expect((await conversations.status(key)).state).toEqual({});
        await say(key, 'Grace');
        expect(words(await say(key, 0))).toEqual(['"Grace" is 0']);
        const history = await conversations.history(key);
        expect(history.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6]);
        expect(history[3]!.events).toContainEqual({ type: 'rollback', to: 1 });
        expect((await say(key, 'Ada', 'm1')).repeated).toBe(true);
        if (!under.reopen) return;
        await conversations.close();
        storage = await under.reopen();
        await openWith();
        expect((await conversations.status(key)).state).toEqual({ name: 'Grace', age: 0 });
      });

      test('after a rollback counts the answers on the way that counts', async () => {
        const key = await begin('survey');
        await say(key, 'Ada');
        await conversations.rollback(key, { steps: 1 });
        await say(key, 'Eve');
        const back = await conversations.rollback(key, { steps: 1 });
        expect(back.step).toBe('name');
        await expect(conversations.rollback(key, { steps: 1 })).rejects.toMatchObject({
          code: 'invalid_parameters',
        });
      });

      test('goes to a checkpoint by name or version, and no further than the flow allows', async () => {
        const long = flowOf(
          'long',
          [
            stepOf('talk', (input) => ({
              action: 'repeat',
              update: { last: input.kind === 'message' ? input.message.content : null },
              response: 'ok',
            })),
          ],
          { autoCheckpoint: false, maxRollbackSteps: 2 },
        );
        conversations.register(long);
        const key = await begin('long');
        await say(key, 0);
        await conversations.checkpoint(key, 'early');
        for (const content of [1, 2, 3]) await say(key, content);
        expect(await conversations.checkpoints(key)).toMatchObject([
          { label: 'early', version: 3, step: 'talk' },
        ]);
        await expect(conversations.rollback(key, { steps: 3 })).rejects.toMatchObject({
          code: 'forbidden',
        });
        await expect(conversations.rollback(key, { version: 2 })).rejects.toMatchObject({
          code: 'gone',
        });
        await expect(conversations.rollback(key, { checkpoint: 'none' })).rejects.toMatchObject({
          code: 'gone',
        });
        await conversations.rollback(key, { version: 4 });
        expect((await conversations.status(key)).state).toEqual({ last: 1 });
        await conversations.rollback(key, { checkpoint: 'early' });
        expect((await conversations.status(key)).state).toEqual({ last: 0 });
      });

      test('is refused where the flow has it switched off', async () => {
        conversations.register(flowOf('fixed', [asks('one')], { enableRollback: false }));
        const key = await begin('fixed');
        await expect(conversations.rollback(key, { steps: 1 })).rejects.toMatchObject({
          code: 'forbidden',
        });
      });

      test('V18 turns become checkpoints by themselves, at most one an interval', async () => {
        const key = await begin('survey');
        await say(key, 'Ada');
        expect(await conversations.checkpoints(key)).toMatchObject([{ version: 1 }]);
        clock.advance(30_000);
        await say(key, 36);
        expect(await conversations.checkpoints(key)).toMatchObject([
          { version: 3 },
          { version: 1 },
        ]);
        clock.advance(7 * 24 * 3_600_000);
        expect(await conversations.checkpoints(key)).toMatchObject([{ version: 3 }]);
      });
    });

    describe('L6 an event from outside', () => {
      const event = (id: string, payload: Json = 0) => ({
        type: 'payment_confirmed',
        correlationId: 'order-1',
        id,
        payload,
      });
      const waiting = async () => {
        const key = await begin('payment');
        const turn = await say(key, 'order-1');
        expect(turn).toMatchObject({ status: 'waiting', step: 'pay' });
        expect(words(turn)).toEqual(['Please pay']);
        return key;
      };

      test('wakes the conversation that waits for it, and text does not', async () => {
        const key = await waiting();
        const text = await say(key, 'I have paid!');
        expect(text.status).toBe('waiting');
        expect(words(text)[0]).toMatch(/waiting/);
        const { outcome, turn } = await conversations.deliver(tenant, event('e1', false));
        expect(outcome).toBe('taken');
        expect(words(turn!)).toEqual(['Paid false', 'rating?']);
        expect(await conversations.status(key)).toMatchObject({ status: 'active', step: 'rating' });
      });

      test('that comes early is kept, and taken when somebody waits for it', async () => {
        expect(await conversations.deliver(tenant, event('e1'))).toEqual({
          id: 'e1',
          outcome: 'kept',
        });
        const key = await begin('payment');
        const turn = await say(key, 'order-1');
        expect(words(turn)).toEqual(['Please pay', 'Paid 0', 'rating?']);
        expect(turn.status).toBe('active');
      });

      test('is one event however often it comes', async () => {
        const key = await waiting();
        const all = await Promise.all(
          [1, 2, 3].map(() => conversations.deliver(tenant, event('e1'))),
        );
        expect(all.filter(({ outcome }) => outcome === 'taken')).toHaveLength(1);
        expect((await conversations.deliver(tenant, event('e1', 'other'))).outcome).toBe('known');
        const history = await conversations.history(key);
        const events = history.flatMap((entry) => entry.events);
        expect(events.filter(({ type }) => type === 'external')).toHaveLength(1);
      });

      test('T22 of another tenant or another order wakes nobody', async () => {
        const key = await waiting();
        expect((await conversations.deliver('tenant-b', event('e1'))).outcome).toBe('kept');
        const other = { ...event('e2'), correlationId: 'order-2' };
        expect((await conversations.deliver(tenant, other)).outcome).toBe('kept');
        expect((await conversations.status(key)).status).toBe('waiting');
      });

      test('of a type that no flow names is kept and warned of', async () => {
        await conversations.deliver(tenant, { ...event('e1'), type: 'payment_confirmd' });
        expect(warnings.map(({ message }) => message)).toEqual([
          expect.stringMatching(/payment_confirmd; did you mean payment_confirmed\?/),
        ]);
        await expect(
          conversations.deliver(tenant, { ...event('e1'), type: 'run_ended' }),
        ).rejects.toMatchObject({ code: 'invalid_parameters' });
      });

      test('that was taken on a way that a rollback leaves is offered again', async () => {
        const key = await waiting();
        await conversations.deliver(tenant, event('e1', 5));
        await conversations.rollback(key, { version: 1 });
        const turn = await say(key, 'order-1');
        expect(words(turn)).toEqual(['Please pay', 'Paid 5', 'rating?']);
      });

      test('that does not come in time lets the step go another way', async () => {
        const key = await waiting();
        clock.advance(60_000);
        await conversations.sweep();
        const { status, state } = await conversations.status(key);
        expect([status, state]).toEqual(['completed', { order: 'order-1' }]);
        const last = (await conversations.history(key)).at(-1)!;
        expect(last.events).toContainEqual({ type: 'reply', reply: { content: 'Too late' } });
      });

      test('that was accepted before a crash reaches its conversation after it', async () => {
        const key = await waiting();
        // What a process leaves that dies between accepting an event and giving it to anybody.
        await storage.put({
          tenant,
          type: 'payment_confirmed',
          correlationId: 'order-1',
          id: 'e1',
          at: 1,
          data: '7',
        });
        await conversations.close();
        storage = (await under.reopen?.()) ?? storage;
        await openWith();
        expect((await conversations.status(key)).step).toBe('rating');
      });
    });

    describe('L15 a step that fails', () => {
      const failing = (
        settings: Partial<FlowSettings>,
        failures: { left: number; error: () => Error },
      ) =>
        flowOf(
          'failing',
          [
            stepOf('try', (input, { attempt }) => {
              if (failures.left > 0) {
                failures.left -= 1;
                throw failures.error();
              }
              return {
                action: 'complete',
                response: `attempt ${attempt}`,
                update: { got: input.kind === 'message' ? input.message.content : null },
              };
            }),
          ],
          settings,
        );
      const away = () => new Error('socket hang up at 10.0.0.7');

      test('loses nothing: the message is in the log, the reply says how to go on', async () => {
        conversations.register(failing({}, { left: 1, error: away }));
        const key = await begin('failing');
        const turn = await say(key, 'first', 'm1');
        expect(turn).toMatchObject({ status: 'active', step: 'try', error: { code: 'internal' } });
        expect(words(turn)[0]).toMatch(/nothing you told me is lost/);
        expect(JSON.stringify(turn)).not.toContain('10.0.0.7');
        const [, entry] = await conversations.history(key);
        expect(entry!.events[0]).toMatchObject({ type: 'message', message: { content: 'first' } });
        expect(await say(key, 'first', 'm1')).toEqual({ ...turn, repeated: true });
        expect((await say(key, 'second')).status).toBe('completed');
      });

      test('V10 is tried again as often as the flow says, when that can help', async () => {
        const retriable = Object.assign(new Error('slow'), { name: 'TimeoutError' });
        conversations.register(failing({ maxRetries: 2 }, { left: 2, error: () => retriable }));
        const key = await begin('failing');
        expect(words(await say(key, 'x'))).toEqual(['attempt 3']);
        const [, { events }] = (await conversations.history(key)) as [
          unknown,
          { events: readonly object[] },
        ];
        expect(events).toContainEqual(expect.objectContaining({ type: 'step', attempts: 3 }));
      });

      test('V10 ends the conversation where the flow does not resume', async () => {
        conversations.register(failing({ resumeOnFailure: false }, { left: 1, error: away }));
        const key = await begin('failing');
        expect((await say(key, 'x')).status).toBe('failed');
      });

      test('V13 is over when its time is', async () => {
        const slow = stepOf('slow', () => new Promise(() => undefined), { timeout: 20 });
        conversations.register(flowOf('slow', [slow]));
        const key = await begin('slow');
        const turn = await say(key, 'x');
        expect(turn.error).toMatchObject({ code: 'timeout' });
        expect(words(turn)[0]).toMatch(/took too long/);
      });
    });

    describe('V2 steering', () => {
      test('pauses, resumes and cancels', async () => {
        const key = await begin('survey');
        expect((await conversations.pause(key)).status).toBe('paused');
        await expect(say(key, 'Ada')).rejects.toMatchObject({ code: 'conflict', status: 409 });
        expect((await conversations.resume(key)).status).toBe('active');
        expect(words(await say(key, 'Ada'))).toEqual(['age?']);
        expect((await conversations.cancel(key)).status).toBe('cancelled');
        expect((await conversations.cancel(key)).status).toBe('cancelled');
        await expect(say(key, 1)).rejects.toMatchObject({ code: 'conflict' });
        await expect(conversations.resume(key)).rejects.toMatchObject({ code: 'conflict' });
      });

      test('tells what is asked for and how far it is', async () => {
        const key = await begin('survey');
        await say(key, 'Ada');
        expect(await conversations.status(key)).toMatchObject({
          step: 'age',
          pending: { kind: 'text', prompt: 'age?' },
          progress: { done: 1, total: 3 },
        });
      });

      test('V10 skips and cancels where the flow allows it', async () => {
        conversations.register(
          flowOf('strict', [asks('one'), asks('two')], { allowEarlyTermination: false }),
          flowOf('loose', [asks('one'), asks('two')], { allowStepSkipping: true }),
        );
        const strict = await begin('strict');
        await expect(conversations.cancel(strict)).rejects.toMatchObject({ code: 'forbidden' });
        await expect(conversations.skip(strict)).rejects.toMatchObject({ code: 'forbidden' });
        const loose = await begin('loose');
        expect(words(await conversations.skip(loose))).toEqual(['two?']);
      });

      test('V10 V11 lets questions lapse, and ends what is idle or has lasted too long', async () => {
        const lapsed = await begin('survey');
        clock.advance(1_800_000);
        await conversations.sweep();
        expect((await conversations.status(lapsed)).status).toBe('paused');
        expect(words(await say(lapsed, 'Ada'))).toEqual(['age?']);
        expect((await conversations.status(lapsed)).status).toBe('active');
        clock.advance(1_800_000);
        await expect(say(lapsed, 36)).rejects.toThrow(/expired/);
        expect((await conversations.status(lapsed)).status).toBe('expired');
        clock.advance(31 * 24 * 3_600_000);
        expect(await conversations.sweep()).toBe(1);
        await expect(conversations.status(lapsed)).rejects.toMatchObject({ code: 'not_found' });
      });
    });

    describe('V20 the quotas', () => {
      test('hold when 100 requests race for the last place', async () => {
        await openWith({ settings: { quota: { sessions: 5 } } });
        const all = await Promise.allSettled(
          Array.from({ length: 100 }, () =>
            conversations.start({ tenant, flow: 'survey', session }),
          ),
        );
        expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
        const reasons = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
        expect(new Set(reasons.map(({ code, status }) => `${code} ${status}`))).toEqual(
          new Set(['too_many_requests 429']),
        );
        expect((await conversations.list({ tenant })).items).toHaveLength(5);
        const other = await conversations.start({ tenant: 'tenant-b', flow: 'survey', session });
        expect(other.status).toBe('active');
      });

      test('hold for the messages of a minute and the steps of a conversation', async () => {
        await openWith({ settings: { quota: { perMinute: 2, steps: 4 } } });
        const key = await begin('survey');
        await say(key, 'Ada');
        const other = await begin('survey');
        await say(other, 'Eve');
        await expect(say(key, 1)).rejects.toMatchObject({ code: 'too_many_requests' });
        clock.advance(60_000);
        // Name, age on arrival and the name's answer were three; age's answer and the last step are two more.
        await expect(say(key, 1)).rejects.toThrow(/quota of steps/);
        expect((await conversations.status(key)).version).toBe(2);
      });
    });

    test('T21 T22 another tenant finds nothing, by whatever name', async () => {
      const { id } = await begin('survey');
      for (const key of [
        { tenant: 'tenant-b', id },
        { tenant: '*', id },
        { tenant, id: '*' },
        { tenant, id: `../${id}` },
        { tenant, id: `${id}\u0000` },
      ])
        for (const call of [
          () => conversations.send(key, { content: 'x' }),
          () => conversations.status(key),
          () => conversations.history(key),
          () => conversations.checkpoints(key),
          () => conversations.checkpoint(key),
          () => conversations.rollback(key, { steps: 1 }),
          () => conversations.pause(key),
          () => conversations.resume(key),
          () => conversations.cancel(key),
          () => conversations.skip(key),
          () => conversations.delete(key),
          () => conversations.follow(key).next(),
        ])
          await expect(call()).rejects.toMatchObject({ code: 'not_found', status: 404 });
      expect((await conversations.list({ tenant: 'tenant-b' })).items).toEqual([]);
      expect((await conversations.status({ tenant, id })).version).toBe(1);
    });

    test('T20 T35 takes nothing for a message, event, id or cursor that is none', async () => {
      const key = await begin('survey');
      let deep: Json = 1;
      for (let depth = 0; depth < 200; depth += 1) deep = [deep];
      for (const message of [
        {},
        { content: 'x', id: '../x' },
        { content: 'x', extra: 1 },
        { content: deep },
        { content: 'x', userId: '' },
        { content: () => 1 },
      ])
        await expect(conversations.send(key, message as { content: Json })).rejects.toMatchObject({
          code: 'invalid_parameters',
        });
      await expect(say(key, 'x'.repeat(200_000))).rejects.toMatchObject({ code: 'too_large' });
      await expect(conversations.list({ tenant, cursor: "x' OR 1=1" })).rejects.toMatchObject({
        code: 'invalid_parameters',
      });
      await expect(
        conversations.deliver(tenant, { type: 'a b', correlationId: 'x' }),
      ).rejects.toMatchObject({ code: 'invalid_parameters' });
      await expect(conversations.start({ tenant, flow: 'survy', session })).rejects.toThrow(
        /did you mean survey\?/,
      );
      expect((await conversations.status(key)).version).toBe(1);
    });

    test('T35 what looks like a serialised object or a prototype stays data', async () => {
      const key = await begin('survey');
      const odd = JSON.parse(
        '{"lc":1,"type":"constructor","id":["x"],"__proto__":{"polluted":true}}',
      ) as Json;
      await say(key, odd);
      await conversations.close();
      storage = (await under.reopen?.()) ?? storage;
      await openWith();
      const { state } = await conversations.status(key);
      expect(JSON.stringify(state['name'])).toBe(JSON.stringify(odd));
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });

    test('lists pages of a tenant, by status and session', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1) {
        clock.advance(1);
        ids.unshift((await begin('survey')).id);
      }
      await conversations.cancel({ tenant, id: ids[0]! });
      const first = await conversations.list({ tenant, limit: 3 });
      const second = await conversations.list({ tenant, limit: 3, cursor: first.nextCursor });
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
      expect(second.nextCursor).toBeUndefined();
      const cancelled = await conversations.list({ tenant, status: 'cancelled' });
      expect(cancelled.items.map(({ id }) => id)).toEqual([ids[0]]);
      expect((await conversations.list({ tenant, sessionId: 'other' })).items).toEqual([]);
    });

    test('tells those who follow what happens, from any version on', async () => {
      const key = await begin('survey');
      await say(key, 'Ada');
      const seen: Followed[] = [];
      const stop = new AbortController();
      const following = (async () => {
        for await (const each of conversations.follow(key, { after: 1, signal: stop.signal })) {
          seen.push(each);
          if (seen.length === 2) stop.abort();
        }
      })();
      await say(key, 36);
      await following;
      expect(seen.map((each) => each.type === 'entry' && each.version)).toEqual([2, 3]);
    });

    test('tells those who follow what a step says while it is at it', async () => {
      conversations.register(
        flowOf('streams', [
          stepOf('talk', (_, { say: tell }) => {
            for (const text of ['one ', 'two']) tell(text);
            return { action: 'repeat', response: 'one two' };
          }),
        ]),
      );
      const key = await begin('streams');
      const seen: Followed[] = [];
      const following = (async () => {
        for await (const each of conversations.follow(key, { after: 1 })) {
          seen.push(each);
          if (each.type === 'entry') return;
        }
      })();
      await say(key, 'x');
      await following;
      expect(seen.map((each) => (each.type === 'saying' ? each.text : each.version))).toEqual([
        'one ',
        'two',
        2,
      ]);
    });

    test('V22 the history has every loop, with input, output, times and errors', async () => {
      const key = await begin('survey');
      await say(key, 'Ada');
      const [first, second] = await conversations.history(key);
      expect(first!.events.map(({ type }) => type)).toEqual(['started', 'step', 'reply', 'state']);
      expect(second!.events).toMatchObject([
        { type: 'message', message: { content: 'Ada' } },
        {
          type: 'step',
          step: 'name',
          input: 'message',
          action: 'continue',
          to: 'age',
          duration: expect.any(Number),
        },
        { type: 'step', step: 'age', input: 'arrival', action: 'repeat' },
        { type: 'reply', reply: { content: 'age?' } },
        { type: 'state' },
      ]);
      expect(
        (await conversations.history(key, { order: 'newest', limit: 1 })).map(
          ({ version }) => version,
        ),
      ).toEqual([2]);
    });

    test('V10 a flow that is not to be kept leaves nothing in the storage', async () => {
      conversations.register(
        flowOf('fleeting', [asks('secret'), asks('more')], { persistState: false }),
      );
      const key = await begin('fleeting');
      await begin('survey');
      expect(words(await say(key, 'hush'))).toEqual(['more?']);
      expect((await conversations.status(key)).state).toEqual({ secret: 'hush' });
      expect((await conversations.list({ tenant })).items).toHaveLength(2);
      expect(await storage.load(key)).toBeUndefined();
      expect(await storage.list({ tenant, limit: 10 })).toHaveLength(1);
      await conversations.rollback(key, { steps: 1 });
      expect((await conversations.status(key)).state).toEqual({});
    });

    test('V1 V10 agents are made when they are first needed, or at once where a flow says so', async () => {
      let made = 0;
      const agents = {
        one: () => {
          made += 1;
          return { respond: async () => ({ text: 'here' }) };
        },
      };
      const chat = (id: string, lazyLoadAgents: boolean) =>
        flowOf(
          id,
          [
            stepOf('talk', async (_, context) => {
              const request = { prompt: '', history: [], state: {}, key: context.key };
              const { text } = await context.agent('one').respond(request, context.signal);
              return { action: 'repeat', response: text };
            }),
          ],
          { lazyLoadAgents },
        );
      await openWith({ flows: [chat('lazy', true)], agents });
      expect(made).toBe(0);
      const key = await begin('lazy');
      for (const content of ['a', 'b']) expect(words(await say(key, content))).toEqual(['here']);
      expect(made).toBe(1);
      await openWith({ flows: [chat('eager', false)], agents });
      expect(made).toBe(2);
    });

    test('agents see what was said, and speak', async () => {
      const agents = {
        echo: {
          respond: async ({
            prompt,
            history,
          }: {
            prompt: string;
            history: readonly { content: string }[];
          }) => ({
            text: `${prompt}: ${history.map(({ content }) => content).join(', ')}`,
          }),
        },
      };
      const chat = flowOf('chat', [
        stepOf('talk', async (_, context) => {
          const { state, key, signal } = context;
          const request = { prompt: 'said', history: await context.history(3), state, key };
          const { text } = await context.agent('echo').respond(request, signal);
          return { action: 'repeat', response: text };
        }),
      ]);
      await openWith({ flows: [chat], agents });
      const key = await begin('chat');
      expect(words(await say(key, 'a'))).toEqual(['said: a']);
      expect(words(await say(key, 'b'))).toEqual(['said: a, said: a, b']);
      expect(words(await say(key, 'c'))).toEqual(['said: b, said: a, said: a, b, c']);
    });

    test('a long conversation starts again where it stood', async () => {
      const list = flowOf('list', [
        stepOf('add', (input, { state }) => {
          const items = [
            ...((state['items'] as Json[]) ?? []),
            input.kind === 'message' ? input.message.content : 0,
          ];
          return { action: 'repeat', update: { items }, response: String(items.length) };
        }),
      ]);
      await openWith({ flows: [list] });
      const key = await begin('list');
      for (let index = 0; index < 120; index += 1) await say(key, index);
      await conversations.close();
      storage = (await under.reopen?.()) ?? storage;
      await openWith({ flows: [list] });
      expect(words(await say(key, 'last'))).toEqual(['121']);
      expect(((await conversations.status(key)).state['items'] as Json[]).slice(0, 3)).toEqual([
        0, 1, 2,
      ]);
      const back = await conversations.rollback(key, { steps: 3 });
      expect(back.version).toBe(123);
      expect((await conversations.status(key)).state['items']).toHaveLength(118);
    });
  });
}
