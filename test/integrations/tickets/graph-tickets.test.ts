import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GraphTickets } from '../../../src/integrations/tickets/graph-tickets.ts';
import type { TicketRequest } from '../../../src/integrations/tickets/tickets.ts';
import { openEmbedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import type { OntologyStore } from '../../../src/ontology/store.ts';
import { thing } from '../../../src/ontology/terms.ts';

const request: TicketRequest = {
  key: 'feedback:f-1',
  customerId: 'c-1',
  feedbackId: 'f-1',
  subject: 'Broken "lamp" } ; DROP ALL #',
  reason: 'premium_customer',
  priority: 'high',
  openedAt: new Date('2026-03-01T12:00:00Z'),
};

let store: OntologyStore;
let tickets: GraphTickets;
let close: () => Promise<void>;
beforeEach(async () => {
  const opened = await openEmbedded({});
  store = opened.store;
  close = () => opened.close();
  tickets = new GraphTickets({ store });
});
afterEach(() => close());

const describeTicket = async (id: string) => {
  const quads = await store.subject(thing('ticket', id));
  expect(quads.every(({ graph }) => graph.value === 'urn:graphwright:graph:ticket_data')).toBe(
    true,
  );
  return Object.fromEntries(
    quads.map(({ predicate, object }) => [predicate.value.replace(/^.*#/, ''), object.value]),
  );
};

describe('A18 tickets in the graph', () => {
  test('a ticket says what a person is asked to look at', async () => {
    const { id, opened } = await tickets.openTicket(request);
    expect(id).toMatch(/^T-[0-9A-HJKMNP-TV-Z]{10}$/);
    expect(opened).toBe(true);
    expect(await describeTicket(id)).toEqual({
      type: 'https://w3id.org/graphwright#Ticket',
      identifier: id,
      status: 'open',
      subject: request.subject,
      reason: 'premium_customer',
      priority: 'high',
      openedAt: expect.stringMatching(/^2026-03-01T12:00:00(\.000)?Z$/),
      about: 'urn:graphwright:feedback:f-1',
      requestedBy: 'urn:graphwright:customer:c-1',
    });
  });

  test('the same key opens one ticket, which stays as it was first', async () => {
    const first = await tickets.openTicket(request);
    const before = await describeTicket(first.id);
    const later = { ...request, priority: 'urgent', openedAt: new Date() } as const;
    expect(await tickets.openTicket(later)).toEqual({ id: first.id, opened: false });
    expect(await describeTicket(first.id)).toEqual(before);
  });

  test('the same key at the same moment opens one ticket', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => tickets.openTicket(request)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(all.filter(({ opened }) => opened)).toHaveLength(1);
  });

  test('a closed ticket is not opened again', async () => {
    const { id } = await tickets.openTicket(request);
    await store.update(sparql`
      PREFIX gw: <https://w3id.org/graphwright#>
      DELETE { GRAPH ?g { ?t gw:status "open" } } INSERT { GRAPH ?g { ?t gw:status "closed" } }
      WHERE { GRAPH ?g { ?t gw:status "open" } }`);
    expect(await tickets.openTicket(request)).toEqual({ id, opened: false });
    expect(await describeTicket(id)).toMatchObject({ status: 'closed' });
  });

  test('other keys open other tickets', async () => {
    const ids = await Promise.all(
      ['feedback:f-1', 'feedback:f-2', 'feedback:F-1'].map(
        async (key) => (await tickets.openTicket({ ...request, key })).id,
      ),
    );
    expect(new Set(ids).size).toBe(3);
    const [{ count } = {}] = await store.select(
      sparql`SELECT (COUNT(DISTINCT ?t) AS ?count) { GRAPH ?g { ?t ?p ?o } }`,
    );
    expect(count?.value).toBe('3');
  });
});
