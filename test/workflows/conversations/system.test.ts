import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GraphwrightError } from '../../../src/errors.ts';
import { openStateFile } from '../../../src/ontology/embedded/state-file.ts';
import { FakeClock } from '../../../src/testing/fake-clock.ts';
import type { Session } from '../../../src/workflows/conversations/conversation.ts';
import type { StepContext, StepResult } from '../../../src/workflows/conversations/flow.ts';
import type { AcceptedMessage } from '../../../src/workflows/conversations/message.ts';
import { ConversationStep } from '../../../src/workflows/conversations/step.ts';
import {
  ConversationSystem,
  type ConversationSystemConfiguration,
} from '../../../src/workflows/conversations/system/conversation-system.ts';
import { ResourceMonitor } from '../../../src/workflows/conversations/system/resource-monitor.ts';

let directory: string;
const opened: ConversationSystem[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'graphwright-system-'));
});
afterEach(async () => {
  for (const system of opened.splice(0)) await system.close();
  await rm(directory, { recursive: true });
});

async function openSystem(
  configuration: Partial<ConversationSystemConfiguration> = {},
): Promise<ConversationSystem> {
  const system = await ConversationSystem.open({ directory, flows: [survey], ...configuration });
  opened.push(system);
  return system;
}

/** Ends a system as a process' end would, and opens another one on the same data. */
async function reopened(system: ConversationSystem, ...given: Parameters<typeof openSystem>) {
  opened.splice(opened.indexOf(system), 1);
  await system.close();
  return openSystem(...given);
}

const survey = {
  flow_id: 'survey',
  name: 'Survey',
  steps: [
    {
      step_id: 'city',
      step_type: 'user_input',
      prompt: 'Which city?',
      input_schema: { type: 'text' },
    },
    {
      step_id: 'street',
      step_type: 'user_input',
      prompt: 'Which street?',
      input_schema: { type: 'text' },
    },
    { step_id: 'thanks', step_type: 'agent_response', prompt: 'You live in {city}.' },
  ],
};

class AskColour extends ConversationStep {
  readonly name = 'colour';

  override arrive(): StepResult {
    return { action: 'repeat', response: 'Which colour?' };
  }

  execute({ content }: AcceptedMessage, _: Session, { flow }: StepContext): StepResult {
    const { checkpointInterval } = flow.settings;
    return { action: 'complete', response: `${content} after ${checkpointInterval}` };
  }
}

const words = ({ replies }: { replies: readonly { content: string }[] }) =>
  replies.map(({ content }) => content);

