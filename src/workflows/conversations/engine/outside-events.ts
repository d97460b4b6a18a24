import { GraphwrightError } from '../../../errors.ts';
import { suggest } from '../../../nearest.ts';
import type { Delivery } from '../api.ts';
import type { ConversationKey, Turn } from '../conversation.ts';
import type { LogEntry } from '../log.ts';
import { Id, type AcceptedEvent, type AwaitedEvent, type ExternalEvent } from '../message.ts';
import type { StoredHead } from '../storage/storage.ts';
import { acceptEvent } from './accepted.ts';
import type { Core } from './core.ts';
import type { Loaded } from './records.ts';
import { runEnd, runEnded } from './step-services.ts';
import { turnOf, type Turns } from './turns.ts';

const page = 200;

/** Brings events from outside to the conversations that wait for them (row L6). */
export class OutsideEvents {
  readonly #core: Core;
  readonly #turns: Turns;
  /** Runs whose end somebody waits for here. */
  readonly #watched = new Map<string, Promise<void>>();
  /** Who delivers an event now, by tenant and event, and wants to know the turn it leads to. */
  readonly #delivering = new Map<string, (turn: Turn) => void>();

  constructor(core: Core, turns: Turns) {
    this.#core = core;
    this.#turns = turns;
    core.onCommitted((loaded, entry) => {
      const { events } = entry;
      for (const event of events)
        if (event.type === 'external')
          this.#delivering.get(nameIn(loaded.head.tenant, event.event))?.(turnIn(loaded, entry));
      const failed = events.some((event) => event.type === 'step' && event.action === 'failed');
      // A step that failed on its event gets it again with the next message, not again and again.
      if (loaded.state.status === 'waiting' && !failed) this.#awaits(loaded);
    });
  }

  /** @throws GraphwrightError as `Conversations.deliver`. */
  async deliver(tenant: string, given: ExternalEvent): Promise<Delivery> {
    if (!Id.safeParse(tenant).success)
      throw new GraphwrightError('invalid_parameters', 'The tenant of the event is none');
    if (given.type === runEnded)
      throw new GraphwrightError('invalid_parameters', `${runEnded} comes from runs alone`);
    const event = acceptEvent(given, this.#core.newId);
    return this.#deliver(tenant, event);
  }

  /** Takes up what a crash left: events that were accepted and not given yet, and runs under way. */
  async recover(): Promise<void> {
    let after: StoredHead | undefined;
    do {
      const heads = await this.#core.storage.list({ status: ['waiting'], after, limit: page });
      for (const head of heads) if (head.waitingFor) await this.#look(head, head.waitingFor);
      after = heads.length === page ? heads.at(-1) : undefined;
    } while (after);
  }

  /** Resolves when no run is watched any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#watched.values());
  }

  async #deliver(tenant: string, event: AcceptedEvent): Promise<Delivery> {
    const { type, correlationId, id } = event;
    const at = this.#core.now().getTime();
    const data = this.#core.records.writeEvent(event, tenant, this.#core.eventTreatment);
    const name = nameIn(tenant, event);
    let turn: Turn | undefined;
    this.#delivering.set(name, (led) => (turn = led));
    try {
      const fresh = await this.#core.storage.put({ tenant, type, correlationId, id, at, data });
      const offered = await this.#offer(tenant, event);
      // A conversation that had begun to wait in the very moment may have been faster.
      turn ??= offered;
      const led = turn && { turn };
      if (!fresh) return { id, outcome: 'known', ...led };
      const left = turn ? [] : await this.#core.storage.inbox(tenant, event);
      const kept = left.some((each) => each.id === id);
      if (kept) this.#warnOfUnknown(type);
      return { id, outcome: kept ? 'kept' : 'taken', ...led };
    } finally {
      this.#delivering.delete(name);
    }
  }

  /** Offers an event to those that wait for it, until one takes it. */
  async #offer(tenant: string, { type, correlationId }: AwaitedEvent): Promise<Turn | undefined> {
    const waitingFor = { type, correlationId };
    const heads = await this.#core.storage.list({
      tenant,
      waitingFor,
      status: ['waiting'],
      limit: page,
    });
    for (const { id } of heads) {
      const turn = await this.#turns.happen({ tenant, id });
      if (turn) return turn;
    }
    return undefined;
  }

  #warnOfUnknown(type: string): void {
    const known = this.#core.registry.all.flatMap(({ events = [] }) => events);
    if (known.includes(type) || type === runEnded) return;
    this.#core.warn(
      new GraphwrightError(
        'not_found',
        `No flow waits for events of type ${type}; ${suggest(type, known)}. The event is kept`,
      ),
    );
  }

  /** A conversation waits from now on: its event may have come in the very moment. */
  #awaits({ head: { tenant, id }, state }: Loaded): void {
    const { waiting } = state;
    if (waiting) void this.#look({ tenant, id }, waiting).catch((thrown) => this.#failed(thrown));
  }

  async #look(key: ConversationKey, awaited: AwaitedEvent): Promise<void> {
    const { tenant, id } = key;
    if (awaited.type === runEnded) this.#watch(tenant, awaited.correlationId);
    await this.#turns.happen({ tenant, id });
  }

  /** Waits for the end of a run, and tells it as an event. */
  #watch(tenant: string, run: string): void {
    if (this.#watched.has(run)) return;
    const told = async () => {
      const payload = settledEnd(await this.#core.services.wait(run));
      await this.#deliver(tenant, { type: runEnded, correlationId: run, id: run, payload });
    };
    const watching = told()
      .catch((thrown) => this.#failed(thrown))
      .finally(() => this.#watched.delete(run));
    this.#watched.set(run, watching);
  }

  #failed(thrown: unknown): void {
    if (!this.#core.closing.signal.aborted) this.#core.warn(GraphwrightError.from(thrown));
  }
}

/** One text for an event of a tenant. */
export const eventName = ({ correlationId, id }: Pick<AcceptedEvent, 'correlationId' | 'id'>) =>
  JSON.stringify([correlationId, id]);

const nameIn = (tenant: string, event: AcceptedEvent): string => tenant + eventName(event);

/** The turn that a commit was. */
const turnIn = (loaded: Loaded, { events }: LogEntry): Turn =>
  turnOf(loaded, {
    replies: events.flatMap((each) => (each.type === 'reply' ? [each.reply] : [])),
  });

const settledEnd = (record: Parameters<typeof runEnd>[0]) =>
  JSON.parse(JSON.stringify(runEnd(record))) as AcceptedEvent['payload'];
