import { valueAt } from '../../flows/templates.ts';
import type { AgentRequest, ConversationAgent } from '../../agent.ts';
import { StepwiseAgent, stated } from '../stepwise-agent.ts';

/** The names of the agents that the flows of the shop call. */
export const shopAgents = ['customer_service', 'product_specialist', 'inventory_manager'] as const;
export type ShopAgent = (typeof shopAgents)[number];

/** The agents of the shop that need no model: they tell what the graph said. */
export function ruleBasedShopAgents(): Readonly<Record<ShopAgent, ConversationAgent>> {
  return {
    customer_service: new StepwiseAgent(
      {
        welcome: () => 'Welcome to the shop!',
        route_to_specialist: (request) =>
          `I see to it: ${stated(request, 'issue_type').replaceAll('_', ' ')}.`,
        handle_inquiry: (request) =>
          `Thank you, I have noted: ${stated(request, 'describe_inquiry')}. ${advice(request)}`,
        completion: () => 'Thank you for your visit. Write to us whenever you need something.',
      },
      () => 'I am here to help.',
    ),
    product_specialist: new StepwiseAgent({}, (request) =>
      [
        `${found(request, 'name')} (${found(request, 'productId')}): ${found(request, 'price')} ${found(request, 'currency')}.`,
        found(request, 'description'),
      ]
        .filter((sentence) => sentence !== '')
        .join(' '),
    ),
    inventory_manager: new StepwiseAgent(
      {
        in_stock: (request) => `${found(request, 'stock')} in stock, sent today.`,
        out_of_stock: (request) => {
          const on = found(request, 'restockedOn');
          return `0 in stock.${on === '' ? '' : ` More are expected on ${on}.`}`;
        },
      },
      () => 'I do not know how many are in stock.',
    ),
  };
}

const advices: Readonly<Record<string, string>> = {
  account_billing: 'Invoices and addresses are in your account, under Settings.',
  technical_support: 'Please switch the device off and on again first.',
};

const advice = (request: AgentRequest): string =>
  advices[stated(request, 'issue_type')] ?? 'A colleague answers within a day.';

/** A value of the product that was found. */
function found({ state }: AgentRequest, key: string): string {
  const value = valueAt(`products.rows.0.${key}`, state);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
