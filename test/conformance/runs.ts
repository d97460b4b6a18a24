import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { GraphwrightError } from '../../src/errors.ts';
import { ownedRuns } from '../../src/workflows/runs/owned-runs.ts';
import type { RunEvent, RunRecord, Runs } from '../../src/workflows/runs/runs.ts';
import { Workflow, type AnyWorkflow, type Run } from '../../src/workflows/workflow.ts';

/** One set of runs that a test may close and open again, as a process that stops and starts. */
export interface RunsUnderTest {
  runs: Runs;
  /** Closes the runs and opens them again with these workflows; what is unfinished is taken up. */
  reopen(workflows?: readonly AnyWorkflow[]): Promise<Runs>;
  close(): Promise<void>;
}

/** Opens an adapter that offers these workflows; `waitsOnDisk` milliseconds later a waiting run is on disk. */
export type OpenRuns = (workflows: readonly AnyWorkflow[]) => Promise<RunsUnderTest>;

const NoParameters = z.object({ note: z.string().default('') });
type NoParameters = z.output<typeof NoParameters>;

type Body = (run: Run, parameters: NoParameters) => unknown;

/** A workflow whose body a test gives, and may exchange. */
export class Scripted extends Workflow {
  readonly name: string;
  readonly description = 'What a test makes of it.';
  readonly parameters = NoParameters;
  readonly result = z.unknown();
  override readonly policy: { maxParallel?: number };
  body: Body;

  constructor(name: string, body: Body, policy: { maxParallel?: number } = {}) {
    super({});
    this.name = name;
    this.body = body;
    this.policy = policy;
  }

  async run(parameters: NoParameters, run: Run): Promise<unknown> {
    return this.body(run, parameters);
  }
}

/** Counts and remembers what was done. */
class Ledger {
  readonly entries: string[] = [];

  note<T>(entry: string, value?: T): T | undefined {
    this.entries.push(entry);
    return value;
  }

  count(entry: string): number {
    return this.entries.filter((other) => other === entry).length;
  }
}

/** A promise that a test settles. */
function gate() {
  let open!: (value?: unknown) => void;
  const opened = new Promise<unknown>((resolve) => (open = resolve));
  return { open, opened };
}

const fails = (code: 'integration_failed' | 'integration_refused', message = 'no') => {
  throw new GraphwrightError(code, message);
};

