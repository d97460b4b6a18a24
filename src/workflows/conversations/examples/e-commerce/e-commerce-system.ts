import { fileURLToPath } from 'node:url';
import { openEmbedded, type Embedded } from '../../../../ontology/embedded/open-embedded.ts';
import { loadShapes } from '../../../../ontology/shapes/load-shapes.ts';
import type { OntologyStore } from '../../../../ontology/store.ts';
import { Approvals } from '../../../approval/approvals.ts';
import { loadQueryTemplates } from '../../../queries/load-templates.ts';
import { EmbeddedRuns } from '../../../runs/embedded-runs.ts';
import type { Turn } from '../../conversation.ts';
import type { Conversations } from '../../engine/conversations.ts';
import type { Message } from '../../message.ts';
import { ConversationSystem } from '../../system/conversation-system.ts';
import type { SystemAgents } from '../../system/system-agents.ts';
import { shippedFlow } from '../shipped-flows.ts';
import { ruleBasedShopAgents } from './agents.ts';
import { usualReturnPolicy, type ReturnPolicy } from './assess-return.ts';
import { CheckReturn } from './check-return.ts';
import { loadShop } from './load-shop.ts';
import { RequestReturn } from './request-return.ts';
import { shopMail, type ShopMail } from './shop-mail.ts';

/** What the shop's system is built from; each part has a default. */
export interface ECommerceConfiguration {
  /** Where graph, conversations and runs are kept; without one in memory, and gone at the end. */
  readonly directory?: string;
  /** A Turtle file with the shop's products, stock, customers and orders; a small made-up shop by default. */
  readonly shop?: string;
  /** Instead of the rule-based ones, such as assistants with a model. */
  readonly agents?: SystemAgents;
  readonly returns?: Partial<ReturnPolicy>;
  /** How returns are confirmed; without it no mail is sent. */
  readonly mail?: ShopMail;
  readonly now?: () => Date;
}

/** The flows of the shop, as they come with the package. */
export const shopFlows = [
  'customer-support',
  'order-tracking',
  'product-inquiry',
  'returns-refunds',
].map((name) => shippedFlow(`e-commerce/${name}.yaml`));

/** How a customer's session begins. */
export interface StartCustomerSession {
  /** Who is signed in; without it, orders cannot be looked up. */
  readonly customerId?: string;
  readonly sessionId?: string;
  /** `customer_support` by default. */
  readonly flow?: string;
}

/**
 * The customer service of a shop, whole (rows V24 and V26): support, orders, products and returns as flows that call
 * one another, on a knowledge graph. Agents, graph, runs, approvals and sessions are in one object.
 * @example
 * await using shop = await ECommerceSystem.open();
 * const { sessionId } = await shop.startSession({ customerId: 'c-101' });
 * const { replies } = await shop.send(sessionId, 'Order status or tracking');
 */
export class ECommerceSystem implements AsyncDisposable {
  readonly store: OntologyStore;
  /** Where refunds above the limit wait for a person. */
  readonly approvals: Approvals;
  readonly #system: ConversationSystem;
  readonly #close: () => Promise<void>;

  /** @throws GraphwrightError `invalid_configuration`, `invalid_data` of the shop's file, `data_in_use`. */
  static async open(configuration: ECommerceConfiguration = {}): Promise<ECommerceSystem> {
    const { directory } = configuration;
    const shapes = await loadShapes([ontology('shapes/core.ttl'), ontology('shapes/commerce.ttl')]);
    const opened: (() => Promise<void>)[] = [];
    const closeAll = async () => {
      for (const close of opened.toReversed()) await close();
    };
    try {
      // Each statement with its origin: money is paid back by it.
      const provenance = { level: 'statement' as const };
      const embedded = await openEmbedded({
        provenance,
        shapes,
        ...(directory !== undefined && { directory }),
      });
      opened.push(() => embedded.close());
      return await ECommerceSystem.#build(embedded, configuration, opened, closeAll);
    } catch (thrown) {
      await closeAll();
      throw thrown;
    }
  }

  static async #build(
    { store, state }: Embedded,
    {
      agents,
      returns,
      shop = shippedFlow('e-commerce/shop.ttl'),
      mail,
      directory,
      now,
    }: ECommerceConfiguration,
    opened: (() => Promise<void>)[],
    close: () => Promise<void>,
  ): Promise<ECommerceSystem> {
    await loadShop(store, shop);
    const policy = { ...usualReturnPolicy, ...returns };
    const mailing = mail && shopMail(mail, directory);
    if (mailing) opened.push(() => mailing.close());
    const { email } = mailing ?? {};
    const workflows = [
      ...(await loadQueryTemplates([shippedFlow('e-commerce/queries')], { store })),
      new CheckReturn({ store, policy }),
      new RequestReturn({ store, policy, ...(email && { email }) }),
    ];
    const runs = await EmbeddedRuns.open({ state, workflows, ...(now && { now }) });
    opened.push(() => runs.close());
    const approvals = new Approvals({ runs, store, settings: { from: 'always' } });
    approvals.guard(workflows);
    await runs.resume();
    const system = await ConversationSystem.open({
      flows: shopFlows,
      agents: { ...ruleBasedShopAgents(), ...agents },
      workflows,
      runs,
      state,
      ...(now && { now }),
      // A refund may wait for a person for days.
      settings: { performance: { maxWorkflowDuration: 7 * 24 * 3600 } },
    });
    opened.push(() => system.close());
    return new ECommerceSystem({ store, approvals, system, close });
  }

  private constructor(parts: ECommerceParts) {
    this.store = parts.store;
    this.approvals = parts.approvals;
    this.#system = parts.system;
    this.#close = parts.close;
  }

  /** The engine: status, history, rollback, pause, resume, lists. */
  get conversations(): Conversations {
    return this.#system.conversations;
  }

  /** The flows that sessions may start. */
  get flows() {
    return this.#system.flows;
  }

  /** Begins a conversation with a customer. */
  async startSession({
    customerId,
    sessionId,
    flow = 'customer_support',
  }: StartCustomerSession = {}): Promise<Turn & { readonly sessionId: string }> {
    return this.#system.startSession({
      flow,
      ...(sessionId !== undefined && { sessionId }),
      ...(customerId !== undefined && { session: { userId: customerId } }),
    });
  }

  /** Sends what a customer says to the session's conversation; a message with an id is answered once. */
  async send(sessionId: string, message: string | Message): Promise<Turn> {
    const sent = typeof message === 'string' ? { content: message } : message;
    return this.#system.send(sessionId, sent);
  }

  /** Lets go of agents, conversations, runs and the graph. */
  async close(): Promise<void> {
    await this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

interface ECommerceParts {
  readonly store: OntologyStore;
  readonly approvals: Approvals;
  readonly system: ConversationSystem;
  readonly close: () => Promise<void>;
}

const ontology = (file: string): string =>
  fileURLToPath(new URL(`../../../../../ontologies/${file}`, import.meta.url));
