import { randomUUID } from 'node:crypto';
import { GraphwrightError } from '../../../errors.ts';
import type { StateFile } from '../../../ontology/embedded/state-file.ts';
import type { ConversationsConfiguration } from '../api.ts';
import {
  openStatuses,
  type ConversationSummary,
  type Session,
  type Turn,
} from '../conversation.ts';
import { Conversations } from '../engine/conversations.ts';
import type { CompiledFlow } from '../flow.ts';
import type { FormReader } from '../forms/understanding.ts';
import type { JsonObject } from '../json.ts';
import type { Message } from '../message.ts';
import { openConversationStorage } from '../settings/open-storage.ts';
import {
  readConversationSettings,
  type ConversationSettingsSources,
  type ReadSettings,
} from '../settings/read-settings.ts';
import type { ConversationStorage } from '../storage/storage.ts';
import { ResourceMonitor, type Resources } from './resource-monitor.ts';
import { countConversations, type ConversationStatistics } from './statistics.ts';
import { AgentCabinet, type SystemAgents } from './system-agents.ts';
import { compileFlows, type FlowSource } from './system-flows.ts';

/** What a system is built from; everything but the flows has a default. */
export interface ConversationSystemConfiguration
  extends
    ConversationSettingsSources,
    Pick<ConversationsConfiguration, 'runs' | 'workflows' | 'now' | 'id' | 'onWarning'> {
  readonly flows: readonly FlowSource[];
  readonly agents?: SystemAgents;
  /** Reads what users write; by rules by default. */
  readonly reader?: FormReader;
  /** The application's state file, which the caller closes after the system. */
  readonly state?: StateFile;
  /** What relative paths of the settings are relative to; the working directory by default. */
  readonly directory?: string;
  /** Instead of what the settings say; the caller closes it, after the system. */
  readonly storage?: ConversationStorage;
}

/** How a session begins. */
export interface StartSession {
  readonly flow: string;
  /** A new id, with the prefix of the settings, by default. */
  readonly sessionId?: string;
  /** The tenant of the settings by default. */
  readonly tenant?: string;
  readonly session?: Omit<Session, 'id'>;
  /** The first message, for a start step that takes one. */
  readonly message?: Message;
  /** Put over the flow's variables. */
  readonly state?: JsonObject;
}

/** Conversations and what the process makes of them. */
export interface SystemStatistics extends ConversationStatistics {
  /** With `performance.resourceMonitoring`. */
  readonly resources?: Resources;
}

/**
 * One object that has all parts of a conversational application (row V26): agents, made when they are first
 * needed; the engine, on the storage that the settings ask for; the flows; the sessions; and their clean-up.
 * @example
 * await using system = await ConversationSystem.open({
 *   settings: { backend: 'memory' },
 *   flows: ['flows/support.yaml'],
 *   agents: { clerk: () => new Clerk() },
 * });
 * const { sessionId, replies } = await system.startSession({ flow: 'support' });
 * const { status } = await system.send(sessionId, { content: 'Where is my order?' });
 */
export class ConversationSystem implements AsyncDisposable {
  /** The engine: start, send, pause, resume, cancel, status, history, checkpoints, rollback and lists. */
  readonly conversations: Conversations;
  readonly settings: ReadSettings;
  readonly #cabinet: AgentCabinet;
  readonly #storage?: ConversationStorage;
  readonly #monitor?: ResourceMonitor;
  readonly #warn: (warning: GraphwrightError) => void;

