import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphName } from '../../../src/ontology/terms.ts';
import { loadShapes } from '../../../src/ontology/shapes/load-shapes.ts';
import { validate } from '../../../src/ontology/shapes/validate.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import type { ECommerceSystem } from '../../../src/workflows/conversations/examples/e-commerce/e-commerce-system.ts';
import { temporaryDirectory } from '../../support/command.ts';
import { allowedReturn, customer, openShop, returnsIn, today } from './e-commerce-kit.ts';

const kettles = ['O-1001', 'P-201', '2', 'It is damaged'];
const machine = ['O-1001', 'p-203', '1', 'I changed my mind'];

/** Says all of it, and gives the last answer. */
async function returning(id: string, said: readonly string[], at = shop) {
  const talk = await customer(at, id, 'returns_refunds');
  let last = talk.first;
  for (const words of said) last = await talk.say(words);
  return { ...talk, last };
}

const kettleReturn = {
  id: 'R-O-1001-P-201',
  line: 'urn:graphwright:order-line:O-1001-P-201',
  pieces: '2',
  reason: 'damaged',
  amount: '109.9',
  currency: 'EUR',
  status: 'pending',
};

let shop: ECommerceSystem;

describe('V24 returns and refunds', () => {
  beforeAll(async () => {
    shop = await openShop();
  });
  beforeEach(() => shop.store.replace(graphName('return_data'), []));
  afterAll(() => shop.close());

  test('a return and its refund are in the graph, with their origin, as the shapes ask for', async () => {
    const talk = await returning('c-101', kettles);
    expect(talk.last).toContain('You get 109.90 EUR back for 2 × Ceramic kettle.');
    expect(await returnsIn(shop)).toEqual([]);
    await talk.say('Yes, please');
    expect(await talk.settled()).toContain(
      'Your return R-O-1001-P-201 is requested: send 2 × Ceramic kettle back within 14 days.\nYou get 109.90 EUR back',
    );
    expect((await talk.status()).status).toBe('completed');
    expect(await returnsIn(shop)).toEqual([kettleReturn]);
    const origin = await shop.store.ask(
      sparql`PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX gw: <https://w3id.org/graphwright#>
      PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
      ASK { GRAPH <urn:graphwright:graph:provenance> {
        ?change rdf:reifies <<( ?return gw:returnOf ?line )>> ; prov:wasGeneratedBy ?run .
        ?run gw:workflow "request_return" ; prov:wasAssociatedWith/gw:agentName "c-101"
      } }`,
    );
    expect(origin).toBe(true);
    const shapes = await loadShapes(['ontologies/shapes']);
    const { conforms, results } = await validate(shop.store, shapes);
    expect(results).toEqual([]);
    expect(conforms).toBe(true);
  });

  test.each([
    [
      'c-102',
      ['O-1004', 'P-201', '1', 'damaged'],
      'delivered 99 days ago; we take things back for 30 days',
    ],
    ['c-101', ['O-1002', 'P-204', '1', 'damaged'], 'Oak tray was not delivered yet.'],
    ['c-101', ['O-1001', 'P-204', '1', 'damaged'], 'There is no product P-204 in that order.'],
    ['c-101', ['O-1001', 'P-201', '3', 'damaged'], 'You ordered 2 × Ceramic kettle, not 3.'],
    ['c-102', ['O-1001'], 'There is no order O-1001 among yours.'],
  ])('%s cannot return %j', async (id, said, why) => {
    const talk = await returning(id, said);
    expect(talk.last).toContain(why);
    if (said.length === 1) await talk.say('Leave it');
    expect((await talk.status()).status).toBe('completed');
    expect(await returnsIn(shop)).toEqual([]);
  });

  test('who changes their mind keeps it', async () => {
    const talk = await returning('c-101', [...kettles, 'No, I keep it']);
    expect(talk.last).toBe('Nothing is returned.');
    expect(await returnsIn(shop)).toEqual([]);
  });

  test('a refund above the limit waits for a person, and is paid once it is approved', async () => {
    const talk = await returning('c-101', [...machine, 'yes']);
    expect(talk.last).toContain('A colleague has to approve a refund of this amount.');
    expect((await talk.status()).status).toBe('waiting');
    // Words of the customer approve nothing.
    expect(await talk.say('approved')).toContain('waiting');
    expect(await returnsIn(shop)).toEqual([]);
    const { items } = await shop.approvals.list();
    expect(items).toMatchObject([
      { workflow: 'request_return', parameters: { orderId: 'O-1001', refund: 349 } },
    ]);
    const { id, parametersDigest } = items[0]!;
    await shop.approvals.decide(id, { decision: 'approve', parametersDigest });
    expect(await talk.settled()).toContain('You get 349.00 EUR back');
    expect(await returnsIn(shop)).toMatchObject([{ id: 'R-O-1001-P-203', amount: '349' }]);
  });

  test('V18 a rollback takes nothing back that is written, and cannot have it written again', async () => {
    const talk = await returning('c-101', [...kettles, 'yes']);
    expect(await talk.settled()).toContain('is requested');
    await shop.conversations.rollback(talk.key, { steps: 1 });
    await talk.say('yes');
    expect(await talk.settled()).toContain('Your return was not accepted.');
    expect(await returnsIn(shop)).toEqual([kettleReturn]);
  });

  test('a refund that is rejected writes nothing, and the customer hears of it', async () => {
    const talk = await returning('c-101', [...machine, 'yes']);
    const [waiting] = (await shop.approvals.list()).items;
    const { id, parametersDigest } = waiting!;
    await shop.approvals.decide(id, { decision: 'reject', parametersDigest, reason: 'Used' });
    expect(await talk.settled()).toContain('Your return was not accepted.');
    expect((await talk.status()).status).toBe('completed');
    expect(await returnsIn(shop)).toEqual([]);
  });

  test('the same message twice, and the same wish in two conversations, make one return', async () => {
    const talk = await returning('c-101', kettles);
    const other = await returning('c-101', kettles);
    const yes = { id: 'm-1', content: 'Yes, please' };
    await Promise.all([talk.say(yes), talk.say(yes), other.say('Yes, please')]);
    const told = [await talk.settled(), await other.settled()];
    expect(told.filter((words) => words.includes('is requested'))).toHaveLength(1);
    expect(told.filter((words) => words.includes('was not accepted'))).toHaveLength(1);
    expect(await returnsIn(shop)).toEqual([kettleReturn]);
    const again = await returning('c-101', kettles);
    expect(again.last).toContain('A return of Ceramic kettle was requested already.');
  });

  test('T20 the write looks again: another amount, another customer, another day are refused', async () => {
    const { RequestReturn } =
      await import('../../../src/workflows/conversations/examples/e-commerce/request-return.ts');
    const { execute } = await import('../../../src/workflows/execute.ts');
    const policy = { days: 30, approvalAbove: 200 };
    const request = new RequestReturn({ store: shop.store, policy });
    const now = () => today;
    await expect(
      execute(request, { ...allowedReturn, refund: 100 }, { now }),
    ).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('The refund is 109.90 EUR, not 100'),
    });
    await expect(
      execute(request, { ...allowedReturn, customerId: 'c-102' }, { now }),
    ).rejects.toMatchObject({ code: 'conflict' });
    const later = () => new Date('2027-01-01T00:00:00Z');
    await expect(execute(request, allowedReturn, { now: later })).rejects.toMatchObject({
      message: expect.stringContaining('56 days ago'),
    });
    // A refund above the limit cannot be had without a person, as which it is refused and not written.
    await expect(
      execute(request, { ...allowedReturn, refund: 349 }, { now }),
    ).rejects.toMatchObject({
      code: 'approval_required',
    });
    expect(await returnsIn(shop)).toEqual([]);
  });
});

test('V26 everything is kept in its directory: a session goes on, and an approval too', async () => {
  await using directory = await temporaryDirectory();
  // All of them have to be approved: 0 is a limit.
  const open = () => openShop({ directory: directory.path, returns: { approvalAbove: 0 } });
  let own = await open();
  const talk = await returning('c-101', [...kettles, 'yes'], own);
  const other = await returning('c-101', machine.slice(0, 3), own);
  await own.close();
  own = await open();
  expect(await own.conversations.status(talk.key)).toMatchObject({ status: 'waiting' });
  const [waiting] = (await own.approvals.list()).items;
  const { id, parametersDigest } = waiting!;
  await own.approvals.decide(id, { decision: 'approve', parametersDigest });
  await expect
    .poll(async () => (await own.conversations.status(talk.key)).status, { timeout: 30_000 })
    .toBe('completed');
  expect(await returnsIn(own)).toEqual([kettleReturn]);
  const { replies } = await own.send(other.sessionId, 'damaged');
  expect(replies.at(-1)?.content).toContain('You get 349.00 EUR back');
  await own.close();
});
