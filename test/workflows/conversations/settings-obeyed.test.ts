import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../../src/errors.ts';
import { FakeClock } from '../../../src/testing/fake-clock.ts';
import type { AgentRequest } from '../../../src/workflows/conversations/agent.ts';
import type { ConversationKey } from '../../../src/workflows/conversations/conversation.ts';
import type { Field } from '../../../src/workflows/conversations/forms/field.ts';
import { formStep } from '../../../src/workflows/conversations/forms/form-step.ts';
import { defaultFlowSettings } from '../../../src/workflows/conversations/flow-settings.ts';
import {
  ConversationSystem,
  type ConversationSystemConfiguration,
} from '../../../src/workflows/conversations/system/conversation-system.ts';

const clock = new FakeClock();
let directory: string;
const opened: ConversationSystem[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'graphwright-settings-'));
});
afterEach(async () => {
  for (const system of opened.splice(0)) await system.close();
  await rm(directory, { recursive: true });
});

type Agents = NonNullable<ConversationSystemConfiguration['agents']>;

/** A flow that asks three times, with settings as its author writes them. */
const asking = (settings: object = {}) => ({
  flow_id: 'asking',
  name: 'Asking',
  steps: ['one', 'two', 'three'].map((id) => ({
    step_id: id,
    step_type: 'user_input',
    prompt: `${id}?`,
    input_schema: { type: 'text' },
  })),
  settings,
});

/** A flow whose agent speaks after the first message. */
const talking = (settings: object = {}) => ({
  id: 'talking',
  name: 'Talking',
  steps: [
    { id: 'say', type: 'user_input', prompt: 'Yes?', input: { type: 'text' } },
    { id: 'answer', type: 'agent_response', agent: 'clerk', prompt: 'Answer {say}.' },
  ],
  settings: { max_retries: 0, ...settings },
});

async function openSystem(
  flow: ConversationSystemConfiguration['flows'][number],
  settings: object = {},
  agents: Agents = {},
): Promise<ConversationSystem> {
  const system = await ConversationSystem.open({
    settings: { backend: 'memory', ...settings },
    flows: [flow],
    agents,
    directory,
    now: clock.now,
  });
  opened.push(system);
  return system;
}

/** Begins a conversation and gives it these answers. */
async function talkIn(system: ConversationSystem, ...answers: readonly string[]) {
  const [flow] = system.flows;
  const begun = await system.startSession({ flow: flow!.id });
  let turn: Awaited<ReturnType<typeof system.send>> = begun;
  for (const content of answers) turn = await system.conversations.send(begun, { content });
  return { key: begun as ConversationKey, turn };
}

const words = ({ replies }: { replies: readonly { content: string }[] }) =>
  replies.map(({ content }) => content).join(' ');

/** What an attempt came to: `done`, or the code of its error. */
const outcome = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'done',
    (thrown: unknown) => GraphwrightError.from(thrown).code,
  );

const failing = (error: () => Error): Agents => ({
  clerk: {
    respond: async () => {
      throw error();
    },
  },
});
const away = () => new GraphwrightError('unavailable', 'The model is away');

