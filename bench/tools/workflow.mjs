import { z } from 'zod';
import { Workflow } from '../../dist/workflows/workflow.js';

/** What a tool of middling size takes: texts, a choice, a list of objects, defaults. */
export const parameters = z.object({
  orderId: z.string().min(1).max(20).describe('Names the order'),
  street: z.string().describe('Where it goes'),
  city: z.string().default('Ghent').describe('In which city'),
  priority: z.enum(['low', 'high']).default('low').describe('How soon it has to be there'),
  lines: z
    .array(
      z.object({
        item: z.string().describe('What is wanted'),
        count: z.number().int().positive().describe('How many'),
      }),
    )
    .describe('What is wanted, and how many of each'),
});

export const result = z.object({
  to: z.string().describe('The address in one line'),
  pieces: z.number().int().describe('How many things in all'),
});

export const description = 'Plan an order.';

/** The work itself, the same on every path: next to nothing, so that what is measured is the way to it. */
export const plan = (/** @type {z.output<typeof parameters>} */ { street, city, lines }) => ({
  to: `${street}, ${city}`,
  pieces: lines.reduce((sum, { count }) => sum + count, 0),
});

export class PlanOrder extends Workflow {
  name = 'plan_order';
  description = description;
  parameters = parameters;
  result = result;
  hints = { readOnly: true };

  async run(/** @type {z.output<typeof parameters>} */ order) {
    return plan(order);
  }
}

export const input = {
  orderId: 'o-1',
  street: 'Korenlei 1',
  lines: [
    { item: 'cup', count: 2 },
    { item: 'jug', count: 1 },
  ],
};
