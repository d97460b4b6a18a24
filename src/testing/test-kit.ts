import { CustomerRecord, type CustomerSource } from '../integrations/customers/customers.ts';
import { EmailIntegration } from '../integrations/email/email-integration.ts';
import { memoryTransport, type MemoryTransport } from '../integrations/email/memory-transport.ts';
import { openEmbedded } from '../ontology/embedded/open-embedded.ts';
import type { StateFile } from '../ontology/embedded/state-file.ts';
import type { OntologyStore } from '../ontology/store.ts';
import { FakeClock } from './fake-clock.ts';

/** What a workflow's test stands on: everything real, nothing outside this process. */
export interface TestKit extends AsyncDisposable {
  /** An empty embedded store in memory. */
  store: OntologyStore;
  state: StateFile;
  clock: FakeClock;
  /** Composes real mail, and keeps it in `outbox`. */
  email: EmailIntegration;
  outbox: MemoryTransport;
  /** Lets go of everything; also done by `await using`. */
  close(): Promise<void>;
}

/**
 * Sets up what a workflow's test needs, without services.
 * @example
 * await using kit = await testKit();
 * const workflow = new Greet({ store: kit.store, email: kit.email });
 * await execute(workflow, { name: 'Ada' }, { now: kit.clock.now });
 * expect(kit.outbox.sent).toHaveLength(1);
 */
export async function testKit(): Promise<TestKit> {
  const clock = new FakeClock();
  const outbox = memoryTransport();
  const from = { name: 'Test', address: 'test@example.org' };
  const email = new EmailIntegration({ from, transport: outbox, now: clock.now });
  const { store, state, close } = await openEmbedded({});
  return { store, state, clock, email, outbox, close, [Symbol.asyncDispose]: close };
}

/** A customer source that knows just these customers. */
export function customersOf(
  ...customers: (Partial<CustomerRecord> & { id: string })[]
): CustomerSource {
  const known = new Map(
    customers.map((customer) => {
      const defaults = { name: `Customer ${customer.id}`, email: `${customer.id}@example.org` };
      return [customer.id, CustomerRecord.parse({ ...defaults, ...customer })];
    }),
  );
  return {
    getCustomer: async (id) => known.get(id),
    async *listCustomers() {
      yield* known.values();
    },
  };
}
