import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Conversations } from '../../../src/workflows/conversations/engine/conversations.ts';
import type { ConversationAgent } from '../../../src/workflows/conversations/agent.ts';
import { compileFlow } from '../../../src/workflows/conversations/flows/compile-flow.ts';
import { parseFlow } from '../../../src/workflows/conversations/flows/read-flow.ts';
import { MemoryConversations } from '../../../src/workflows/conversations/storage/memory.ts';
import type { Json } from '../../../src/workflows/conversations/json.ts';
import { GraphwrightError } from '../../../src/errors.ts';
import { Workflow } from '../../../src/workflows/workflow.ts';

/** Finds orders without a database. */
class FindOrders extends Workflow<object> {
  readonly name = 'find_orders';
  readonly description = 'Find orders.';
  override readonly hints = { readOnly: true };
  readonly parameters = z.object({ customer: z.string() });
  readonly result = z.object({ orders: z.array(z.object({ id: z.string(), status: z.string() })) });
  async run({ customer }: { customer: string }) {
    return { orders: customer === 'Ada' ? [{ id: 'o1', status: 'shipped' }] : [] };
  }
}

const workflows = [new FindOrders({})];
const session = { id: 's1', userId: 'u1' };

/** Talks through a flow: what is said, and what it answers. */
async function talk(
  definition: unknown,
  said: readonly Json[],
  agents: Record<string, ConversationAgent> = {},
) {
  const flow = compileFlow(definition, { agents: Object.keys(agents), workflows });
  const storage = new MemoryConversations();
  const conversations = await Conversations.open({ storage, flows: [flow], agents });
  const first = await conversations.start({ tenant: 't', flow: flow.id, session });
  const turns = [first];
  for (const content of said)
    turns.push(await conversations.send({ tenant: 't', id: first.id }, { content }));
  const { state, status, step } = await conversations.status(first);
  await conversations.close();
  const replies = turns.map((turn) => turn.replies.map(({ content }) => content).join('\n'));
  return { replies, state, status, step, turns };
}

/** What is wrong with a flow. */
function problemsOf(definition: unknown, agents: readonly string[] = []): string[] {
  try {
    compileFlow(definition, { agents, workflows });
    return [];
  } catch (thrown) {
    if (!(thrown instanceof GraphwrightError) || thrown.code !== 'invalid_configuration')
      throw thrown;
    return thrown.problems.map(({ pointer, detail }) => `${pointer} ${detail}`);
  }
}

const survey = {
  flow_id: 'survey',
  name: 'Survey',
  start_step: 'rating',
  end_steps: ['thanks', 'sorry'],
  steps: [
    {
      step_id: 'rating',
      step_type: 'user_input',
      prompt: 'How was it?',
      input_schema: {
        type: 'choice',
        options: [{ value: 'good', label: 'It was good' }, 'Bad'],
        required: true,
      },
      conditional_logic: { condition: 'user_choice', good: 'thanks', bad: 'why' },
    },
    {
      step_id: 'why',
      step_type: 'user_input',
      prompt: 'You said {rating}. Why?',
      input_schema: { type: 'text', min_length: 5, validation_hints: ['A few words are enough'] },
      next_steps: ['sorry'],
    },
    { step_id: 'thanks', step_type: 'agent_response', prompt: 'Thank you!', next_steps: ['end'] },
    { step_id: 'sorry', step_type: 'agent_response', prompt: 'Sorry about: {why}' },
  ],
};