describe('V10 settings of a flow', () => {
  test('enable_rollback: whether a conversation goes back', async () => {
    for (const [on, expected] of [
      [true, 'done'],
      [false, 'forbidden'],
    ] as const) {
      const system = await openSystem(asking({ enable_rollback: on }));
      const { key } = await talkIn(system, 'a', 'b');
      expect(await outcome(system.conversations.rollback(key, { steps: 1 }))).toBe(expected);
    }
  });

  test('max_rollback_steps: how far', async () => {
    for (const [most, expected] of [
      [1, 'forbidden'],
      [2, 'done'],
    ] as const) {
      const system = await openSystem(asking({ max_rollback_steps: most, auto_checkpoint: false }));
      const { key } = await talkIn(system, 'a', 'b');
      expect(await outcome(system.conversations.rollback(key, { steps: 2 }))).toBe(expected);
      expect(await outcome(system.conversations.rollback(key, { version: 1 }))).toBe(
        most === 1 ? 'gone' : 'done',
      );
    }
  });

  test('auto_checkpoint and checkpoint_interval: which turns become checkpoints by themselves', async () => {
    const versions = async (settings: object) => {
      const system = await openSystem(asking(settings));
      const { key } = await talkIn(system);
      for (const content of ['a', 'b']) {
        clock.advance(20_000);
        await system.conversations.send(key, { content });
      }
      return (await system.conversations.checkpoints(key)).map(({ version }) => version);
    };
    expect(await versions({ auto_checkpoint: false })).toEqual([]);
    expect(await versions({ checkpoint_interval: 20 })).toEqual([3, 2, 1]);
    expect(await versions({ checkpoint_interval: 40 })).toEqual([3, 1]);
  });

  test('interaction_timeout: how long a question waits', async () => {
    for (const [seconds, expected] of [
      [600, 'paused'],
      [602, 'active'],
    ] as const) {
      const system = await openSystem(asking({ interaction_timeout: seconds }));
      const { key } = await talkIn(system);
      clock.advance(601_000);
      await system.conversations.sweep();
      expect((await system.conversations.status(key)).status).toBe(expected);
    }
  });

  test('max_retries and retry_delay: how often a step is tried again, and when', async () => {
    const tries = async (settings: object) => {
      const times: number[] = [];
      const system = await openSystem(
        talking(settings),
        {},
        {
          clerk: {
            respond: async () => {
              times.push(performance.now());
              throw away();
            },
          },
        },
      );
      await talkIn(system, 'hello');
      return times;
    };
    // By default each of them would wait for seconds.
    const started = performance.now();
    expect(await tries({ max_retries: 0, retry_delay: 0 })).toHaveLength(1);
    expect(await tries({ max_retries: 3, retry_delay: 0 })).toHaveLength(4);
    expect(performance.now() - started).toBeLessThan(5000);
    const [first, second] = await tries({ max_retries: 1, retry_delay: 0.2 });
    expect(second! - first!).toBeGreaterThan(190);
  });

  test('allow_step_skipping and allow_early_termination: who may leave a step, and the flow', async () => {
    for (const [allowed, expected] of [
      [true, 'done'],
      [false, 'forbidden'],
    ] as const) {
      const skipping = await openSystem(asking({ allow_step_skipping: allowed }));
      const { key } = await talkIn(skipping);
      expect(await outcome(skipping.conversations.skip(key))).toBe(expected);
      const ending = await openSystem(asking({ allow_early_termination: allowed }));
      const other = await talkIn(ending);
      expect(await outcome(ending.conversations.cancel(other.key))).toBe(expected);
    }
  });

  test('resume_on_failure: whether a conversation outlives a step that fails', async () => {
    for (const [resume, expected] of [
      [true, 'active'],
      [false, 'failed'],
    ] as const) {
      const system = await openSystem(
        talking({ resume_on_failure: resume }),
        {},
        failing(() => new Error('No')),
      );
      expect((await talkIn(system, 'hello')).turn.status).toBe(expected);
    }
  });

  test('persist_state: whether it is kept beyond the process', async () => {
    for (const [kept, expected] of [
      [true, 'done'],
      [false, 'not_found'],
    ] as const) {
      const settings = { backend: 'file', state_directory: `./kept-${kept}` };
      const flow = asking({ persist_state: kept });
      const system = await openSystem(flow, settings);
      const { key } = await talkIn(system, 'pomegranate');
      expect((await system.conversations.status(key)).state).toEqual({ one: 'pomegranate' });
      await opened.pop()!.close();
      const again = await openSystem(flow, settings);
      expect(await outcome(again.conversations.status(key))).toBe(expected);
      expect((await onDisk(`kept-${kept}`)).includes('pomegranate')).toBe(kept);
    }
  });

  test('compress_state and encrypt_sensitive_data: in what form', async () => {
    const said = `pomegranate ${'and so on '.repeat(500)}`;
    const sizes: Record<string, number> = {};
    for (const [name, flow] of [
      ['plain', { compress_state: false }],
      ['compressed', { compress_state: true }],
      ['encrypted', { encrypt_sensitive_data: true }],
    ] as const) {
      const system = await openSystem(asking(flow), {
        backend: 'file',
        state_directory: './form',
        encryption_key: 'ab'.repeat(32),
      });
      await talkIn(system, said);
      await opened.pop()!.close();
      const text = await onDisk('form');
      expect(text.includes('pomegranate')).toBe(name === 'plain');
      sizes[name] = text.length;
      await rm(join(directory, 'form'), { recursive: true });
    }
    expect(sizes['compressed']).toBeLessThan(sizes['plain']! / 2);
    expect(sizes['encrypted']).toBeGreaterThan(sizes['plain']! / 2);
  });

  test('parallel_validation: whether checks of several answers run side by side', async () => {
    for (const parallel of [true, false]) {
      let [now, most] = [0, 0];
      const check: Field['check'] = async (value) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 20));
        now -= 1;
        return { kind: 'value', value };
      };
      const fields = (['guests', 'day'] as const).map((name): Field => ({
        name,
        type: name === 'day' ? 'date' : 'integer',
        check,
      }));
      const step = formStep({ name: 'booking', form: { name: 'booking', fields } });
      const system = await openSystem({
        id: 'booking',
        name: 'Booking',
        description: '',
        pattern: 'information_gathering',
        steps: [step],
        start: 'booking',
        ends: ['booking'],
        settings: { ...defaultFlowSettings, parallelValidation: parallel },
        variables: {},
      });
      await talkIn(system, 'guests: 3, day: 2026-05-04');
      expect(most).toBe(parallel ? 2 : 1);
    }
  });

  test('cache_agent_responses: whether an agent is asked the same again', async () => {
    for (const [cached, expected] of [
      [true, 1],
      [false, 2],
    ] as const) {
      let calls = 0;
      const clerk = {
        respond: async () => {
          calls += 1;
          return { text: 'Well.' };
        },
      };
      const system = await openSystem(talking({ cache_agent_responses: cached }), {}, { clerk });
      for (let times = 0; times < 2; times += 1)
        expect(words((await talkIn(system, 'hello')).turn)).toContain('Well.');
      expect(calls).toBe(expected);
    }
  });

  test('V23 shared_memory: whether agents hear one another', async () => {
    for (const shared of [true, false]) {
      const heard: AgentRequest['history'][] = [];
      const agent = (text: string) => ({
        respond: async ({ history }: AgentRequest) => {
          heard.push(history);
          return { text };
        },
      });
      const flow = {
        id: 'both',
        name: 'Both',
        steps: ['first', 'second'].map((id) => ({
          id,
          type: 'agent_response',
          agent: id,
          prompt: 'Speak.',
        })),
      };
      const agents = { first: agent('I was here.'), second: agent('So was I.') };
      await talkIn(await openSystem(flow, { memory: { shared_memory: shared } }, agents));
      expect(heard[1]!.map(({ content }) => content)).toEqual(shared ? ['I was here.'] : []);
    }
  });

  test('what a flow says beats what the settings say for all', async () => {
    const settings = { flows: { enable_rollback: false, allow_step_skipping: true } };
    const system = await openSystem(asking({ enable_rollback: true }), settings);
    const { key } = await talkIn(system, 'a');
    expect(await outcome(system.conversations.rollback(key, { steps: 1 }))).toBe('done');
    expect(await outcome(system.conversations.skip(key))).toBe('done');
  });
});