  /**
   * Reads the settings, compiles the flows, opens the storage and takes up what a crash left.
   * @throws GraphwrightError `invalid_configuration` with all that is wrong, before anything is opened;
   * `data_in_use`, `unavailable` or `store_damaged` as the storage has it.
   */
  static async open(configuration: ConversationSystemConfiguration): Promise<ConversationSystem> {
    const { agents = {}, workflows, reader, onWarning = () => undefined } = configuration;
    const read = readConversationSettings(configuration);
    const flows = await compileFlows(configuration.flows, {
      settings: read.flowDefaults,
      agents: Object.keys(agents),
      ...(workflows && { workflows }),
      ...(reader && { reader }),
    });
    const own = configuration.storage
      ? undefined
      : await openConversationStorage(read, configuration);
    const cabinet = new AgentCabinet(agents);
    try {
      const { runs, now, id } = configuration;
      const conversations = await Conversations.open({
        storage: configuration.storage ?? own!,
        flows,
        settings: read.engine,
        codec: read.codec,
        agents: cabinet.agents,
        onWarning,
        ...(runs && { runs }),
        ...(workflows && { workflows }),
        ...(now && { now }),
        ...(id && { id }),
      });
      return new ConversationSystem({ conversations, read, cabinet, own, onWarning });
    } catch (thrown) {
      await cabinet.dispose(onWarning);
      await own?.close();
      throw thrown;
    }
  }

  private constructor({ conversations, read, cabinet, own, onWarning }: Parts) {
    this.conversations = conversations;
    this.settings = read;
    this.#cabinet = cabinet;
    this.#storage = own;
    this.#warn = onWarning;
    if (read.settings.performance.resourceMonitoring)
      this.#monitor = new ResourceMonitor({ onWarning });
  }

  /** The flows that sessions may start. */
  get flows(): readonly CompiledFlow[] {
    return this.conversations.flows;
  }

  /**
   * Begins a conversation in a session. A session may have several; messages go to the newest one that is open.
   * @throws GraphwrightError as `Conversations.start`.
   */
  async startSession({
    flow,
    tenant = this.#tenant,
    sessionId = `${this.settings.settings.sessions.prefix ?? ''}${randomUUID()}`,
    session,
    message,
    state,
  }: StartSession): Promise<Turn & { readonly sessionId: string }> {
    const turn = await this.conversations.start({
      tenant,
      flow,
      session: { ...session, id: sessionId },
      ...(message && { message }),
      ...(state && { state }),
    });
    return { ...turn, sessionId };
  }

  /**
   * Sends a message to the session's conversation.
   * @throws GraphwrightError `not_found` when it has none that is open; else as `Conversations.send`.
   */
  async send(sessionId: string, message: Message, tenant = this.#tenant): Promise<Turn> {
    return this.conversations.send(await this.conversationOf(sessionId, tenant), message);
  }

  /**
   * The session's newest open conversation, for the operations of {@link conversations}.
   * @throws GraphwrightError `not_found`.
   */
  async conversationOf(sessionId: string, tenant = this.#tenant): Promise<ConversationSummary> {
    const status = openStatuses;
    const { items } = await this.conversations.list({ tenant, sessionId, status, limit: 1 });
    const [newest] = items;
    if (newest) return newest;
    throw new GraphwrightError('not_found', `Session ${sessionId} has no open conversation`);
  }

  /** The open conversations of a tenant, the newest first, also those from before a restart. */
  async activeSessions(tenant = this.#tenant): Promise<ConversationSummary[]> {
    const found: ConversationSummary[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const status = openStatuses;
      const page = await this.conversations.list({ tenant, status, cursor, limit: 1000 });
      found.push(...page.items);
      cursor = page.nextCursor;
      more = cursor !== undefined;
    }
    return found;
  }

  /** Counts the conversations of a tenant; with resource monitoring, tells how busy the process is as well. */
  async statistics(tenant = this.#tenant): Promise<SystemStatistics> {
    const counted = await countConversations(this.conversations, tenant);
    return { ...counted, ...(this.#monitor && { resources: this.#monitor.read() }) };
  }

  /** Lets go of steps under way, whose messages are to be sent again, and of everything that it opened. */
  async close(): Promise<void> {
    this.#monitor?.close();
    await this.conversations.close();
    await this.#cabinet.dispose(this.#warn);
    await this.#storage?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #tenant(): string {
    return this.settings.settings.tenants.default;
  }
}

interface Parts {
  readonly conversations: Conversations;
  readonly read: ReadSettings;
  readonly cabinet: AgentCabinet;
  readonly own: ConversationStorage | undefined;
  readonly onWarning: (warning: GraphwrightError) => void;
}
