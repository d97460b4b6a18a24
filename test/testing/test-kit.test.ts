import { describe, expect, test } from 'vitest';
import { sparql } from '../../src/ontology/sparql.ts';
import { graphName, gw, thing } from '../../src/ontology/terms.ts';
import { GraphBuilder } from '../../src/ontology/graph-builder.ts';
import { customersOf, FakeClock, scriptedModel, testKit } from '../../src/testing/index.ts';

describe('A14 the test kit', () => {
  test('gives a real store in memory that no other kit sees', async () => {
    await using one = await testKit();
    await using other = await testKit();
    const graph = new GraphBuilder();
    graph.createEntity('Customer', { identifier: 'c-1', name: 'Ada' });
    await one.store.insert(graphName('customer_data'), graph);
    const ask = sparql`ASK { ${thing('customer', 'c-1')} ${gw('name')} ${'Ada'} }`;
    expect(await one.store.ask(ask)).toBe(true);
    expect(await other.store.ask(ask)).toBe(false);
  });

  test('gives mail that stays in memory, composed as it would go out', async () => {
    await using kit = await testKit();
    const data = {
      customerName: 'Ada',
      feedbackId: 'f-1',
      feedbackText: 'Fine',
      categories: ['product'],
      isPriority: false,
    };
    const email = {
      key: 'k',
      recipient: { name: 'Ada', address: 'ada@example.org' },
      subject: 'Hello',
      template: 'neutral_feedback_response',
      data,
    };
    expect(await kit.email.sendTemplatedEmail(email)).toEqual({
      messageId: kit.email.messageId('k'),
      sent: true,
    });
    expect(kit.outbox.sent[0]?.raw).toContain('Date: Thu, 01 Jan 2026 00:00:00');
    expect(await kit.email.wasSent('k')).toBe(true);
  });

  test('cleans up after itself: a closed store answers no more', async () => {
    const kit = await testKit();
    await kit.close();
    await expect(kit.store.ask(sparql`ASK {}`)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('gives a clock that moves only when it is told to', () => {
    const clock = new FakeClock('2026-05-01T12:00:00Z');
    expect(clock.now()).toEqual(clock.now());
    clock.advance(90_000);
    expect(clock.now().toISOString()).toBe('2026-05-01T12:01:30.000Z');
  });

  test('gives a chat model that follows its script and then fails', async () => {
    const model = await scriptedModel('Hello', new Error('away'), [
      { tool: 'find', args: { id: 1 } },
    ]);
    expect((await model.invoke('Hi')).content).toBe('Hello');
    await expect(model.invoke('Hi')).rejects.toThrow('away');
    expect((await model.invoke('Hi')) as { tool_calls?: unknown }).toMatchObject({
      tool_calls: [{ name: 'find', args: { id: 1 } }],
    });
    await expect(model.invoke('Hi')).rejects.toThrow(/no response|no more|exhausted|queue/i);
  });

  test('gives customers without a CRM', async () => {
    const customers = customersOf({ id: 'c-1', segment: 'premium' });
    expect(await customers.getCustomer('c-1')).toMatchObject({
      segment: 'premium',
      email: 'c-1@example.org',
    });
    expect(await customers.getCustomer('c-2')).toBeUndefined();
  });
});