describe('V11 settings of sessions', () => {
  test('default_timeout: how long a question waits when its flow does not say', async () => {
    for (const [seconds, expected] of [
      [1000, 'paused'],
      [1002, 'active'],
    ] as const) {
      const session_config = { default_timeout: seconds };
      const system = await openSystem(asking(), { session_config });
      const { key } = await talkIn(system);
      clock.advance(1_001_000);
      await system.conversations.sweep();
      expect((await system.conversations.status(key)).status).toBe(expected);
    }
  });

  test('max_concurrent_sessions: how many are open at once, of all tenants', async () => {
    const system = await openSystem(asking(), { session_config: { max_concurrent_sessions: 2 } });
    const { key } = await talkIn(system);
    const start = (tenant: string) => outcome(system.startSession({ flow: 'asking', tenant }));
    expect(await start('a')).toBe('done');
    expect(await start('b')).toBe('too_many_requests');
    await system.conversations.cancel(key);
    expect(await start('b')).toBe('done');
  });

  test('idle_session_timeout and session_cleanup_interval: when and how soon an idle one ends by itself', async () => {
    const system = await openSystem(asking({ interaction_timeout: 9000 }), {
      session_config: { idle_session_timeout: 1800, session_cleanup_interval: 1 },
    });
    const { key } = await talkIn(system);
    clock.advance(1_801_000);
    const status = async () =>
      (await system.conversations.list({ tenant: key.tenant })).items[0]?.status;
    await expect.poll(status, { timeout: 10_000 }).toBe('expired');
    const patient = await openSystem(asking({ interaction_timeout: 9000 }), {
      session_config: { idle_session_timeout: 1802 },
    });
    const other = await talkIn(patient);
    clock.advance(1_801_000);
    await patient.conversations.sweep();
    expect((await patient.conversations.status(other.key)).status).toBe('active');
  });
});

