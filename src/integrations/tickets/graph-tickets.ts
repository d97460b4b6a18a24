import { createHash } from 'node:crypto';
import { GraphBuilder } from '../../ontology/graph-builder.ts';
import { sparql, triples } from '../../ontology/sparql.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { graphName, gw, rdf, thing } from '../../ontology/terms.ts';
import { Integration } from '../integration.ts';
import type { Ticket, TicketDesk, TicketRequest } from './tickets.ts';

/** What {@link GraphTickets} is given. */
export interface GraphTicketsConfiguration {
  store: OntologyStore;
}

/**
 * Keeps tickets in the knowledge graph itself, in the graph ticket_data. A key that comes again, also at
 * the same moment, opens nothing and changes nothing.
 */
export class GraphTickets extends Integration<GraphTicketsConfiguration> implements TicketDesk {
  /** @throws GraphwrightError as the store does, and `invalid_data` for an id that no IRI can hold. */
  async openTicket(request: TicketRequest, signal?: AbortSignal): Promise<Ticket> {
    const { key, customerId, feedbackId, ...properties } = request;
    const id = ticketId(key);
    const description = new GraphBuilder();
    const ticket = description.createEntity('Ticket', {
      identifier: id,
      status: 'open',
      ...properties,
    });
    description.createRelationship(ticket, 'about', thing('feedback', feedbackId));
    description.createRelationship(ticket, 'requestedBy', thing('customer', customerId));
    const graph = graphName('ticket_data');
    const { inserted } = await this.configuration.store.update(
      sparql`
        INSERT { GRAPH ${graph} { ${triples(description)} } } WHERE {
          FILTER NOT EXISTS { GRAPH ${graph} { ${ticket} ${rdf('type')} ${gw('Ticket')} } }
        }`,
      { signal },
    );
    return { id, opened: inserted > 0 };
  }
}

/** Crockford's base 32: nothing to mistake when read out on the telephone. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 50 bits of the key's SHA-256: a clash is as likely as not only after some 40 million tickets. */
function ticketId(key: string): string {
  const digest = createHash('sha256').update(key).digest();
  return `T-${[...digest.subarray(0, 10)].map((byte) => alphabet[byte % 32]).join('')}`;
}
