import { expect, test } from 'vitest';
import { conversationAgents } from '../../../src/agents/conversation-agents.ts';
import { agentKit, callsOf } from '../../support/agents.ts';
import { complex, talkThrough } from './comprehensive-kit.ts';

test('V25 V23 the comprehensive flow with chat models, who decide and know what was said', async () => {
  await using kit = await agentKit(
    {
      lead: [
        'Hello from the model.',
        'A big one. A specialist looks at it.\n{"request_complexity":"complex_request"}',
        'Glad to hear that.\n{"satisfaction_level":"satisfied"}',
        'We planned your migration. Goodbye.',
      ],
      expert: ['I have read it all.', 'Move one department at a time.'],
    },
    {
      definitions: [
        { name: 'primary', description: 'Leads.', systemMessage: 'You lead.', model: 'lead' },
        { name: 'specialist', description: 'Knows.', systemMessage: 'You know.', model: 'expert' },
      ],
    },
  );
  const { replies, state, status, steps } = await talkThrough(
    [...complex, 'It fits us'],
    conversationAgents(kit.agents),
  );
  expect(status).toBe('completed');
  expect(replies[0]).toContain('Hello from the model.');
  expect(replies[1]).toMatch(/^A big one\. A specialist looks at it\.\n/);
  expect(replies[4]).toContain('I have read it all.\nMove one department at a time.');
  expect(replies[5]).toBe('Glad to hear that.\nWe planned your migration. Goodbye.');
  expect(steps).toContain('process_details');
  expect(state).toMatchObject({
    request_complexity: 'complex_request',
    get_feedback: 'It fits us',
    satisfaction_level: 'satisfied',
  });
  const [read = [], presented = []] = callsOf(kit.models.get('expert'));
  const told = read.map(([, text]) => text).join('\n');
  expect(told).toContain('You know.');
  expect(told).toContain('Requirements: All 40 people keep their data');
  expect(told).toContain('Timeline: soon');
  expect(told).toContain('Hello from the model.');
  expect(presented.at(-1)?.[1]).toContain('your analysis: I have read it all.');
});