describe('V3 V5 a flow as data', () => {
  test('V8 goes by the value of an option, however it is answered', async () => {
    for (const answer of ['It was good', 'good', '1', 'it was GOOD']) {
      const { replies, state, status } = await talk(survey, [answer]);
      expect(replies[0]).toContain('How was it?');
      expect(replies[1]).toBe('Thank you!');
      expect(state['rating']).toBe('good');
      expect(status).toBe('completed');
    }
  });

  test('V7 asks again, with numbers, until the answer fits, and fills in what was said', async () => {
    const { replies, status } = await talk(survey, ['purple', 'Bad', 'no', 'It was {rating}']);
    expect(replies[1]).toMatch(/Attempt 2 of 3/i);
    expect(replies[2]).toContain('You said bad. Why?');
    expect(replies[3]).toContain('A few words are enough');
    // What users write is no template.
    expect(replies[4]).toBe('Sorry about: It was {rating}');
    expect(status).toBe('completed');
  });

  test('is the same in YAML, and in both spellings', () => {
    const yaml = parseFlow(
      `
id: survey
name: Survey
startStep: rating
endSteps: [thanks, sorry]
steps:
  - { id: rating, type: user_input, prompt: How was it?, conditions: { cases: { good: thanks, bad: why } },
      input: { type: choice, options: [{ value: good, label: It was good }, Bad] } }
  - { id: why, type: user_input, prompt: 'You said {rating}. Why?', next: sorry,
      inputSchema: { type: text, minLength: 5, validationHints: [A few words are enough] } }
  - { id: thanks, type: agent_response, prompt: Thank you!, next: end }
  - { id: sorry, type: agent_response, prompt: 'Sorry about: {why}' }
`,
      'survey.yaml',
    );
    const plain = (flow: object) => JSON.parse(JSON.stringify(flow)) as unknown;
    expect(plain(yaml)).toEqual(plain(compileFlow(survey)));
  });

  test('V4 carries its pattern and V10 its settings, with times in seconds', () => {
    const { pattern, settings } = compileFlow({
      ...survey,
      pattern: 'information_gathering',
      settings: { max_retries: 5, retry_delay: 0.5, interactionTimeout: 900 },
    });
    expect(pattern).toBe('information_gathering');
    expect(settings).toMatchObject({ maxRetries: 5, retryDelay: 500, interactionTimeout: 900_000 });
  });

  test('V9 has what is said of its steps honoured, and carries the rest', () => {
    const [step] = compileFlow({
      ...survey,
      steps: [
        {
          ...survey.steps[0],
          metadata: {
            timeout: 300,
            required_context: ['colour'],
            max_iterations: 4,
            step_category: 'feedback',
          },
        },
        ...survey.steps.slice(1),
      ],
      variables: { colour: 'red' },
    }).steps;
    expect(step).toMatchObject({
      answerTimeout: 300_000,
      requiredContext: ['colour'],
      maxVisits: 4,
      metadata: { stepCategory: 'feedback' },
    });
  });

  test('V7 takes several fields from one message, by their own names', async () => {
    const { state, status } = await talk(
      {
        id: 'booking',
        name: 'Booking',
        steps: [
          {
            id: 'details',
            type: 'user_input',
            prompt: 'Tell me more.',
            input: {
              type: 'structured',
              fields: {
                guests: { type: 'integer', prompt: 'How many guests?', minimum: 0 },
                when: { type: 'choice', options: ['Today', 'Tomorrow'], prompt: 'When?' },
                note: { type: 'text', required: false, prompt: 'Anything else?' },
              },
            },
          },
          { id: 'done', type: 'agent_response', prompt: '{guests} guests, {when}' },
        ],
      },
      [{ guests: 0, when: 'tomorrow', note: '' }],
    );
    expect(status).toBe('completed');
    expect(state).toMatchObject({ guests: 0, when: 'tomorrow', note: '' });
    expect(state['details']).toEqual({ guests: 0, when: 'tomorrow', note: '' });
  });

  test('V8 goes by a value within what a query found, and V6 knows who talks', async () => {
    const definition = {
      id: 'orders',
      name: 'Orders',
      steps: [
        {
          id: 'found',
          type: 'database_query',
          query: 'find_orders',
          parameters: { customer: '{who}' },
          conditions: {
            condition: 'found.orders.0.status',
            rules: [{ key: 'found.orders.0', exists: false, to: 'none' }],
            cases: { shipped: 'shipped' },
            default: 'none',
          },
        },
        { id: 'shipped', type: 'agent_response', prompt: 'Shipped, {session.userId}', next: 'end' },
        { id: 'none', type: 'agent_response', prompt: 'None' },
      ],
    };
    const of = (who: string) => talk({ ...definition, variables: { who } }, []);
    expect((await of('Ada')).replies).toEqual(['Shipped, u1']);
    expect((await of('Bob')).replies).toEqual(['None']);
    const [first, ...others] = definition.steps;
    const rules = [{ key: 'fuond.orders.0', exists: true, to: 'shipped' }];
    const wrong = { ...first, conditions: { rules, default: 'none' } };
    expect(problemsOf({ ...definition, steps: [wrong, ...others] })).toEqual([
      expect.stringContaining('nothing sets {who}'),
      expect.stringContaining('nothing sets fuond.orders.0'),
    ]);
  });

  test('V7 asks for all fields anew when it comes back, and keeps each under its own name', async () => {
    const fields = {
      colour: { type: 'text' },
      note: { type: 'text', required: false },
    };
    const { replies, state } = await talk(
      {
        id: 'loop',
        name: 'Loop',
        end_steps: ['done'],
        steps: [
          {
            id: 'wish',
            type: 'user_input',
            prompt: 'Your wish.',
            input: { type: 'structured', fields },
            metadata: { data_collection: ['colour'] },
          },
          {
            id: 'again',
            type: 'user_input',
            prompt: 'Again?',
            input: { type: 'choice', options: ['Yes', 'No'] },
            conditions: { yes: 'wish', no: 'done' },
          },
          { id: 'done', type: 'agent_response', prompt: '{colour}/{note}' },
        ],
      },
      [{ colour: 'red', note: 'soon' }, 'yes', { colour: 'blue' }, 'skip', 'no'],
    );
    expect(replies[2]).toContain('Your wish.');
    expect(replies.at(-1)).toBe('blue/');
    expect(state).not.toHaveProperty('note');
  });

  test('leads nowhere else when every answer has its target', () => {
    const [rating] = compileFlow(survey).steps;
    expect(rating?.transitions).toEqual([
      { to: 'thanks', label: 'good' },
      { to: 'why', label: 'bad' },
    ]);
  });

  test('V5 asks the graph, and shows what it answers', async () => {
    const { replies, state } = await talk(
      {
        id: 'orders',
        name: 'Orders',
        pattern: 'database_interaction',
        steps: [
          { id: 'who', type: 'user_input', prompt: 'Who are you?' },
          {
            id: 'found',
            type: 'database_query',
            query: 'find_orders',
            parameters: { customer: '{who}' },
            prompt: 'Your orders:\n{found.orders}',
          },
        ],
      },
      ['Ada'],
    );
    expect(replies[1]).toBe('Your orders:\n- id: o1, status: shipped');
    expect(state['found']).toEqual({ orders: [{ id: 'o1', status: 'shipped' }] });
  });

  test('V8 decides by comparing what it knows', async () => {
    const flow = (value: Json) => ({
      id: 'tree',
      name: 'Tree',
      pattern: 'decision_tree',
      variables: { spent: value },
      end_steps: ['premium', 'plain', 'unknown'],
      steps: [
        {
          id: 'look',
          type: 'decision',
          conditions: {
            rules: [
              { key: 'spent', over: 5000, to: 'premium' },
              { key: 'spent', at_least: 0, to: 'plain' },
            ],
            default: 'unknown',
          },
        },
        { id: 'premium', type: 'agent_response', prompt: 'Premium', next: 'end' },
        { id: 'plain', type: 'agent_response', prompt: 'Plain', next: 'end' },
        { id: 'unknown', type: 'agent_response', prompt: 'Unknown' },
      ],
    });
    for (const [spent, said] of [
      [5001, 'Premium'],
      [5000, 'Plain'],
      [0, 'Plain'],
      ['9', 'Unknown'],
    ])
      expect((await talk(flow(spent as Json), [])).replies).toEqual([said]);
  });

  test('V4 waits for somebody to approve, whom it names', async () => {
    const flow = {
      id: 'expense',
      name: 'Expense',
      pattern: 'approval_workflow',
      end_steps: ['paid', 'refused'],
      steps: [
        {
          id: 'ok',
          type: 'approval',
          prompt: 'May this be paid?',
          approvers: ['u1'],
          conditions: { approved: 'paid', rejected: 'refused' },
        },
        { id: 'paid', type: 'agent_response', prompt: 'Paid, by {ok_by}', next: 'end' },
        { id: 'refused', type: 'agent_response', prompt: 'Refused' },
      ],
    };
    const { replies } = await talk(flow, ['hm', 'Yes']);
    expect(replies[1]).toContain('approve or reject');
    expect(replies[2]).toBe('Paid, by u1');
    expect((await talk(flow, [false])).replies[1]).toBe('Refused');
    const foreign = {
      ...flow,
      steps: [{ ...flow.steps[0], approvers: ['boss'] }, ...flow.steps.slice(1)],
    };
    expect((await talk(foreign, ['yes'])).replies[1]).toBe('This waits for the approval of boss.');
  });

  test('an agent speaks, and decides among the values of its condition', async () => {
    const asked: unknown[] = [];
    const flow = {
      id: 'help',
      name: 'Help',
      pattern: 'multi_agent_collaboration',
      end_steps: ['easy', 'hard'],
      steps: [
        { id: 'need', type: 'user_input', prompt: 'What do you need?' },
        {
          id: 'analyse',
          type: 'agent_response',
          agent: 'primary',
          prompt: 'Look at: {need}',
          conditions: { condition: 'complexity', simple: 'easy', complex: 'hard', default: 'hard' },
        },
        { id: 'easy', type: 'agent_response', prompt: 'Easy', next: 'end' },
        { id: 'hard', type: 'agent_response', prompt: 'Hard' },
      ],
    };
    const primary = (complexity: string): ConversationAgent => ({
      async respond({ prompt, decides }) {
        asked.push([prompt, decides]);
        return { text: 'I see.', update: { complexity, mood: 'calm' } };
      },
    });
    const { replies, state } = await talk(flow, ['A new key'], { primary: primary('simple') });
    expect(asked).toEqual([['Look at: A new key', { complexity: ['simple', 'complex'] }]]);
    expect(replies[1]).toBe('I see.\nEasy');
    expect(state).toMatchObject({ complexity: 'simple', mood: 'calm', analyse: 'I see.' });
    // What is none of the values is as if nothing had been decided.
    const nonsense = await talk(flow, ['A new key'], { primary: primary('__proto__') });
    expect(nonsense.replies[1]).toBe('I see.\nHard');
  });

  test('V10 remembers what an agent answered, when it is told to', async () => {
    for (const [cache_agent_responses, calls] of [
      [true, 1],
      [false, 2],
    ] as const) {
      let count = 0;
      const echo: ConversationAgent = { respond: async () => ({ text: `Hello ${(count += 1)}` }) };
      const flow = {
        id: 'echo',
        name: 'Echo',
        settings: { cache_agent_responses },
        steps: [{ id: 'hello', type: 'agent_response', agent: 'echo', prompt: 'Greet' }],
      };
      const compiled = compileFlow(flow, { agents: ['echo'] });
      const storage = new MemoryConversations();
      const conversations = await Conversations.open({
        storage,
        flows: [compiled],
        agents: { echo },
      });
      for (const id of ['a', 'b'])
        await conversations.start({ tenant: 't', id, flow: 'echo', session });
      await conversations.close();
      expect(count).toBe(calls);
    }
  });
});

