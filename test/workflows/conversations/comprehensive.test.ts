import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { comprehensiveFlow } from '../../../src/workflows/conversations/examples/comprehensive/comprehensive-flow.ts';
import { openSqliteConversations } from '../../support/sqlite-conversations.ts';
import {
  complex,
  key,
  openComprehensive,
  simple,
  startComprehensive,
  talkThrough,
} from './comprehensive-kit.ts';

const begun = ['welcome', 'identify_need', 'analyze_request'];
const simply = [...begun, 'provide_solution', 'get_feedback', 'handle_feedback'];

describe('V25 the comprehensive flow, from welcome to completion', () => {
  test('has all of its steps and V10 the settings of the document', async () => {
    const { steps, settings, pattern, start, ends } = await comprehensiveFlow();
    expect(steps.map(({ name }) => name)).toEqual([
      'welcome',
      'identify_need',
      'analyze_request',
      'collect_details',
      'process_details',
      'provide_solution',
      'present_solution',
      'get_feedback',
      'handle_feedback',
      'followup_questions',
      'answer_questions',
      'check_satisfaction',
      'completion',
    ]);
    expect({ pattern, start, ends }).toEqual({
      pattern: 'step_by_step_process',
      start: 'welcome',
      ends: ['completion'],
    });
    expect(settings).toMatchObject({
      enableRollback: true,
      autoCheckpoint: true,
      checkpointInterval: 30_000,
      maxRollbackSteps: 5,
      interactionTimeout: 600_000,
      maxRetries: 3,
      retryDelay: 2000,
      allowStepSkipping: false,
      allowEarlyTermination: true,
      resumeOnFailure: true,
      persistState: true,
      compressState: true,
      encryptSensitiveData: true,
      lazyLoadAgents: true,
      parallelValidation: true,
      cacheAgentResponses: false,
    });
    const need = steps.find(({ name }) => name === 'identify_need');
    expect(need?.answerTimeout).toBe(300_000);
  });

  test('a simple request gets its solution at once', async () => {
    const { replies, steps, state, status } = await talkThrough([...simple, '1']);
    expect(replies[0]).toMatch(/Welcome!.*\n.*How can I help you today\?/);
    expect(replies[1]).toContain('reset my password');
    expect(replies[1]).toContain('1. Perfect, this is exactly what I needed');
    expect(replies[2]).toContain('To sum up: we looked at "I want to reset my password"');
    expect(steps).toEqual([...simply, 'completion']);
    expect(state).toMatchObject({
      user_request: 'I want to reset my password',
      initial_intent: 'I want to reset my password',
      request_complexity: 'simple_request',
      get_feedback: 'perfect',
      satisfaction_level: 'satisfied',
    });
    expect(status).toBe('completed');
  });

  test('V6 V7 a complex one is asked about in detail first, and goes to the specialist', async () => {
    const { replies, steps, state, turns, status } = await talkThrough([...complex, 'perfect']);
    expect(replies[1]).toContain('Please say how many people it is for.');
    expect(replies[1]).toContain('What are your specific requirements?');
    expect(replies[2]).toContain('1. Urgent (today)');
    expect(replies[4]).toContain('I keep to the budget: At most 500 euros.');
    expect(replies[4]).toContain('I recommend option B');
    expect(turns[4]?.replies.map(({ metadata }) => metadata?.['agent'])).toEqual([
      'specialist',
      'specialist',
      undefined,
    ]);
    expect(steps).toEqual([
      ...begun,
      'collect_details',
      'process_details',
      'present_solution',
      'get_feedback',
      'handle_feedback',
      'completion',
    ]);
    expect(state).toMatchObject({
      specific_requirements: 'All 40 people keep their data',
      timeline: 'soon',
      budget_considerations: 'At most 500 euros',
    });
    expect(status).toBe('completed');
  });

  test('V9 details may be left out', async () => {
    const { state, step } = await talkThrough([complex[0]!, "that's all"]);
    expect(step).toBe('get_feedback');
    expect(state['specific_requirements']).toBeUndefined();
  });

  test.each([
    ['Perfect, this is exactly what I needed', 'perfect', 'completed'],
    ['Good, but I have some questions', 'questions', 'active'],
    ['3', 'adjustments', 'active'],
    ['not_right', 'not_right', 'active'],
    ['I need to think about this', 'thinking', 'completed'],
    ['Thanks, that solved it', 'Thanks, that solved it', 'completed'],
    ['It is too expensive for me', 'It is too expensive for me', 'active'],
  ])('V8 the feedback "%s" counts as %s', async (said, value, status) => {
    const talked = await talkThrough([...simple, said]);
    expect(talked.state['get_feedback']).toBe(value);
    expect(talked.status).toBe(status);
    expect(talked.step).toBe(status === 'active' ? 'followup_questions' : 'completion');
  });

  test('questions are answered in a loop, until there are none', async () => {
    const loop = ['followup_questions', 'answer_questions', 'check_satisfaction'];
    for (const last of ['Yes, that covers everything', "No, I'm all set"]) {
      const { steps, replies, status } = await talkThrough([
        ...simple,
        'questions',
        'Does it take long?',
        'I have one more question',
        'Is it free?',
        last,
      ]);
      expect(replies[3]).toContain('About "Does it take long?"');
      expect(replies[5]).toContain('About "Is it free?"');
      expect(steps).toEqual([...simply, ...loop, ...loop, 'completion']);
      expect(status).toBe('completed');
    }
  });

  test('something else begins with the need again, and asks for its details anew', async () => {
    const { steps, state, replies, status } = await talkThrough([
      ...complex,
      'questions',
      'Does it take long?',
      'I need help with something else',
      'Compare the two contracts for me',
      'Only the prices matter',
      'urgent',
      'skip',
      'perfect',
    ]);
    expect(replies[7]).toContain('How can I help you today?');
    expect(replies[8]).toContain('What are your specific requirements?');
    expect(state).toMatchObject({
      user_request: 'Compare the two contracts for me',
      specific_requirements: 'Only the prices matter',
      timeline: 'urgent',
    });
    // What was said of the budget of the first request is nothing of the second one's.
    expect(state['budget_considerations']).toBeUndefined();
    expect(replies[11]).not.toContain('500');
    expect(steps.filter((step) => step === 'collect_details')).toHaveLength(2);
    expect(status).toBe('completed');
  });

  test('V7 asks again with numbers and hints', async () => {
    const { replies, step, state } = await talkThrough(['help', 'x'.repeat(501), ...simple, '17']);
    expect(replies[1]).toContain('Attempt 2 of 3');
    expect(replies[1]).toContain('Please provide at least a brief description.');
    expect(replies[2]).toContain('Attempt 3 of 3');
    // The feedback may be in one's own words, so that this is no mistake.
    expect(state['get_feedback']).toBe('17');
    expect(step).toBe('followup_questions');
  });

  test('an agent that decides nothing known leads to more help, not into the void', async () => {
    const silent = {
      respond: async () => ({ text: 'Hm.', update: { request_complexity: 'odd' } }),
    };
    const { steps } = await talkThrough([...simple, 'r', 'soon', 'skip', 'perfect'], {
      primary: silent,
      specialist: silent,
    });
    expect(steps.slice(2, 4)).toEqual(['analyze_request', 'collect_details']);
    expect(steps.at(-1)).toBe('handle_feedback');
  });

  test('V18 after a rollback another answer wins', async () => {
    const opened = await openSqliteConversations();
    const conversations = await openComprehensive(opened.storage);
    await startComprehensive(conversations);
    for (const content of [...complex, 'perfect']) await conversations.send(key, { content });
    expect(await conversations.status(key)).toMatchObject({ status: 'completed' });
    const back = await conversations.rollback(key, { steps: 3 });
    expect(back.replies.at(-1)?.content).toContain('What is your timeline?');
    for (const content of ['Urgent (today)', 'skip', 'perfect'])
      await conversations.send(key, { content });
    const { state, status } = await conversations.status(key);
    expect(state).toMatchObject({ timeline: 'urgent', get_feedback: 'perfect' });
    expect(state['budget_considerations']).toBeUndefined();
    expect(state['present_solution']).toContain('I recommend option A');
    expect(status).toBe('completed');
    await conversations.close();
    await opened.close();
  });

  test('V2 V14 pauses, stops in the middle, and goes on after a start on the same file', async () => {
    const opened = await openSqliteConversations();
    let conversations = await openComprehensive(opened.storage);
    await startComprehensive(conversations);
    for (const content of complex.slice(0, 2)) await conversations.send(key, { content });
    await conversations.pause(key);
    await expect(conversations.send(key, { content: 'soon' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await conversations.close();
    conversations = await openComprehensive(await opened.reopen!());
    expect((await conversations.status(key)).status).toBe('paused');
    await conversations.resume(key);
    for (const content of ['soon', 'skip', 'perfect']) await conversations.send(key, { content });
    const { state, status } = await conversations.status(key);
    expect(status).toBe('completed');
    expect(state).toMatchObject({
      specific_requirements: 'All 40 people keep their data',
      timeline: 'soon',
    });
    await conversations.close();
    await opened.close();
  });

  test('comes with the package', async () => {
    const { files } = JSON.parse(await readFile('package.json', 'utf8')) as { files: string[] };
    expect(files).toContain('flows');
  });
});