describe('V26 a system', () => {
  test('has flows from files, data and step classes, all with the defaults of the settings', async () => {
    const file = join(directory, 'hello.yaml');
    await writeFile(
      file,
      'id: hello\nname: Hello\nsteps:\n  - { id: hi, type: agent_response, prompt: Hello. }\n',
    );
    const colours = { id: 'colours', name: 'Colours', description: '', steps: [new AskColour()] };
    const system = await openSystem({
      settings: { backend: 'memory', general: { checkpoint_interval: 7 } },
      flows: [survey, file, colours],
    });
    expect(system.flows.map(({ id }) => id)).toEqual(['survey', 'hello', 'colours']);
    expect(words(await system.startSession({ flow: 'hello' }))).toEqual(['Hello.']);
    const { sessionId, replies } = await system.startSession({ flow: 'colours' });
    expect(words({ replies })).toEqual(['Which colour?']);
    expect(words(await system.send(sessionId, { content: 'Red' }))).toEqual(['Red after 7000']);
    expect(system.flows.map(({ settings }) => settings.checkpointInterval)).toEqual([
      7000, 7000, 7000,
    ]);
  });

  test('refuses bad flows with all that is wrong in all of them, before it opens anything', async () => {
    const flows = [
      { id: 'one', name: 'One', steps: [{ id: 'a', type: 'agent_responce' }] },
      { id: 'two', name: 'Two', steps: [{ id: 'b', type: 'agent_response', promt: 'Hi' }] },
    ];
    const error = await openSystem({ flows }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid_configuration' });
    expect((error as GraphwrightError).message).toMatch(
      /Flow one: .*Flow two: .*did you mean prompt/,
    );
    expect(await readdir(directory)).toEqual([]);
  });

  test('V2 starts, continues, pauses, resumes, tells progress and what is asked for, rolls back and cancels', async () => {
    const { conversations, ...system } = await openSystem({ settings: { backend: 'memory' } });
    expect(system).toBeDefined();
    const key = await conversations.start({
      tenant: 'default',
      flow: 'survey',
      session: { id: 's' },
    });
    await conversations.send(key, { content: 'Paris' });
    expect(await conversations.status(key)).toMatchObject({
      status: 'active',
      progress: { done: 1, total: 3 },
      pending: { prompt: 'Which street?' },
    });
    expect((await conversations.pause(key)).status).toBe('paused');
    await expect(conversations.send(key, { content: 'x' })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await conversations.resume(key)).status).toBe('active');
    expect(words(await conversations.rollback(key, { steps: 1 }))).toEqual(['Which city?']);
    expect((await conversations.cancel(key)).status).toBe('cancelled');
  });

  test('takes up its sessions after a restart, those of its own tenant alone', async () => {
    const settings = {
      backend: 'file',
      session_config: { tenant_id: 'acme', session_prefix: 'tenant_acme_' },
    };
    let system = await openSystem({ settings });
    const { sessionId, tenant } = await system.startSession({ flow: 'survey' });
    expect(sessionId).toMatch(/^tenant_acme_/);
    expect(tenant).toBe('acme');
    await system.startSession({ flow: 'survey', sessionId, tenant: 'other' });
    await system.send(sessionId, { content: 'Paris' });
    system = await reopened(system, { settings });
    expect(await system.activeSessions()).toMatchObject([
      { sessionId, tenant: 'acme', version: 2 },
    ]);
    const last = await system.send(sessionId, { content: 'Rue A' });
    expect(words(last)).toEqual(['You live in Paris.']);
    expect(await system.activeSessions()).toEqual([]);
    expect(await system.activeSessions('other')).toHaveLength(1);
    await expect(system.send(sessionId, { content: 'x' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('V10 makes agents when they are first needed, and disposes of those it made', async () => {
    const events: string[] = [];
    const agent = (name: string) => () => {
      events.push(`${name} made`);
      return {
        respond: async () => ({ text: `${name} speaks` }),
        async [Symbol.asyncDispose]() {
          events.push(`${name} gone`);
          throw new Error('It does not want to');
        },
      };
    };
    const talk = (id: string, lazy: boolean) => ({
      id,
      name: id,
      settings: { lazy_load_agents: lazy },
      steps: [{ id: 'say', type: 'agent_response', agent: 'one', prompt: 'Speak.' }],
    });
    const agents = { one: agent('one'), two: agent('two') };
    const warnings: GraphwrightError[] = [];
    const onWarning = (warning: GraphwrightError) => warnings.push(warning);
    const settings = { backend: 'memory' };
    const system = await openSystem({ settings, agents, onWarning, flows: [talk('lazy', true)] });
    expect(events).toEqual([]);
    for (let times = 0; times < 2; times += 1)
      expect(words(await system.startSession({ flow: 'lazy' }))).toEqual(['one speaks']);
    expect(events).toEqual(['one made']);
    await reopened(system, { settings, agents, flows: [talk('eager', false)] });
    expect(events.slice(0, 2)).toEqual(['one made', 'one gone']);
    expect(events.slice(2).toSorted()).toEqual(['one made', 'two made']);
    expect(warnings).toHaveLength(1);
  });

  test('V22 counts conversations by status and flow, with their commits and how long they lasted', async () => {
    const clock = new FakeClock();
    const system = await openSystem({ settings: { backend: 'memory' }, now: clock.now });
    const { sessionId } = await system.startSession({ flow: 'survey' });
    await system.send(sessionId, { content: 'Paris' });
    clock.advance(4000);
    await system.send(sessionId, { content: 'Rue A' });
    await system.startSession({ flow: 'survey', sessionId: 'again' });
    await system.startSession({ flow: 'survey', sessionId: 'again' });
    await system.startSession({ flow: 'survey', tenant: 'other' });
    expect(await system.statistics()).toEqual({
      conversations: 3,
      open: 2,
      byStatus: { completed: 1, active: 2 },
      byFlow: {
        survey: { conversations: 3, completed: 1, meanCommits: 5 / 3, meanDuration: 4000 },
      },
      activeSessions: 1,
      commits: 5,
    });
  });

  test('uses the state file of the application, beside what else is in it', async () => {
    const state = await openStateFile({ path: join(directory, 'state.db') });
    const tables = { conversations: 'talks', steps: 'order' };
    let system = await openSystem({ state, settings: { sqlite: { tables } } });
    const { sessionId } = await system.startSession({ flow: 'survey' });
    system = await reopened(system, { state, settings: { sqlite: { tables } } });
    await system.send(sessionId, { content: 'Paris' });
    expect(await state.read({ sql: 'SELECT count(*) AS n FROM talks' })).toEqual([{ n: 1 }]);
    expect(await state.read({ sql: 'SELECT count(*) AS n FROM "order"' })).toEqual([{ n: 2 }]);
    const other = await openSystem({ state });
    expect(await other.activeSessions()).toEqual([]);
    await expect(openSystem({ state, settings: { sqlite: { autoVacuum: true } } })).rejects.toThrow(
      /give sqlite.databasePath/,
    );
    await other.close();
    await system.close();
    await state.close();
  });
});

describe('V13 resource monitoring', () => {
  test('tells how busy the process is, where the settings ask for it', async () => {
    const performance = (on: boolean) => ({
      settings: { backend: 'memory', performance_config: { resource_monitoring: on } },
    });
    const { resources } = await (await openSystem(performance(true))).statistics();
    expect(resources?.heap.used).toBeGreaterThan(0);
    expect(resources?.memory).toBeGreaterThan(resources!.heap.used / 2);
    expect(resources?.eventLoopLag.p99).toBeGreaterThanOrEqual(0);
    expect((await (await openSystem(performance(false))).statistics()).resources).toBeUndefined();
  });

  test('warns of an event loop that is held up, and of a heap that is nearly full', async () => {
    const warnings: string[] = [];
    const monitor = new ResourceMonitor({
      onWarning: ({ message }) => warnings.push(message),
      interval: 50,
      lag: 60,
      heap: 0,
    });
    await expect
      .poll(
        () => {
          const until = performance.now() + 150;
          while (performance.now() < until);
          return warnings.join(' ');
        },
        { timeout: 10_000, interval: 30 },
      )
      .toMatch(
        /event loop was held up.*bytes of the heap|bytes of the heap.*event loop was held up/,
      );
    monitor.close();
  });
});

describe('V21 encryption', () => {
  const key = 'ab'.repeat(32);

  test('goes on with a new key, reads what the old one wrote, and nothing without it', async () => {
    const newest = 'cd'.repeat(32);
    const settings = (general: object) => ({ backend: 'file', general });
    let system = await openSystem({
      settings: settings({ enable_encryption: true, encryption_key: key }),
    });
    const { sessionId } = await system.startSession({ flow: 'survey' });
    await system.send(sessionId, { content: 'Paris' });
    system = await reopened(system, {
      settings: settings({
        enable_encryption: true,
        encryption_key: newest,
        encryption_keys: [key],
      }),
    });
    expect(words(await system.send(sessionId, { content: 'Rue A' }))).toEqual([
      'You live in Paris.',
    ]);
    const again = await system.startSession({ flow: 'survey' });
    system = await reopened(system, {
      settings: settings({ enable_encryption: true, encryption_key: newest }),
    });
    expect((await system.conversations.status(again)).status).toBe('active');
    const [old] = (await system.conversations.list({ tenant: 'default', status: 'completed' }))
      .items;
    await expect(system.conversations.history(old!)).rejects.toMatchObject({
      code: 'store_damaged',
    });
  });

  test('may be asked of every record: what is in the clear is refused', async () => {
    let system = await openSystem({ settings: { backend: 'file' } });
    const begun = await system.startSession({ flow: 'survey' });
    const general = { enable_encryption: true, encrypted_only: true, encryption_key: key };
    system = await reopened(system, { settings: { backend: 'file', general } });
    await expect(system.conversations.status(begun)).rejects.toMatchObject({
      code: 'store_damaged',
    });
  });
});
