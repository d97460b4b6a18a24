import { GraphwrightError } from '../../../../errors.ts';
import type { ConversationKey } from '../../conversation.ts';
import type { AwaitedEvent } from '../../message.ts';
import type { StoredEvent } from '../storage.ts';

/**
 * The names of what is kept in Redis. Words of callers are percent-encoded, so that none can hold a separator;
 * no command takes a pattern.
 */
export class RedisKeys {
  readonly prefix: string;

  /** @throws GraphwrightError `invalid_configuration` */
  constructor(prefix: string) {
    if (!/^[A-Za-z0-9_:.-]{1,64}$/.test(prefix))
      throw new GraphwrightError(
        'invalid_configuration',
        `${JSON.stringify(prefix)} cannot begin keys: use 1 to 64 letters, digits and _ : . -`,
      );
    this.prefix = prefix;
  }

  conversation(key: ConversationKey): string {
    return `${this.prefix}c:${this.member(key)}`;
  }

  /** How an index over all tenants names a conversation; in the order of tenant, then id. */
  member({ tenant, id }: ConversationKey): string {
    return `${encoded(tenant)} ${encoded(id)}`;
  }

  /** The conversation that a member names. */
  keyOf(member: string): ConversationKey {
    const [tenant = '', id = ''] = member.split(' ').map(decodeURIComponent);
    return { tenant, id };
  }

  newest(tenant?: string): string {
    return tenant === undefined
      ? `${this.prefix}newest`
      : `${this.prefix}newest:${encoded(tenant)}`;
  }

  get updated(): string {
    return `${this.prefix}updated`;
  }

  get due(): string {
    return `${this.prefix}due`;
  }

  waiting(tenant: string, { type, correlationId }: AwaitedEvent): string {
    return `${this.prefix}waiting:${[tenant, type, correlationId].map(encoded).join(' ')}`;
  }

  event(event: EventKey): string {
    return `${this.prefix}event:${this.eventMember(event)}`;
  }

  eventMember({ tenant, correlationId, id }: EventKey): string {
    return [tenant, correlationId, id].map(encoded).join(' ');
  }

  eventOf(member: string): EventKey {
    const [tenant = '', correlationId = '', id = ''] = member.split(' ').map(decodeURIComponent);
    return { tenant, correlationId, id };
  }

  inbox(tenant: string, { type, correlationId }: AwaitedEvent): string {
    return `${this.prefix}inbox:${[tenant, type, correlationId].map(encoded).join(' ')}`;
  }

  get events(): string {
    return `${this.prefix}events`;
  }
}

type EventKey = Pick<StoredEvent, 'tenant' | 'correlationId' | 'id'>;

/** As a part of a key. */
export const encoded = (word: string): string => encodeURIComponent(word);
