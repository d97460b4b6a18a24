import { GraphwrightError } from '../../../errors.ts';
import type { FlowSettings } from '../flow-settings.ts';
import type { JsonObject } from '../json.ts';
import type { ConversationEvent, ConversationFacts, ConversationState, LogEntry } from '../log.ts';
import type { AcceptedEvent } from '../message.ts';
import type {
  Data,
  RecordCodec,
  RecordPlace,
  RecordTreatment,
  StoredConversation,
  StoredEntry,
  StoredEvent,
  StoredHead,
} from '../storage/storage.ts';
import { patched } from './patch.ts';
import { settleObject } from './settle.ts';

/** A conversation as the engine has it in memory. */
export interface Loaded {
  readonly head: StoredHead;
  readonly facts: ConversationFacts;
  readonly state: ConversationState;
}

/** The record of a commit: what happened, and the label when it is a checkpoint that has one. */
type WrittenEntry =
  | readonly ConversationEvent[]
  | { readonly label: string; readonly events: readonly ConversationEvent[] };

/** Records as JSON text, when nothing else is configured. */
const plain: RecordCodec = {
  encode: (text) => text,
  decode(data) {
    if (typeof data === 'string') return data;
    throw damaged('is compressed or encrypted, and no codec is configured');
  },
};

/** Turns what the engine knows into records, and back. */
export class Records {
  readonly #codec: RecordCodec;
  readonly #settings: (flow: string) => FlowSettings;

  constructor(codec: RecordCodec = plain, settings: (flow: string) => FlowSettings) {
    this.#codec = codec;
    this.#settings = settings;
  }

  writeFacts(facts: ConversationFacts, head: Omit<StoredHead, 'data'>): Data {
    return this.#write(facts, { ...placeOf(head), kind: 'head' }, head.flow);
  }

  /** A label is what somebody wrote, and lies with what was said. */
  writeEntry(
    { events, checkpoint }: Pick<LogEntry, 'events' | 'checkpoint'>,
    head: Omit<StoredHead, 'data'>,
  ): Data {
    const written: WrittenEntry = checkpoint ? { label: checkpoint, events } : events;
    return this.#write(written, { ...placeOf(head), kind: 'entry' }, head.flow);
  }

  writeSnapshot(text: string, head: Omit<StoredHead, 'data'>): Data {
    const place = { ...placeOf(head), kind: 'snapshot' } as const;
    return this.#codec.encode(text, place, this.#treatment(head.flow));
  }

  /** Whose flow will take it is not known yet; encrypted whenever some flow asks for it. */
  writeEvent(event: AcceptedEvent, tenant: string, treatment: RecordTreatment): Data {
    const text = JSON.stringify(event.payload ?? null);
    return this.#codec.encode(text, eventPlace(tenant, event), treatment);
  }

  readEvent({ data, ...stored }: StoredEvent): AcceptedEvent {
    const { tenant, type, correlationId, id } = stored;
    const payload = JSON.parse(this.#codec.decode(data, eventPlace(tenant, stored)));
    return { type, correlationId, id, ...(payload !== null && { payload }) };
  }

  readEntry(key: Pick<StoredHead, 'tenant' | 'id'>, stored: StoredEntry): LogEntry {
    const { data, snapshot: _, ...entry } = stored;
    const place: RecordPlace = { ...placeOf({ ...key, version: entry.version }), kind: 'entry' };
    const written = this.#read(data, place) as WrittenEntry;
    if (!('label' in written)) return { ...entry, events: written };
    return { ...entry, checkpoint: written.label, events: written.events };
  }

  readFacts(head: StoredHead): ConversationFacts {
    return this.#read(head.data, { ...placeOf(head), kind: 'head' }) as ConversationFacts;
  }

  /** The state at the version that was loaded, from one in memory or from the snapshot. */
  reduce({ head, snapshot, entries }: StoredConversation, known?: ConversationState) {
    const base = snapshot
      ? (this.#read(snapshot.data, {
          ...placeOf({ ...head, version: snapshot.version }),
          kind: 'snapshot',
        }) as JsonObject)
      : ((known ?? {}) as JsonObject);
    const state = entries
      .flatMap((entry) => this.readEntry(head, entry).events)
      .reduce(
        (before, event) => (event.type === 'state' ? patched(before, event.patch) : before),
        base,
      );
    return settleObject(state) as unknown as ConversationState;
  }

  #write(value: unknown, place: RecordPlace, flow: string): Data {
    return this.#codec.encode(JSON.stringify(value), place, this.#treatment(flow));
  }

  #read(data: Data, place: RecordPlace): unknown {
    const text = this.#codec.decode(data, place);
    try {
      return JSON.parse(text);
    } catch (thrown) {
      throw damaged(`(${place.kind} ${place.version} of ${place.id}) is not JSON`, thrown);
    }
  }

  #treatment(flow: string): RecordTreatment {
    const { compressState, encryptSensitiveData } = this.#settings(flow);
    return { compress: compressState, encrypt: encryptSensitiveData };
  }
}

const placeOf = ({ tenant, id, version }: Pick<StoredHead, 'tenant' | 'id' | 'version'>) => ({
  tenant,
  id,
  version,
});

const eventPlace = (
  tenant: string,
  { correlationId, id }: Pick<StoredEvent, 'correlationId' | 'id'>,
): RecordPlace => ({ tenant, id: JSON.stringify([correlationId, id]), kind: 'event', version: 0 });

const damaged = (what: string, cause?: unknown) =>
  new GraphwrightError('store_damaged', `A record of a conversation ${what}`, { cause });
