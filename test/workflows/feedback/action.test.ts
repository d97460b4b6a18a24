import { describe, expect, test } from 'vitest';
import type { Category } from '../../../src/integrations/language/language.ts';
import { decide, type Case } from '../../../src/workflows/feedback/action.ts';
import { feedbackKit } from '../../support/feedback.ts';

const plain: Case = {
  customer: { segment: 'standard', lifetimeValue: 0 },
  sentiment: 'neutral',
  categories: ['general'],
  sendResponse: true,
};

describe('A18 the action', () => {
  test('is an answer for most, and nothing when no answer is asked for', () => {
    expect(decide(plain)).toEqual({ action: 'auto_respond' });
    expect(decide({ ...plain, sendResponse: false })).toEqual({ action: 'no_action' });
  });

  test.each(['premium', 'enterprise'] as const)(
    'is an escalation for every %s customer',
    (segment) => {
      const given: Case = {
        ...plain,
        customer: { segment, lifetimeValue: 0 },
        sentiment: 'positive',
      };
      expect(decide(given)).toEqual({
        action: 'escalate',
        escalation: { reason: `${segment}_customer`, priority: 'normal' },
      });
      expect(decide({ ...given, sentiment: 'negative' }).escalation?.priority).toBe('urgent');
    },
  );

  test('is an escalation for negative feedback of customers worth more than 5,000, not of those worth 5,000', () => {
    const worth = (lifetimeValue: number): Case => ({
      ...plain,
      sentiment: 'negative',
      customer: { segment: 'standard', lifetimeValue },
    });
    expect(decide(worth(5000)).action).toBe('auto_respond');
    expect(decide(worth(5000.01))).toEqual({
      action: 'escalate',
      escalation: { reason: 'negative_high_value', priority: 'high' },
    });
    expect(decide({ ...worth(9000), sentiment: 'positive' }).action).toBe('auto_respond');
  });

  test.each(['bug', 'security', 'billing', 'legal'] satisfies Category[])(
    'is an escalation for the critical category %s',
    (category) => {
      expect(decide({ ...plain, categories: ['product', category] })).toEqual({
        action: 'escalate',
        escalation: { reason: `critical_category_${category}`, priority: 'normal' },
      });
    },
  );

  test('is an escalation even when no answer is asked for', () => {
    expect(decide({ ...plain, categories: ['legal'], sendResponse: false }).action).toBe(
      'escalate',
    );
  });
});

describe('A18 an escalation', () => {
  test('opens a ticket, tells the customer its number, and is done once', async () => {
    await using kit = await feedbackKit();
    const first = await kit.handle({ customerId: 'premium', sentiment: 'negative' });
    expect(first).toMatchObject({ action: 'escalate', ticketId: expect.stringMatching(/^T-/) });
    expect(first.stepsCompleted).toContain('ticket_opened');
    expect(kit.outbox.sent[0]?.text).toContain(first.ticketId!);
    expect(kit.outbox.sent[0]?.text).toContain('priority customers');
    await kit.handle({ customerId: 'premium', sentiment: 'negative' });
    expect(
      await kit.rows(
        'SELECT ?p WHERE { GRAPH <urn:graphwright:graph:ticket_data> { ?t gw:priority ?p } }',
      ),
    ).toMatchObject([{ p: { value: 'urgent' } }]);
    expect(kit.outbox.sent).toHaveLength(1);
  });

  test('writes no mail to a customer whom the caller wants no answer for', async () => {
    await using kit = await feedbackKit();
    const result = await kit.handle({ customerId: 'enterprise', sendResponse: false });
    expect(result).toMatchObject({ action: 'escalate', ticketId: expect.any(String) });
    expect(kit.outbox.sent).toEqual([]);
  });
});
