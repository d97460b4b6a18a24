import { compileFlow } from '../../src/workflows/conversations/flows/compile-flow.ts';

/** A flow that asks twice, waits for a payment, and says good-bye. */
export const orderFlow = compileFlow({
  id: 'order',
  name: 'Order',
  description: 'Takes an order.',
  steps: [
    {
      id: 'size',
      type: 'user_input',
      prompt: 'Which size?',
      input: { type: 'choice', options: ['Small', 'Large'] },
    },
    { id: 'number', type: 'user_input', prompt: 'Which order number?', input: { type: 'text' } },
    {
      id: 'payment',
      type: 'wait_for_event',
      event: 'payment_confirmed',
      correlationId: '{number}',
    },
    { id: 'thanks', type: 'agent_response', prompt: 'Thank you for the {size} one.' },
  ],
  settings: { allowStepSkipping: true },
});