describe('V3 a bad flow is refused, with all that is wrong at once', () => {
  const step = (more: object) => ({ id: 'a', type: 'agent_response', prompt: 'A', ...more });
  const flow = (...steps: object[]) => ({ id: 'f', name: 'F', steps });

  test('unknown keys and values, each with the nearest right one', () => {
    const problems = problemsOf({
      ...flow(
        step({ promt: 'x' }),
        { id: 'b', type: 'user_inptu', prompt: 'B' },
        { id: 'c', type: 'user_input', prompt: 'C', input: { type: 'text', minlength: 3 } },
        { id: '1', type: 'decision' },
      ),
      settings: { max_retrys: 3, retry_delay: 'soon' },
      start_stop: 'a',
    });
    expect(problems).toEqual([
      expect.stringMatching(/^\/steps\/0\/promt Step a: unknown key promt; did you mean prompt\?/),
      expect.stringMatching(/^\/steps\/1\/type Step b: /),
      expect.stringMatching(/^\/steps\/2\/input\/minlength Step c: .*did you mean minLength\?/),
      expect.stringMatching(/^\/steps\/3\/id Step 1: /),
      expect.stringMatching(/^\/settings\/retryDelay /),
      expect.stringMatching(/^\/settings\/maxRetrys .*did you mean maxRetries\?/),
      expect.stringMatching(/^\/startStop unknown key startStop; did you mean startStep\?/),
    ]);
  });

  test('words that nothing sets, agents and workflows that there are not', () => {
    const problems = problemsOf(
      flow(
        { id: 'name', type: 'user_input', prompt: 'Name?' },
        step({ prompt: 'Hello {nmae}', metadata: { required_context: ['age'] } }),
        step({ id: 'b', agent: 'asistant' }),
        { id: 'c', type: 'database_query', query: 'find_order', parameters: { customer: '{who}' } },
      ),
      ['assistant'],
    );
    expect(problems).toEqual([
      expect.stringMatching(
        /^\/steps\/1\/prompt Step a: nothing sets \{nmae\}; did you mean name\?/,
      ),
      expect.stringMatching(/^\/steps\/1\/metadata\/requiredContext Step a: nothing sets age/),
      expect.stringMatching(/^\/steps\/2\/agent Step b: .*did you mean assistant\?/),
      expect.stringMatching(/^\/steps\/3\/parameters Step c: nothing sets \{who\}/),
      expect.stringMatching(/^\/steps\/3\/query Step c: .*did you mean find_orders\?/),
    ]);
  });

  test('conditions without values, and values that no option has', () => {
    const choice = { type: 'choice', options: ['Yes, gladly', 'No'] };
    const problems = problemsOf({
      ...flow(
        {
          id: 'a',
          type: 'user_input',
          prompt: 'A',
          input: choice,
          conditions: { yes: 'b', no: 'c' },
        },
        { id: 'b', type: 'decision', conditions: { condition: 'a' }, next: 'c' },
        { id: 'c', type: 'decision', conditions: { condition: 'mood', good: 'end' } },
      ),
    });
    expect(problems).toEqual([
      expect.stringMatching(
        /^\/steps\/0\/conditions Step a: no option has the value yes; .*\{value, label\}/s,
      ),
      expect.stringMatching(/^\/steps\/0\/conditions Step a: the option yes_gladly leads nowhere/),
      expect.stringMatching(/^\/steps\/1\/conditions Step b: the condition has no values/),
      expect.stringMatching(/^\/steps\/2\/conditions Step c: nothing sets mood/),
    ]);
  });

  test('targets that there are not, steps that nothing reaches, and ways without an end', async () => {
    const register = async (definition: unknown) => {
      const storage = new MemoryConversations();
      const compiled = compileFlow(definition);
      const opened = await Conversations.open({ storage, flows: [compiled] }).catch(
        (thrown: unknown) => thrown as GraphwrightError,
      );
      return opened instanceof Conversations ? [] : opened.problems.map(({ detail }) => detail);
    };
    expect(
      await register(flow(step({ next: 'bb' }), step({ id: 'b', next: 'flow:other' }))),
    ).toEqual([
      expect.stringContaining('Step a leads to the step bb, which there is not; did you mean b?'),
      expect.stringContaining('Step b leads to the flow other, which there is not'),
    ]);
    expect(await register(flow(step({ next: 'c' }), step({ id: 'b' }), step({ id: 'c' })))).toEqual(
      ['Step b is never reached: no step leads to it'],
    );
    const circle = flow(
      step({ conditions: { rules: [{ key: 'x', equals: 1, to: 'd' }], default: 'b' } }),
      step({ id: 'b', next: 'c' }),
      step({ id: 'c', next: 'b' }),
      step({ id: 'd' }),
    );
    expect(await register({ ...circle, variables: { x: 0 } })).toEqual([
      'From step b no way leads to an end',
      'From step c no way leads to an end',
    ]);
  });

  test('T20 what is no flow at all, with the line of a broken file', () => {
    for (const value of [null, 5, 'flow', [], { steps: 5 }, { __proto__: null, id: 'x' }])
      expect(problemsOf(value).length).toBeGreaterThan(0);
    expect(() => parseFlow('id: [', 'broken.yaml')).toThrow(/broken\.yaml:1:6/);
    expect(() => parseFlow('id: x', 'small.yaml')).toThrow(/small\.yaml: Flow x: .*\/name/);
  });

  test('T32 a template of more than 20,000 characters', () => {
    const problems = problemsOf(flow(step({ prompt: '{a}'.repeat(10_000) })));
    expect(problems).toEqual([expect.stringContaining('/steps/0/prompt')]);
  });
});