describe('V12 settings of errors', () => {
  test('fallback_responses: what users read, by what went wrong', async () => {
    const hangs: Agents = {
      clerk: {
        respond: (_, signal) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason as Error)),
          ),
      },
    };
    const settings = {
      error_config: {
        fallback_responses: {
          agent_timeout: 'Late.',
          agent_error: 'Wrong.',
          network_error: 'Away.',
        },
      },
      performance_config: { step_timeout: 0.05 },
    };
    for (const [agents, expected] of [
      [hangs, 'Late.'],
      [failing(() => new Error('No')), 'Wrong.'],
      [failing(away), 'Away.'],
    ] as const) {
      const system = await openSystem(talking(), settings, agents);
      expect(words((await talkIn(system, 'hello')).turn)).toBe(expected);
    }
  });

  test('max_retries, retry_delay and auto_recovery: for flows that do not say themselves', async () => {
    let calls = 0;
    const { settings: _, ...flow } = talking();
    const agents = failing(() => {
      calls += 1;
      return away();
    });
    const error_config = { max_retries: 2, retry_delay: 0, auto_recovery: false };
    const system = await openSystem(flow, { error_config }, agents);
    expect((await talkIn(system, 'hello')).turn.status).toBe('failed');
    expect(calls).toBe(3);
  });
});

describe('V13 settings of performance', () => {
  test('parallel_execution: whether turns of one tenant run side by side', async () => {
    for (const parallel of [true, false]) {
      let [now, most] = [0, 0];
      let arrive = () => {};
      const bothIn = new Promise<void>((resolve) => (arrive = resolve));
      const clerk = {
        respond: async () => {
          now += 1;
          most = Math.max(most, now);
          if (now === 2) arrive();
          // Side by side each waits for the other; else nobody comes, and a while proves it.
          const alone = parallel ? [] : [new Promise((resolve) => setTimeout(resolve, 50))];
          await Promise.race([bothIn, ...alone]);
          now -= 1;
          return { text: 'Well.' };
        },
      };
      const system = await openSystem(
        talking(),
        { performance_config: { parallel_execution: parallel } },
        { clerk },
      );
      await Promise.all([talkIn(system, 'a'), talkIn(system, 'b')]);
      expect(most).toBe(parallel ? 2 : 1);
    }
  });

  test('max_workflow_duration: how long a conversation lasts in all', async () => {
    for (const [seconds, expected] of [
      [100, 'expired'],
      [102, 'active'],
    ] as const) {
      const performance_config = { max_workflow_duration: seconds };
      const system = await openSystem(asking(), { performance_config });
      const { key } = await talkIn(system);
      clock.advance(50_000);
      await system.conversations.send(key, { content: 'still here' });
      clock.advance(51_000);
      await system.conversations.sweep();
      expect((await system.conversations.status(key)).status).toBe(expected);
    }
  });
});

