import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import type { Agent } from '../ontology/attribution.ts';
import { isRestrictable, type Rights } from '../ontology/rights/rights.ts';
import type { OntologyStore } from '../ontology/store.ts';
import { agentOf, type Caller } from '../workflows/expose/caller.ts';
import type { Key } from './keys.ts';

/** What the sender of a request has of the graph, and what it is called where its writes are recorded. */
export interface Access<Store extends OntologyStore = OntologyStore> {
  storeOf(request: FastifyRequest): Store;
  agentOf(request: FastifyRequest): Agent;
  /** What the store holds the sender to; undefined where everything is allowed. */
  rightsOf(request: FastifyRequest): Rights | undefined;
}

/** Remembers by which key each request was let in, and gives it what that key may have. */
export class KeyAccess implements Access {
  readonly #store: OntologyStore;
  readonly #restricted = new Map<Key, OntologyStore>();
  readonly #keys = new WeakMap<IncomingMessage, Key>();

  /** @throws GraphwrightError `invalid_configuration` for limits that the store cannot hold a key to. */
  constructor(store: OntologyStore, keys: readonly Key[]) {
    this.#store = store;
    for (const key of keys) {
      if (!key.rights) continue;
      if (!isRestrictable(store))
        throw new GraphwrightError(
          'invalid_configuration',
          `server.keys: ${key.name} is limited to some graphs, which only the embedded store can hold it to; limit it at the endpoint of store.queryUrl, or give it read and write of *`,
        );
      this.#restricted.set(key, store.restrictedTo(key.rights));
    }
  }

  /** Notes by which key a request was let in. */
  admit({ raw }: FastifyRequest, key: Key): void {
    this.#keys.set(raw, key);
  }

  /** Who sent a request; whoever has no named key may do everything. */
  callerOf({ raw }: FastifyRequest): Caller {
    return this.#keys.get(raw) ?? {};
  }

  /** Whether the sender may see what is counted of everybody. */
  mayReadMetrics({ raw }: FastifyRequest): boolean {
    return this.#keys.get(raw)?.metrics ?? true;
  }

  storeOf({ raw }: FastifyRequest): OntologyStore {
    const key = this.#keys.get(raw);
    return (key && this.#restricted.get(key)) ?? this.#store;
  }

  rightsOf(request: FastifyRequest): Rights | undefined {
    return this.callerOf(request).rights;
  }

  agentOf(request: FastifyRequest): Agent {
    return agentOf(this.callerOf(request));
  }
}
