import { z } from 'zod';
import { GraphwrightError } from '../../../errors.ts';
import { parse } from '../../../parse.ts';
import { timeLimit } from '../../../time-limit.ts';
import type {
  ConversationFilter,
  ConversationPage,
  Followed,
  FollowConversation,
  HistoryFilter,
} from '../api.ts';
import {
  hasEnded,
  type Checkpoint,
  type ConversationKey,
  type ConversationRecord,
  type ConversationSummary,
} from '../conversation.ts';
import type { LogEntry } from '../log.ts';
import { Id } from '../message.ts';
import type { StoredEntry, StoredHead } from '../storage/storage.ts';
import type { Core } from './core.ts';
import { entriesBefore } from './history.ts';
import { nameOf } from './log.ts';
import type { Loaded } from './records.ts';

const Status = z.enum([
  'active',
  'waiting',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'expired',
]);
const Limit = z.int('A limit is a whole number').min(1).max(1000).default(50);
const Filter = z.object({
  tenant: z.string(),
  flow: z.string().optional(),
  sessionId: z.string().optional(),
  status: z.union([Status, z.array(Status).readonly()]).optional(),
  cursor: z.string().optional(),
  limit: Limit,
});
const History = z.object({
  after: z.int().min(0).optional(),
  before: z.int().min(0).optional(),
  order: z.enum(['oldest', 'newest']).optional(),
  limit: Limit,
});
const Cursor = z.tuple([z.int(), Id, Id]);

/** How long, in milliseconds, those who follow a conversation may not know of what another process did. */
const lookAgain = 500;

/** Tells how conversations stand and what happened in them. */
export class Reading {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  async status(key: ConversationKey): Promise<ConversationRecord> {
    const { loaded } = await this.#core.log.load(key);
    const { head, facts, state } = loaded;
    const steps = this.#core.registry.all.find(({ id }) => id === head.flow)?.steps ?? [];
    const visited = steps.filter(({ name }) => state.visits[`${head.flow}.${name}`]);
    const left = hasEnded(state.status)
      ? visited
      : visited.filter(({ name }) => name !== state.step);
    return {
      ...summaryOf(head),
      session: facts.session,
      step: state.step,
      state: state.data,
      pending: await this.#pending(loaded),
      progress: { done: left.length, total: steps.length },
    };
  }

  async history(key: ConversationKey, filter: HistoryFilter = {}): Promise<LogEntry[]> {
    const wanted = parse(History, filter, 'invalid_parameters', 'The filter of the history');
    await this.#core.log.load(key);
    const found = await this.#core.storage.entries(key, wanted);
    return found.map((entry) => this.#core.records.readEntry(key, entry));
  }

  async checkpoints(key: ConversationKey): Promise<Checkpoint[]> {
    await this.#core.log.load(key);
    const { maxCheckpoints, checkpointTtl } = this.#core.settings;
    const since = this.#core.now().getTime() - checkpointTtl;
    const found = await this.#core.storage.entries(key, {
      checkpoints: true,
      order: 'newest',
      limit: maxCheckpoints,
    });
    return Promise.all(
      found
        .filter(({ at }) => at >= since)
        .map(async (stored) =>
          checkpointOf(this.#core.records.readEntry(key, stored), await this.#stepAt(key, stored)),
        ),
    );
  }

  async list(filter: ConversationFilter): Promise<ConversationPage> {
    const { cursor, status, limit, ...wanted } = parse(
      Filter,
      filter,
      'invalid_parameters',
      'The filter of conversations',
    );
    const heads = await this.#core.storage.list({
      ...wanted,
      status: status === undefined ? undefined : [status].flat(),
      after: cursor === undefined ? undefined : placeOf(cursor),
      limit: limit + 1,
    });
    const items = heads.slice(0, limit).map(summaryOf);
    const last = heads[limit - 1];
    return heads.length > limit && last ? { items, nextCursor: cursorOf(last) } : { items };
  }

  async *follow(
    key: ConversationKey,
    { after = 0, signal }: FollowConversation = {},
  ): AsyncGenerator<Followed> {
    const following = this.#core.followers.follow(nameOf(key));
    const { storage, closing } = this.#core;
    const stop = AbortSignal.any([closing.signal, ...(signal ? [signal] : [])]);
    try {
      let last = after;
      await this.#core.log.load(key);
      for (let behind = true; ;) {
        if (behind)
          for (const entry of await this.#since(key, last)) {
            yield { type: 'entry', ...entry };
            last = entry.version;
          }
        // What another process commits is told by nobody: it has to be looked for.
        const waiting = storage.exclusive ? stop : AbortSignal.any([stop, timeLimit(lookAgain)]);
        const told = await following.next(waiting).catch(() => undefined);
        if (stop.aborted) return;
        behind = !told || (told.type === 'entry' && told.version > last + 1);
        if (told?.type === 'saying') yield told;
        else if (told?.version === last + 1) {
          yield told;
          last = told.version;
        }
      }
    } finally {
      following.end();
    }
  }

  async #since(key: ConversationKey, after: number): Promise<LogEntry[]> {
    const found = await this.#core.storage.entries(key, { after, limit: 1000 });
    return found.map((entry) => this.#core.records.readEntry(key, entry));
  }

  async #stepAt(key: ConversationKey, { version }: StoredEntry): Promise<string> {
    return (await this.#core.log.stateAt(key, version)).step;
  }

  async #pending({ head, state }: Loaded): Promise<ConversationRecord['pending']> {
    if (hasEnded(state.status)) return undefined;
    const { storage, records } = this.#core;
    for await (const { events } of entriesBefore(storage, records, head, head.version)) {
      const reply = events.findLast((event) => event.type === 'reply')?.reply;
      if (reply) return reply.expects && { ...reply.expects, prompt: reply.content };
    }
    return undefined;
  }
}

/** A checkpoint, as callers see it. */
export const checkpointOf = (
  { version, at, checkpoint }: Pick<LogEntry, 'version' | 'at' | 'checkpoint'>,
  step: string,
): Checkpoint => ({
  version,
  step,
  ...(checkpoint && { label: checkpoint }),
  at: new Date(at).toISOString(),
});

const summaryOf = (head: StoredHead): ConversationSummary => ({
  tenant: head.tenant,
  id: head.id,
  flow: head.flow,
  sessionId: head.sessionId,
  status: head.status,
  version: head.version,
  waitingFor: head.waitingFor,
  createdAt: new Date(head.createdAt).toISOString(),
  updatedAt: new Date(head.updatedAt).toISOString(),
  dueAt: head.dueAt === undefined ? undefined : new Date(head.dueAt).toISOString(),
});

const cursorOf = ({ createdAt, tenant, id }: StoredHead): string =>
  Buffer.from(JSON.stringify([createdAt, tenant, id])).toString('base64url');

/** @throws GraphwrightError `invalid_parameters` for a text that is no cursor. */
function placeOf(cursor: string): Pick<StoredHead, 'createdAt' | 'tenant' | 'id'> {
  try {
    const [createdAt, tenant, id] = Cursor.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString()),
    );
    return { createdAt, tenant, id };
  } catch (thrown) {
    const problems = [{ pointer: '/cursor', detail: 'Not a cursor' }];
    throw new GraphwrightError(
      'invalid_parameters',
      'The cursor is none that a page of conversations gave',
      { problems, cause: thrown },
    );
  }
}