describe('V15 V18 retention', () => {
  test('conversation_ttl, checkpoint_ttl and max_checkpoints_per_session: what is kept, and for how long', async () => {
    const system = await openSystem(asking({ auto_checkpoint: false, max_rollback_steps: 1 }), {
      sqlite: { retention: { conversation_ttl: 500, checkpoint_ttl: 300, session_ttl: 5000 } },
      general: { max_checkpoints_per_session: 2 },
    });
    const { conversations } = system;
    const { key } = await talkIn(system, 'a');
    for (const label of ['x', 'y', 'z']) {
      await conversations.checkpoint(key, label);
      clock.advance(100_000);
    }
    const labels = async () => (await conversations.checkpoints(key)).map(({ label }) => label);
    expect(await labels()).toEqual(['z', 'y']);
    expect(await outcome(conversations.rollback(key, { checkpoint: 'x' }))).toBe('gone');
    expect(await outcome(conversations.rollback(key, { checkpoint: 'y' }))).toBe('done');
    clock.advance(150_000);
    expect(await labels()).toEqual(['z']);
    clock.advance(300_000);
    expect(await conversations.sweep()).toBe(0);
    expect(await labels()).toEqual([]);
    clock.advance(300_000);
    expect(await conversations.sweep()).toBe(1);
    expect(await outcome(conversations.status(key))).toBe('not_found');
  });

  test('session_ttl: when one in which nothing happens ends', async () => {
    const system = await openSystem(asking({ interaction_timeout: 9000 }), {
      retention: { session_ttl: 100 },
    });
    const { key } = await talkIn(system);
    clock.advance(101_000);
    await system.conversations.sweep();
    expect((await system.conversations.status(key)).status).toBe('expired');
  });

  test('V17 max_file_size: how much one conversation takes', async () => {
    const system = await openSystem(asking(), { backend: 'file', file: { max_file_size: 20_000 } });
    const { key } = await talkIn(system, 'short');
    const long = { content: 'x'.repeat(30_000) };
    expect(await outcome(system.conversations.send(key, long))).toBe('too_large');
    expect(await outcome(system.conversations.send(key, { content: 'short' }))).toBe('done');
  });
});

describe('V20 quotas of a tenant', () => {
  test('max_sessions_per_tenant, max_steps_per_session and rate_limit_per_minute', async () => {
    const quota = (quota_limits: object) => ({ session_config: { quota_limits } });
    const sessions = await openSystem(asking(), quota({ max_sessions_per_tenant: 2 }));
    const start = (tenant: string) => outcome(sessions.startSession({ flow: 'asking', tenant }));
    const racing = await Promise.all(Array.from({ length: 100 }, () => start('a')));
    expect(racing.filter((each) => each === 'done')).toHaveLength(2);
    expect(await start('b')).toBe('done');

    const steps = await openSystem(asking(), quota({ max_steps_per_session: 3 }));
    const { key } = await talkIn(steps);
    expect(await outcome(steps.conversations.send(key, { content: 'a' }))).toBe('done');
    expect(await outcome(steps.conversations.send(key, { content: 'b' }))).toBe(
      'too_many_requests',
    );

    const rate = await openSystem(asking(), quota({ rate_limit_per_minute: 1 }));
    const other = await talkIn(rate, 'a');
    expect(await outcome(rate.conversations.send(other.key, { content: 'b' }))).toBe(
      'too_many_requests',
    );
    clock.advance(60_000);
    expect(await outcome(rate.conversations.send(other.key, { content: 'b' }))).toBe('done');
  });
});

/** All that is below a directory, as text. */
async function onDisk(name: string): Promise<string> {
  const files = await readdir(join(directory, name), { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}
