import { z } from 'zod';
import { GraphwrightError } from '../../../errors.ts';
import { parse } from '../../../parse.ts';
import {
  ExternalEvent,
  ForeignId,
  Id,
  Message,
  type AcceptedEvent,
  type AcceptedMessage,
} from '../message.ts';
import type { ConversationKey, Session } from '../conversation.ts';
import type { JsonObject } from '../json.ts';
import { settle } from './settle.ts';

/** The most characters of a message or an event, as JSON. */
const longest = 100_000;

/** @throws GraphwrightError `invalid_parameters`, `too_large`. */
export function acceptMessage(message: Message, newId: () => string): AcceptedMessage {
  const given = sound(message, 'message');
  const { id = newId() } = parse(Message, given, 'invalid_parameters', 'The message');
  return settle({ ...given, id }) as unknown as AcceptedMessage;
}

/** @throws GraphwrightError `invalid_parameters`, `too_large`. */
export function acceptEvent(event: ExternalEvent, newId: () => string): AcceptedEvent {
  const given = sound(event, 'event');
  const { id = newId() } = parse(ExternalEvent, given, 'invalid_parameters', 'The event');
  return settle({ ...given, id }) as unknown as AcceptedEvent;
}

/**
 * The key of a conversation, once it is one.
 * @throws GraphwrightError `not_found`: an id that none can have is the id of none.
 */
export function acceptKey({ tenant, id }: ConversationKey): ConversationKey {
  if (Id.safeParse(id).success && Id.safeParse(tenant).success) return { tenant, id };
  throw new GraphwrightError('not_found', 'There is no such conversation');
}

const Key = z.object({ tenant: Id, id: Id });

/** The key that a conversation is to have. @throws GraphwrightError `invalid_parameters` */
export const acceptNewKey = (key: ConversationKey): ConversationKey =>
  parse(Key, key, 'invalid_parameters', 'The key of the conversation');

/** @throws GraphwrightError `invalid_parameters` */
export function acceptSession(session: Session): Session {
  parse(ForeignId, session.id, 'invalid_parameters', 'The id of the session');
  return sound(session, 'session') as Session;
}

/** What a conversation is begun with. @throws GraphwrightError `invalid_parameters`, `too_large`. */
export const acceptState = (state: JsonObject): JsonObject => sound(state, 'state') as JsonObject;

const Label = ForeignId.or(z.literal(''));

/** The label of a checkpoint. @throws GraphwrightError `invalid_parameters` */
export const acceptLabel = (label: string): string =>
  parse(Label, label, 'invalid_parameters', 'The label of the checkpoint');

/** @throws GraphwrightError `invalid_parameters` for what nests too deep or is no JSON; `too_large`. */
function sound(value: object, what: string): object {
  try {
    const copy = settle(value) as object;
    if (JSON.stringify(copy).length <= longest) return copy;
  } catch (thrown) {
    const { message } = GraphwrightError.from(thrown);
    throw new GraphwrightError('invalid_parameters', `The ${what} is not JSON: ${message}`, {
      cause: thrown,
    });
  }
  throw new GraphwrightError('too_large', `A ${what} has at most ${longest} characters as JSON`);
}