/** Runs the suite of the port {@link Runs} on one adapter. */
export function describeRuns(name: string, open: OpenRuns, { patience = 10_000 } = {}): void {
  describe(`runs: ${name}`, () => {
    let under: RunsUnderTest;
    let runs: Runs;
    let ledger: Ledger;
    let flow: Scripted;
    let child: Scripted;

    beforeEach(async () => {
      ledger = new Ledger();
      flow = new Scripted('scripted_flow', () => 'nothing');
      child = new Scripted('scripted_child', () => 'child');
      under = await open([flow, child]);
      ({ runs } = under);
    });

    afterEach(() => under.close());

    const start = (body: Body, options?: Parameters<Runs['start']>[2]): Promise<RunRecord> => {
      flow.body = body;
      return runs.start(flow, {}, options);
    };
    const ended = (id: string) => runs.wait(id, patience);
    const carryOut = async (body: Body) => ended((await start(body)).id);
    const reopen = async () => void (runs = await under.reopen());
    const until = async (id: string, wanted: (record: RunRecord) => boolean) => {
      for (let tries = 0; tries < patience / 10; tries++) {
        const record = await runs.get(id);
        if (record && wanted(record)) return record;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`The run is still ${JSON.stringify(await runs.get(id))}`);
    };
    const follow = async (id: string, after?: number): Promise<RunEvent[]> => {
      const events = [];
      for await (const event of runs.follow(id, { after })) events.push(event);
      return events;
    };

    describe('A17 start and get', () => {
      test('answer at once with an id, and later with steps, result and times', async () => {
        const before = Date.now();
        const { id, ...accepted } = await start(async (run) => {
          const one = await run.step('one', () => 1);
          return { sum: one + (await run.step('two', () => 2)) };
        });
        expect(accepted).toMatchObject({
          workflow: 'scripted_flow',
          status: 'started',
          parameters: {},
        });
        const record = await ended(id);
        expect(record).toMatchObject({ id, status: 'completed', result: { sum: 3 }, attempts: 1 });
        expect(record.stepsCompleted).toEqual([
          { step: 'one', duration: expect.any(Number), attempts: 1 },
          { step: 'two', duration: expect.any(Number), attempts: 1 },
        ]);
        expect(record.currentStep).toBeUndefined();
        expect(Date.parse(record.startedAt)).toBeGreaterThanOrEqual(before - 1000);
        expect(record.endedAt! >= record.startedAt).toBe(true);
        expect(await runs.get(id)).toEqual(record);
      });

      test('refuse bad parameters, a bad id and an id that exists, and keep nothing of them', async () => {
        const bad = { note: 1 } as unknown as { note: string };
        await expect(runs.start(flow, bad)).rejects.toMatchObject({ code: 'invalid_parameters' });
        await expect(runs.start(flow, {}, { id: '../x' })).rejects.toMatchObject({
          code: 'invalid_parameters',
        });
        await runs.start(flow, {}, { id: 'mine' });
        await expect(runs.start(flow, {}, { id: 'mine' })).rejects.toMatchObject({
          code: 'conflict',
        });
        expect((await runs.list()).items.map(({ id }) => id)).toEqual(['mine']);
      });

      test('T34 an idempotency key stands for one run, and other parameters under it are refused', async () => {
        const options = { idempotencyKey: 'order-17' };
        const all = await Promise.all(
          [1, 2, 3].map(() => runs.start(flow, { note: 'a' }, options)),
        );
        expect(new Set(all.map(({ id }) => id)).size).toBe(1);
        await ended(all[0]!.id);
        expect((await runs.start(flow, { note: 'a' }, options)).id).toBe(all[0]!.id);
        await expect(runs.start(flow, { note: 'b' }, options)).rejects.toMatchObject({
          code: 'key_reused',
          status: 422,
        });
        await expect(runs.start(child, { note: 'a' }, options)).rejects.toMatchObject({
          code: 'key_reused',
        });
        await reopen();
        expect((await runs.start(flow, { note: 'a' }, options)).id).toBe(all[0]!.id);
        expect((await runs.list()).items).toHaveLength(1);
      });

      test('a delay holds the beginning back', async () => {
        const began = Date.now();
        const { id, delayedUntil } = await start(() => Date.now(), { delay: 300 });
        expect(Date.parse(delayedUntil!)).toBeGreaterThanOrEqual(began + 300);
        expect(await runs.get(id)).toMatchObject({ status: 'started' });
        expect((await ended(id)).result).toBeGreaterThanOrEqual(began + 300);
      });

      test('of an unknown run there is nothing, and every other call says not_found', async () => {
        expect(await runs.get('nobody')).toBeUndefined();
        const drain = async () => {
          for await (const event of runs.follow('nobody')) ledger.note(event.type);
        };
        for (const call of [
          () => runs.wait('nobody', 1),
          () => runs.cancel('nobody'),
          () => runs.signal('nobody', { name: 'x' }),
          () => runs.resume('nobody'),
          () => runs.retry('nobody'),
          () => runs.delete('nobody'),
          drain,
        ])
          await expect(call()).rejects.toMatchObject({ code: 'not_found', status: 404 });
      });

      test('wait no longer than asked, and end with the signal', async () => {
        const { opened, open: go } = gate();
        const { id } = await start((run) => run.step('hang', () => opened));
        expect(await runs.wait(id, 50)).toMatchObject({
          status: 'processing',
          currentStep: 'hang',
        });
        const gone = AbortSignal.timeout(50);
        expect(await runs.wait(id, patience, gone)).toMatchObject({ status: 'processing' });
        go();
        expect(await ended(id)).toMatchObject({ status: 'completed' });
      });
    });

    describe('A17 list', () => {
      test('gives pages, the newest first, and by workflow, status, parent and time', async () => {
        const ids: string[] = [];
        for (let index = 0; index < 5; index++)
          ids.push((await runs.start(flow, { note: String(index) })).id);
        const other = await runs.start(child, {}, { parent: ids[0] });
        flow.body = () => fails('integration_refused');
        const failed = await runs.start(flow, {});
        await Promise.all([...ids, other.id, failed.id].map(ended));

        const first = await runs.list({ workflow: 'scripted_flow', limit: 4 });
        expect(first.items.map(({ id }) => id)).toEqual([
          failed.id,
          ...ids.toReversed().slice(0, 3),
        ]);
        const second = await runs.list({
          workflow: 'scripted_flow',
          limit: 4,
          cursor: first.nextCursor,
        });
        expect(second.items.map(({ id }) => id)).toEqual(ids.toReversed().slice(3));
        expect(second.nextCursor).toBeUndefined();

        const idsOf = async (filter: Parameters<Runs['list']>[0]) =>
          (await runs.list(filter)).items.map(({ id }) => id);
        expect(await idsOf({ status: 'failed' })).toEqual([failed.id]);
        expect(
          await idsOf({ status: ['failed', 'completed'], workflow: 'scripted_child' }),
        ).toEqual([other.id]);
        expect(await idsOf({ parent: ids[0] })).toEqual([other.id]);
        expect(await idsOf({ before: '2001-01-01T00:00:00Z' })).toEqual([]);
        expect(await idsOf({ since: '2001-01-01T00:00:00Z' })).toHaveLength(7);
      });

      test('tells runs under way from those that wait and those that have ended', async () => {
        const { opened, open: go } = gate();
        const busy = await start((run) => run.step('hang', () => opened));
        await until(busy.id, ({ status }) => status === 'processing');
        const waiting = await start((run) => run.waitFor('never'));
        await until(waiting.id, ({ status }) => status === 'waiting');
        const idsOf = async (status: RunRecord['status']) =>
          (await runs.list({ status })).items.map(({ id }) => id);
        expect(await idsOf('processing')).toEqual([busy.id]);
        expect(await idsOf('waiting')).toEqual([waiting.id]);
        go();
        await ended(busy.id);
        expect(await idsOf('processing')).toEqual([]);
      });

      test('T35 takes nothing for a cursor, a status or a limit that is none', async () => {
        for (const filter of [
          { cursor: "x' OR 1=1 --" },
          { limit: 0 },
          { limit: 1001 },
          { since: 'yesterday' },
          { status: "failed' OR 1=1 --" as 'failed' },
        ])
          await expect(runs.list(filter)).rejects.toMatchObject({ code: 'invalid_parameters' });
        expect((await runs.list({ workflow: "x' OR 1=1 --" })).items).toEqual([]);
      });

      test('finds the newest run of a parameter', async () => {
        await runs.start(flow, { note: 'a' });
        const second = await runs.start(flow, { note: 'a' });
        expect((await runs.latest('scripted_flow', 'note', 'a'))?.id).toBe(second.id);
        expect(await runs.latest('scripted_flow', 'note', "a' OR 1=1 --")).toBeUndefined();
      });
    });

    describe('A15 steps', () => {
      test('are tried as often as the policy says, with the waits it says', async () => {
        const times: number[] = [];
        const record = await carryOut((run) =>
          run.step(
            'flaky',
            ({ attempt }) => {
              times.push(Date.now());
              return attempt < 4 ? fails('integration_failed') : attempt;
            },
            { attempts: 5, backoff: { initial: 40, factor: 2, max: 100, jitter: 0 } },
          ),
        );
        expect(record).toMatchObject({ status: 'completed', result: 4 });
        expect(record.stepsCompleted).toMatchObject([{ step: 'flaky', attempts: 4 }]);
        const waits = times.slice(1).map((time, index) => time - times[index]!);
        [40, 80, 100].forEach((wait, index) =>
          expect(waits[index]).toBeGreaterThanOrEqual(wait - 2),
        );
      });

      test('are tried once when the error is fatal, and fail with it when the attempts are used up', async () => {
        const fatal = await carryOut((run) =>
          run.step('fatal', () => ledger.note('fatal') ?? fails('integration_refused'), {
            attempts: 5,
            backoff: { initial: 1 },
          }),
        );
        expect(fatal).toMatchObject({
          status: 'failed',
          error: { code: 'integration_refused', retriable: false },
        });
        const retriable = await carryOut((run) =>
          run.step('away', () => ledger.note('away') ?? fails('integration_failed'), {
            attempts: 3,
            backoff: { initial: 1 },
          }),
        );
        expect(retriable.error).toMatchObject({ code: 'integration_failed', kind: 'io' });
        expect([ledger.count('fatal'), ledger.count('away')]).toEqual([1, 3]);
      });

      test('are tried again for what the policy calls retriable', async () => {
        const record = await carryOut((run) =>
          run.step(
            'odd',
            ({ attempt }) => (attempt === 1 ? fails('integration_refused') : 'fine'),
            {
              attempts: 2,
              backoff: { initial: 1 },
              retriable: ({ code }) => code === 'integration_refused',
            },
          ),
        );
        expect(record).toMatchObject({ status: 'completed', result: 'fine' });
      });

      test('fail with timeout when their time is over, and are told by their signal', async () => {
        const told = gate();
        const record = await carryOut((run) =>
          run.step(
            'slow',
            ({ signal }) => new Promise(() => signal.addEventListener('abort', () => told.open())),
            { timeout: 50 },
          ),
        );
        expect(record).toMatchObject({ status: 'failed', error: { code: 'timeout' } });
        await told.opened;
      });

      test('side by side all count, by their own names', async () => {
        const record = await carryOut((run) =>
          Promise.all(['a', 'b', 'a'].map((step) => run.step(step, async () => step))),
        );
        expect(record.result).toEqual(['a', 'b', 'a']);
        expect(record.stepsCompleted.map(({ step }) => step).toSorted()).toEqual(['a', 'a#2', 'b']);
      });

      test('inside a step are part of it', async () => {
        const record = await carryOut((run) =>
          run.step('outer', () => run.step('inner', () => 'deep')),
        );
        expect(record.result).toBe('deep');
        expect(record.stepsCompleted.map(({ step }) => step)).toEqual(['outer']);
        const waits = await carryOut((run) => run.step('outer', () => run.sleep(1)));
        expect(waits).toMatchObject({ status: 'failed', error: { code: 'internal' } });
      });

      test('that give what JSON cannot hold fail', async () => {
        const record = await carryOut((run) => run.step('big', () => 1n));
        expect(record).toMatchObject({ status: 'failed', error: { code: 'invalid_result' } });
      });
    });

    describe('A17 a run that a stop interrupted', () => {
      test('goes on by itself, finished steps are not done again, and time, chance and ids stay', async () => {
        const { opened, open: go } = gate();
        const seen: unknown[] = [];
        const { id } = await start(async (run) => {
          const before = [run.now().toISOString(), run.random(), run.uuid()];
          seen.push(before);
          await run.step('one', () => ledger.note('one'));
          await run.step('two', async () => {
            ledger.note('two');
            seen.push(run.uuid());
            if (ledger.count('two') === 1) await opened;
          });
          await run.step('three', () => ledger.note('three'));
          return before;
        });
        await until(id, ({ currentStep }) => currentStep === 'two');
        // A stop lets go of what hangs.
        setTimeout(go, 20);
        await reopen();
        const record = await ended(id);
        expect(record).toMatchObject({ status: 'completed', attempts: 2 });
        expect(ledger.entries).toEqual(['one', 'two', 'two', 'three']);
        expect(seen[2]).toEqual(seen[0]);
        expect(seen[3]).toEqual(seen[1]);
        expect(record.result).toEqual(seen[0]);
        expect(record.stepsCompleted.map(({ step }) => step)).toEqual(['one', 'two', 'three']);
      });

      test('meets the failure of a step again, and takes the same way', async () => {
        const { opened, open: go } = gate();
        const { id } = await start(async (run) => {
          const way = await run
            .step('try', () => ledger.note('try') ?? fails('integration_refused', 'closed'))
            .catch((error: GraphwrightError) => error.message);
          await run.step('hang', () =>
            ledger.count('hang') ? 'done' : (ledger.note('hang'), opened),
          );
          return way;
        });
        await until(id, ({ currentStep }) => currentStep === 'hang');
        setTimeout(go, 20);
        await reopen();
        expect(await ended(id)).toMatchObject({ status: 'completed', result: 'closed' });
        expect(ledger.count('try')).toBe(1);
      });

      test('side by side does again only what had not ended', async () => {
        const { opened, open: go } = gate();
        const { id } = await start((run) =>
          Promise.all([
            run.step('slow', () => (ledger.note('slow'), ledger.count('slow') > 1 ? 's' : opened)),
            run
              .step('quick', () => ledger.note('quick', 'q'))
              .then(() => run.step('next', () => ledger.note('next', 'n'))),
          ]),
        );
        await until(id, ({ stepsCompleted }) => stepsCompleted.length === 2);
        setTimeout(go, 20);
        await reopen();
        expect(await ended(id)).toMatchObject({ status: 'completed', result: ['s', 'n'] });
        expect(['slow', 'quick', 'next'].map((step) => ledger.count(step))).toEqual([2, 1, 1]);
      });

      test.each<[string, (run: Run) => Promise<unknown>, string]>([
        ['another step in its place', (run) => run.step('other', () => 1), 'other'],
        ['no step any more', async () => 'short', 'first'],
        [
          'a step before it',
          (run) => run.step('new', () => 1).then(() => run.step('first', () => 1)),
          'new',
        ],
      ])('whose workflow now has %s is refused by the name of the step', async (_, body, named) => {
        const { opened, open: go } = gate();
        const { id } = await start(async (run) => {
          await run.step('first', () => 1);
          await run.step('hang', () => opened);
        });
        await until(id, ({ currentStep }) => currentStep === 'hang');
        flow.body = body;
        setTimeout(go, 20);
        await reopen();
        const record = await ended(id);
        expect(record).toMatchObject({
          status: 'failed',
          error: { code: 'workflow_changed', retriable: false },
        });
        expect(record.error!.message).toContain('first');
        expect(record.error!.message).toContain(named);
      });
    });

    test('A17 a run whose workflow is as it was again goes on when it is resumed', async () => {
      const { opened, open: go } = gate();
      const body: Body = async (run) => {
        await run.step('first', () => ledger.note('first'));
        return run.step(
          'second',
          () => (ledger.note('second'), ledger.count('second') > 1 || opened),
        );
      };
      const { id } = await start(body);
      await until(id, ({ currentStep }) => currentStep === 'second');
      flow.body = (run) => run.step('other', () => ledger.note('other'));
      setTimeout(go, 20);
      await reopen();
      expect((await ended(id)).error).toMatchObject({ code: 'workflow_changed' });
      flow.body = body;
      await runs.resume(id);
      expect(await ended(id)).toMatchObject({ status: 'completed', result: true });
      expect(ledger.entries).toEqual(['first', 'second', 'second']);
    });

    test('N2 an effect that failed for sure is done again when the run is resumed, one in doubt asks again', async () => {
      const { id } = await start(async (run) => {
        await run.effect(
          'ticket',
          ({ repeated }) => {
            ledger.note(`ticket ${repeated}`);
            return ledger.count('ticket false') === 1 ? fails('integration_refused') : 'opened';
          },
          { onUnknown: 'hold' },
        );
        return run.effect(
          'mail',
          () => {
            ledger.note('mail');
            throw new GraphwrightError('delivery_unknown', 'dropped');
          },
          { onUnknown: 'hold' },
        );
      });
      expect((await ended(id)).error).toMatchObject({ code: 'integration_refused' });
      await runs.resume(id);
      const held = () => until(id, ({ status }) => status === 'waiting');
      await held();
      await runs.signal(id, { name: 'effect:mail', payload: { outcome: 'failed' } });
      expect((await ended(id)).error).toMatchObject({ code: 'delivery_unknown' });
      await runs.resume(id);
      await held();
      const payload = { outcome: 'done', result: 'found in the log' };
      await runs.signal(id, { name: 'effect:mail', payload });
      expect(await ended(id)).toMatchObject({ status: 'completed', result: 'found in the log' });
      expect(ledger.entries).toEqual(['ticket false', 'ticket false', 'mail']);
    });

    describe('A17 sleep', () => {
      test('waits, and the run says so', async () => {
        const began = Date.now();
        const { id } = await start((run) => run.sleep(300));
        expect(await until(id, ({ status }) => status === 'waiting')).toMatchObject({
          waiting: { for: 'sleep', until: expect.any(String) },
        });
        expect(await ended(id)).toMatchObject({ status: 'completed' });
        expect(Date.now() - began).toBeGreaterThanOrEqual(299);
      });

      test('goes on after a stop, for what is left of its time', async () => {
        const { id } = await start(async (run) => {
          await run.step('before', () => ledger.note('before'));
          await run.sleep(1500);
          await run.step('after', () => ledger.note('after'));
        });
        const { waiting } = await until(id, ({ status }) => status === 'waiting');
        await new Promise((resolve) => setTimeout(resolve, 200));
        await reopen();
        const { endedAt, status } = await ended(id);
        expect(status).toBe('completed');
        expect(Date.parse(endedAt!)).toBeGreaterThanOrEqual(Date.parse(waiting!.until!) - 5);
        expect(ledger.entries).toEqual(['before', 'after']);
      });
    });

    describe('A17 A19 signals', () => {
      test('wake the run that waits for them', async () => {
        const { id } = await start((run) => run.waitFor('approval'));
        expect(await until(id, ({ status }) => status === 'waiting')).toMatchObject({
          waiting: { for: 'signal', name: 'approval' },
        });
        await runs.signal(id, { name: 'other', payload: 1 });
        await runs.signal(id, { name: 'approval', payload: { by: 'Ada' } });
        expect(await ended(id)).toMatchObject({ status: 'completed', result: { by: 'Ada' } });
      });

      test('that come early are kept, in order, and one that comes twice counts once', async () => {
        const { opened, open: go } = gate();
        const { id } = await start(async (run) => {
          await run.step('busy', () => opened);
          return [
            await run.waitFor('n'),
            await run.waitFor('n'),
            await run.waitFor('n', { timeout: 50 }).catch(({ code }: GraphwrightError) => code),
          ];
        });
        await until(id, ({ currentStep }) => currentStep === 'busy');
        for (const signal of ['a', 'b', 'a', 'b'])
          await runs.signal(id, { name: 'n', id: signal, payload: signal });
        go();
        expect((await ended(id)).result).toEqual(['a', 'b', 'timeout']);
      });

      test('that come while the run is on disk, before and after a stop, are taken once', async () => {
        const { id } = await start(async (run) => {
          const first = await run.waitFor('n');
          await run.step('noted', () => ledger.note(`got ${String(first)}`));
          return [first, await run.waitFor('n')];
        });
        await until(id, ({ status }) => status === 'waiting');
        await reopen();
        await runs.signal(id, { name: 'n', id: 'a', payload: 'a' });
        await until(id, ({ stepsCompleted }) => stepsCompleted.length === 1);
        await reopen();
        await runs.signal(id, { name: 'n', id: 'a', payload: 'a' });
        await runs.signal(id, { name: 'n', id: 'b', payload: 'b' });
        expect((await ended(id)).result).toEqual(['a', 'b']);
        expect(ledger.entries).toEqual(['got a']);
      });

      test('whose payload does not fit are dropped', async () => {
        const schema = z.object({ amount: z.number() });
        const { id } = await start((run) => run.waitFor('pay', { schema }));
        await runs.signal(id, { name: 'pay', payload: { amount: 'much' } });
        await runs.signal(id, { name: 'pay', payload: { amount: 5 } });
        expect((await ended(id)).result).toEqual({ amount: 5 });
      });

      test('are refused by a run that has ended', async () => {
        const { id } = await carryOut(() => 'done');
        await expect(runs.signal(id, { name: 'late' })).rejects.toMatchObject({
          code: 'conflict',
          status: 409,
        });
      });

      test('that do not come in time are a timeout, also after a stop', async () => {
        const { id } = await start((run) => run.waitFor('never', { timeout: 700 }));
        await until(id, ({ status }) => status === 'waiting');
        await reopen();
        expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'timeout' } });
      });
    });

    describe('A17 children', () => {
      test('give their parent their result, and know it', async () => {
        child.body = (run, { note }) => run.step('work', () => `${note}!`);
        const { id, result } = await carryOut((run) =>
          Promise.all(['a', 'b'].map((note) => run.child(child, { note }))),
        );
        expect(result).toEqual(['a!', 'b!']);
        const { items } = await runs.list({ parent: id });
        expect(items.map(({ status, parent }) => [status, parent])).toEqual([
          ['completed', id],
          ['completed', id],
        ]);
      });

      test('give their parent their error', async () => {
        child.body = () => fails('integration_refused', 'the child said no');
        expect(await carryOut((run) => run.child(child, {}))).toMatchObject({
          status: 'failed',
          error: { code: 'integration_refused', message: 'the child said no' },
        });
      });

      test('are not started again when their parent goes on after a stop', async () => {
        const { opened, open: go } = gate();
        child.body = (run) =>
          run.step('work', () => (ledger.note('work'), ledger.count('work') > 1 ? 'w' : opened));
        const { id } = await start((run) => run.child(child, {}));
        await until(id, ({ status }) => status === 'waiting');
        while (ledger.count('work') === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        setTimeout(go, 20);
        await reopen();
        expect(await ended(id)).toMatchObject({ status: 'completed', result: 'w' });
        expect((await runs.list({ parent: id })).items).toHaveLength(1);
      });
    });

    describe('A16 batches', () => {
      test('give one outcome each, never more at once than allowed, and a failure stops none', async () => {
        let now = 0;
        let most = 0;
        const record = await carryOut((run) =>
          run
            .batch([1, 2, 3, 4, 5, 6, 7], { maxParallel: 3, name: 'customer' }, async (item) => {
              most = Math.max(most, (now += 1));
              await new Promise((resolve) => setTimeout(resolve, 10));
              now -= 1;
              return item === 4 ? fails('integration_refused', 'four') : item * 2;
            })
            .then((outcomes) =>
              outcomes.map((o) => (o.status === 'completed' ? o.result : o.error.message)),
            ),
        );
        expect(record.result).toEqual([2, 4, 6, 'four', 10, 12, 14]);
        expect(most).toBe(3);
        expect(record.stepsCompleted.map(({ step }) => step).toSorted()[0]).toBe('customer[0]');
      });

      test('warn of nothing, however many steps go on at once', async () => {
        const warnings: Error[] = [];
        const warn = (warning: Error) => warnings.push(warning);
        process.on('warning', warn);
        const items = Array.from({ length: 40 }, (_, index) => index);
        for (const timeout of [undefined, 10_000])
          await carryOut((run) =>
            run
              .batch(
                items,
                { maxParallel: 40, name: 'item', ...(timeout && { timeout }) },
                () => new Promise((resolve) => setTimeout(resolve, 5)),
              )
              .then((outcomes) => outcomes.length),
          );
        await new Promise((resolve) => setImmediate(resolve));
        process.off('warning', warn);
        expect(warnings).toEqual([]);
      });

      test('go on after a stop with the items that had not ended', async () => {
        const { opened, open: go } = gate();
        const { id } = await start((run) =>
          run
            .batch(['a', 'b', 'c'], { maxParallel: 1 }, async (item) => {
              ledger.note(item);
              if (item === 'b' && ledger.count('b') === 1) await opened;
              return item;
            })
            .then((outcomes) => outcomes.map(({ status }) => status)),
        );
        await until(id, ({ currentStep }) => currentStep === 'batch[1]');
        setTimeout(go, 20);
        await reopen();
        expect((await ended(id)).result).toEqual(['completed', 'completed', 'completed']);
        expect(ledger.entries).toEqual(['a', 'b', 'b', 'c']);
      });

      test('A16 a workflow runs no more often at once than its policy allows', async () => {
        let now = 0;
        let most = 0;
        const narrow = new Scripted(
          'narrow_flow',
          (run) =>
            run.step('work', async () => {
              most = Math.max(most, (now += 1));
              await new Promise((resolve) => setTimeout(resolve, 10));
              now -= 1;
            }),
          { maxParallel: 2 },
        );
        runs = await under.reopen([flow, child, narrow]);
        const all = await Promise.all(Array.from({ length: 10 }, () => runs.start(narrow, {})));
        for (const { id } of all) expect((await ended(id)).status).toBe('completed');
        expect(most).toBe(2);
      });
    });

    describe('N2 effects', () => {
      test('have a key of their own that stays, and are done once', async () => {
        const record = await carryOut((run) =>
          run.effect('mail', ({ key, repeated }) => ({ key, repeated }), { onUnknown: 'hold' }),
        );
        expect(record.result).toEqual({ key: `${record.id}:mail`, repeated: false });
        expect(record.stepsCompleted.map(({ step }) => step)).toEqual(['mail']);
      });

      test.each([
        ['done', { outcome: 'done', result: 'sent' }, 'completed', 1],
        ['to be repeated', { outcome: 'repeat' }, 'completed', 2],
        ['failed', { outcome: 'failed' }, 'failed', 1],
      ] as const)(
        'T31 of unknown outcome wait for a person, who finds them %s',
        async (_, decision, status, times) => {
          const { id } = await start((run) =>
            run.effect(
              'mail',
              ({ repeated }) => {
                ledger.note('mail');
                if (!repeated) throw new GraphwrightError('delivery_unknown', 'dropped');
                return 'sent';
              },
              { onUnknown: 'hold' },
            ),
          );
          expect(await until(id, (record) => record.status === 'waiting')).toMatchObject({
            waiting: { for: 'signal', name: 'effect:mail' },
          });
          await runs.signal(id, { name: 'effect:mail', payload: decision });
          expect(await ended(id)).toMatchObject({ status });
          expect(ledger.count('mail')).toBe(times);
        },
      );

      test.each([
        ['hold', 1],
        ['repeat', 2],
      ] as const)('a stop in the middle of one is met with %s', async (onUnknown, times) => {
        const { opened, open: go } = gate();
        const keys = new Set<string>();
        const { id } = await start((run) =>
          run.effect(
            'mail',
            async ({ key, repeated }) => {
              keys.add(key);
              ledger.note('mail');
              if (!repeated) await opened;
              return repeated;
            },
            { onUnknown },
          ),
        );
        await until(id, ({ currentStep }) => currentStep === 'mail');
        setTimeout(go, 20);
        await reopen();
        if (onUnknown === 'hold') {
          await until(id, ({ status }) => status === 'waiting');
          await runs.signal(id, {
            name: 'effect:mail',
            payload: { outcome: 'done', result: true },
          });
        }
        expect(await ended(id)).toMatchObject({ status: 'completed', result: true });
        expect([ledger.count('mail'), keys.size]).toEqual([times, 1]);
      });
    });

    describe('A17 cancel, resume, retry, delete', () => {
      test('a cancelled run aborts the step in flight and begins no other', async () => {
        const told = gate();
        const { id } = await start(async (run) => {
          await run
            .step(
              'hang',
              ({ signal }) =>
                new Promise((_, reject) => {
                  signal.addEventListener('abort', () => (told.open(), reject(signal.reason)));
                }),
            )
            .catch(() => undefined);
          await run.step('next', () => ledger.note('next'));
        });
        await until(id, ({ currentStep }) => currentStep === 'hang');
        const record = await runs.cancel(id);
        expect(record).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
        expect(record.endedAt).toBeDefined();
        await told.opened;
        expect(await runs.cancel(id)).toMatchObject({ status: 'cancelled' });
        await reopen();
        expect(await runs.get(id)).toMatchObject({ status: 'cancelled' });
        expect(ledger.entries).toEqual([]);
      });

      test('one that waits, one that is delayed and their children are cancelled too', async () => {
        child.body = (run) => run.waitFor('never');
        const parent = await start((run) => run.child(child, {}));
        await until(parent.id, ({ status }) => status === 'waiting');
        let kids = await runs.list({ parent: parent.id });
        while (kids.items.length === 0) kids = await runs.list({ parent: parent.id });
        const delayed = await start(() => ledger.note('late'), { delay: 60_000 });
        await runs.cancel(parent.id);
        await runs.cancel(delayed.id);
        for (const { id } of [parent, delayed, kids.items[0]!])
          expect(await ended(id)).toMatchObject({ status: 'cancelled' });
      });

      test('one that has completed or failed is not', async () => {
        const { id } = await carryOut(() => 'done');
        await expect(runs.cancel(id)).rejects.toMatchObject({ code: 'conflict' });
        await expect(runs.resume(id)).rejects.toMatchObject({ code: 'conflict' });
        expect(await runs.get(id)).toMatchObject({ status: 'completed' });
      });

      test('resume lets a failed run go on from its last finished step', async () => {
        const { id } = await carryOut(async (run) => {
          await run.step('one', () => ledger.note('one'));
          return run.step('two', () =>
            ledger.count('two') ? 'fine' : (ledger.note('two'), fails('integration_refused')),
          );
        });
        expect(await runs.get(id)).toMatchObject({ status: 'failed' });
        expect((await runs.resume(id)).endedAt).toBeUndefined();
        expect(await ended(id)).toMatchObject({ status: 'completed', result: 'fine' });
        expect((await runs.get(id))!.error).toBeUndefined();
        expect(ledger.entries).toEqual(['one', 'two']);
      });

      test('resume lets a cancelled run go on, and a parent go on with the child it failed with', async () => {
        const waiting = await start((run) => run.waitFor('go'));
        await until(waiting.id, ({ status }) => status === 'waiting');
        await runs.cancel(waiting.id);
        await runs.resume(waiting.id);
        await runs.signal(waiting.id, { name: 'go', payload: 'went' });
        expect(await ended(waiting.id)).toMatchObject({ status: 'completed', result: 'went' });

        child.body = (run) =>
          run.step('work', () =>
            ledger.count('work') ? 'fine' : (ledger.note('work'), fails('integration_refused')),
          );
        const parent = await carryOut((run) => run.child(child, {}));
        expect(parent.status).toBe('failed');
        await runs.resume(parent.id);
        expect(await ended(parent.id)).toMatchObject({ status: 'completed', result: 'fine' });
      });

      test('retry starts a new run with the same parameters', async () => {
        flow.body = () => fails('integration_refused');
        const { id } = await runs.start(flow, { note: 'again' });
        await ended(id);
        flow.body = (_, { note }) => note;
        const again = await runs.retry(id);
        expect(again).toMatchObject({ retryOf: id, parameters: { note: 'again' } });
        expect(again.id).not.toBe(id);
        expect(await ended(again.id)).toMatchObject({ status: 'completed', result: 'again' });
        const waiting = await start((run) => run.waitFor('never'));
        await expect(runs.retry(waiting.id)).rejects.toMatchObject({ code: 'conflict' });
      });

      test('delete removes one that has ended, and no other', async () => {
        const { id } = await carryOut((run) => run.step('one', () => 1));
        await runs.delete(id);
        expect(await runs.get(id)).toBeUndefined();
        const waiting = await start((run) => run.waitFor('never'));
        await expect(runs.delete(waiting.id)).rejects.toMatchObject({ code: 'conflict' });
      });
    });

    describe('A17 follow', () => {
      test('tells what happens until the end, in order', async () => {
        const { opened, open: go } = gate();
        const { id } = await start(async (run) => {
          await run.step('wait', () => opened);
          run.progress(1, 2, 'half');
          await run.step(
            'flaky',
            ({ attempt }) => (attempt === 1 ? fails('integration_failed') : 'fine'),
            { attempts: 2, backoff: { initial: 1 } },
          );
          return run.step('bad', () => fails('integration_refused'));
        });
        const following = follow(id);
        await until(id, ({ currentStep }) => currentStep === 'wait');
        await new Promise((resolve) => setTimeout(resolve, 100));
        go();
        const events = await following;
        const told = events.map((event) =>
          event.type === 'step' ? `${event.step} ${event.status}` : event.type,
        );
        expect(told.filter((event) => event !== 'wait started')).toEqual([
          'wait completed',
          'progress',
          'flaky started',
          'attempt',
          'flaky completed',
          'bad started',
          'bad failed',
          'status',
        ]);
        expect(events.at(-1)).toMatchObject({
          status: 'failed',
          error: { code: 'integration_refused' },
        });
        const numbers = events.map(({ sequence }) => sequence);
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        expect(new Set(numbers).size).toBe(numbers.length);
      });

      test('goes on after a number, also of a run that has ended and after a stop', async () => {
        const { id } = await carryOut(async (run) => {
          await run.step('one', () => 1);
          await run.step('two', () => 2);
        });
        const all = await follow(id);
        const kept = all.map((event) => ('step' in event ? event.step : event.type));
        expect(kept).toEqual(['one', 'two', 'status']);
        expect(await follow(id, all[0]!.sequence)).toEqual(all.slice(1));
        expect(await follow(id, all.at(-1)!.sequence)).toEqual([]);
        await reopen();
        expect(await follow(id)).toEqual(all);
      });

      test('ends with its signal', async () => {
        const { id } = await start((run) => run.waitFor('never'));
        const read = async () => {
          for await (const event of runs.follow(id, { signal: AbortSignal.timeout(100) }))
            ledger.note(event.type);
        };
        await expect(read()).rejects.toMatchObject({ code: 'timeout' });
      });
    });

    describe('A17 retention', () => {
      test('takes finished runs away by count and age, and leaves the others', async () => {
        const waiting = await start((run) => run.waitFor('never'));
        await until(waiting.id, ({ status }) => status === 'waiting');
        const ids: string[] = [];
        for (let index = 0; index < 5; index++) ids.push((await carryOut(() => index)).id);
        expect(await runs.sweep({ maxCount: 2 })).toBe(3);
        expect(await runs.sweep({ maxAge: 60_000 })).toBe(0);
        const left = (await runs.list()).items.map(({ id }) => id);
        expect(left.toSorted()).toEqual([waiting.id, ...ids.slice(3)].toSorted());
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(await runs.sweep({ maxAge: 1 })).toBe(2);
        expect((await runs.list()).items.map(({ id }) => id)).toEqual([waiting.id]);
      });
    });

    describe('T22 owners', () => {
      test('see and steer their own runs only, and their keys are their own', async () => {
        const ada = ownedRuns(runs, 'ada');
        const eve = ownedRuns(runs, 'eve');
        const options = { idempotencyKey: 'k' };
        const { id } = await ada.start(flow, { note: 'a' }, options);
        const other = await eve.start(flow, { note: 'b' }, options);
        expect(other.id).not.toBe(id);
        await ended(id);
        expect(await ada.get(id)).toMatchObject({ owner: 'ada' });
        expect(await eve.get(id)).toBeUndefined();
        expect((await eve.list()).items.map((run) => run.id)).toEqual([other.id]);
        const drain = async () => {
          for await (const event of eve.follow(id)) ledger.note(event.type);
        };
        for (const call of [
          () => eve.wait(id, 1),
          () => eve.cancel(id),
          () => eve.signal(id, { name: 'x' }),
          () => eve.resume(id),
          () => eve.retry(id),
          () => eve.delete(id),
          drain,
        ])
          await expect(call()).rejects.toMatchObject({ code: 'not_found' });
      });
    });
  });
}
