import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConversationStatus } from '../../src/workflows/conversations/conversation.ts';
import type {
  Commit,
  ConversationStorage,
  StoredEvent,
  StoredHead,
} from '../../src/workflows/conversations/storage/storage.ts';
import { commitOf, entryOf, headOf } from '../support/stored-commits.ts';

/** One storage that a test may close and open again, as a process that stops and starts. */
export interface StorageUnderTest {
  storage: ConversationStorage;
  /** Closes what is open and opens the same data again; absent when the storage keeps nothing. */
  reopen?(): Promise<ConversationStorage>;
  /** The same data as another process sees it, while the first one goes on. */
  second?(): Promise<ConversationStorage>;
  close(): Promise<void>;
}

export type OpenStorage = () => Promise<StorageUnderTest>;

/** What only some storages do. */
export interface StorageKind {
  /** Whether it keeps anything beyond its process; true by default. */
  keeps?: boolean;
  /** Whether several processes may have it at once; false by default. */
  shared?: boolean;
}

const tenant = 'tenant-a';
const key = { tenant, id: 'c1' };

const eventOf = (id: string, more: Partial<StoredEvent> = {}): StoredEvent => ({
  tenant,
  type: 'payment_confirmed',
  correlationId: 'order-1',
  id,
  at: 2000,
  data: `event ${id}`,
  ...more,
});

const paid = { type: 'payment_confirmed', correlationId: 'order-1' };

/** Holds a storage to what {@link ConversationStorage} says. */
export function describeStorage(
  name: string,
  open: OpenStorage,
  { keeps = true }: StorageKind = {},
): void {
  describe(`${name} as a storage of conversations`, () => {
    let under: StorageUnderTest;
    let storage: ConversationStorage;
    beforeEach(async () => {
      under = await open();
      storage = under.storage;
    });
    afterEach(() => under.close());

    const log = async (...versions: number[]) => {
      for (const version of versions)
        expect(await storage.commit(commitOf(version))).toBeUndefined();
    };
    const ids = (heads: readonly StoredHead[]) => heads.map(({ id }) => id);

    test('V14 gives back what was committed, texts as texts and bytes as bytes', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      const head = headOf(1, { data: bytes, dueAt: 5000, waitingFor: paid, status: 'waiting' });
      const entry = entryOf(1, {
        data: 'ä\n"\u0001',
        snapshot: bytes,
        messageId: 'm1',
        checkpoint: '',
      });
      expect(await storage.commit({ expected: 0, head, entry })).toBeUndefined();
      const found = await storage.load(key);
      expect(found!.head).toMatchObject({ ...head, data: expect.anything() });
      expect([...(found!.head.data as Uint8Array)]).toEqual([...bytes]);
      expect(found!.snapshot!.version).toBe(1);
      expect([...(found!.snapshot!.data as Uint8Array)]).toEqual([...bytes]);
      expect(found!.entries).toEqual([]);
      const [listed] = await storage.entries(key, { limit: 10 });
      const { snapshot: _, ...plain } = entry;
      expect(listed).toEqual(plain);
    });

    test('gives nothing for what does not exist', async () => {
      expect(await storage.load(key)).toBeUndefined();
      expect(await storage.entries(key, { limit: 10 })).toEqual([]);
      expect(await storage.inbox(tenant, paid)).toEqual([]);
      expect(await storage.list({ tenant, limit: 10 })).toEqual([]);
      expect(await storage.delete(key)).toBe(false);
    });

    test('takes only the commit that is based on the newest version', async () => {
      await log(1, 2);
      expect(await storage.commit(commitOf(2))).toBe('version');
      expect(await storage.commit(commitOf(4))).toBe('version');
      expect(await storage.commit(commitOf(1))).toBe('version');
      expect(await storage.commit(commitOf(1, { id: 'c2' }))).toBeUndefined();
      expect(await storage.commit(commitOf(3, { id: 'nobody' }))).toBe('version');
      expect(await storage.load({ tenant, id: 'nobody' })).toBeUndefined();
      expect((await storage.load(key))!.head).toEqual(headOf(2));
    });

    test('of 20 commits with the same base exactly one takes effect', async () => {
      await log(1);
      const others = under.second ? [storage, await under.second()] : [storage];
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          others[index % others.length]!.commit(
            commitOf(2, { data: `head of ${index}` }, { entry: { data: `entry of ${index}` } }),
          ),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'version')).toHaveLength(19);
      const winner = outcomes.indexOf(undefined);
      const found = await storage.load(key);
      expect(found!.head.data).toBe(`head of ${winner}`);
      expect(found!.entries.map(({ data }) => data)).toEqual(['entry 1', `entry of ${winner}`]);
    });

    test('rebuilds the newest or an older version from the nearest snapshot', async () => {
      for (let version = 1; version <= 9; version += 1)
        await storage.commit(
          commitOf(version, {}, { entry: version % 4 === 0 ? { snapshot: `at ${version}` } : {} }),
        );
      const parts = async (options: Parameters<ConversationStorage['load']>[1]) => {
        const found = await storage.load(key, options);
        expect(found!.head.version).toBe(9);
        return [found!.snapshot?.data, ...found!.entries.map(({ version }) => version)];
      };
      expect(await parts({})).toEqual(['at 8', 9]);
      expect(await parts({ at: 8 })).toEqual(['at 8']);
      expect(await parts({ at: 7 })).toEqual(['at 4', 5, 6, 7]);
      expect(await parts({ at: 3 })).toEqual([undefined, 1, 2, 3]);
      expect(await parts({ known: 6 })).toEqual([undefined, 7, 8, 9]);
      expect(await parts({ known: 9 })).toEqual([undefined]);
      expect(await parts({ known: 12 })).toEqual(['at 8', 9]);
    });

    test('finds the entry that answered a message, of this conversation alone', async () => {
      await storage.commit(commitOf(1, {}, { entry: { messageId: 'm1' } }));
      await storage.commit(commitOf(2, {}, { entry: { messageId: 'm2', snapshot: 'all' } }));
      await storage.commit(commitOf(1, { id: 'c2' }, { entry: { messageId: 'm3' } }));
      const answered = async (messageId: string) =>
        (await storage.load(key, { known: 2, messageId }))!.answered;
      expect(await answered('m1')).toEqual(entryOf(1, { messageId: 'm1' }));
      expect(await answered('m2')).toEqual(entryOf(2, { messageId: 'm2' }));
      expect(await answered('m3')).toBeUndefined();
      expect(await answered('%')).toBeUndefined();
      expect((await storage.load(key))!.answered).toBeUndefined();
    });

    test('gives all message ids of this conversation, where the engine may rely on them', async () => {
      if (!storage.exclusive) return;
      await storage.commit(commitOf(1, {}, { entry: { messageId: 'm1', snapshot: 'all' } }));
      await storage.commit(commitOf(2, {}, { entry: { messageId: 'quoted " one' } }));
      await storage.commit(commitOf(3));
      await storage.commit(commitOf(1, { id: 'c2' }, { entry: { messageId: 'm3' } }));
      const messageIds = async (options: Parameters<ConversationStorage['load']>[1]) =>
        (await storage.load(key, options))!.messageIds;
      expect(await messageIds({ known: 3, messageIds: true })).toEqual(['m1', 'quoted " one']);
      expect(await messageIds({ known: 3 })).toBeUndefined();
    });

    test('V22 gives parts of the log, in both directions, and the checkpoints by themselves', async () => {
      for (let version = 1; version <= 6; version += 1)
        await storage.commit(
          commitOf(
            version,
            {},
            { entry: version % 2 ? { checkpoint: version === 1 ? '' : 'x' } : {} },
          ),
        );
      const versions = async (filter: Parameters<ConversationStorage['entries']>[1]) =>
        (await storage.entries(key, filter)).map(({ version }) => version);
      expect(await versions({ limit: 100 })).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await versions({ after: 2, limit: 2 })).toEqual([3, 4]);
      expect(await versions({ order: 'newest', before: 6, limit: 2 })).toEqual([5, 4]);
      expect(await versions({ checkpoints: true, order: 'newest', limit: 2 })).toEqual([5, 3]);
      expect(await versions({ checkpoints: true, after: 1, before: 5, limit: 10 })).toEqual([3]);
    });

    describe('L6 the inbox', () => {
      test('takes an event once, by correlation id and event id', async () => {
        expect(await storage.put(eventOf('e1'))).toBe(true);
        expect(await storage.put(eventOf('e1', { data: 'other' }))).toBe(false);
        expect(await storage.put(eventOf('e1', { correlationId: 'order-2' }))).toBe(true);
        expect(await storage.put(eventOf('e1', { tenant: 'tenant-b' }))).toBe(true);
        expect(await storage.inbox(tenant, paid)).toEqual([eventOf('e1')]);
      });

      test('gives the untaken ones of a type, the oldest first', async () => {
        await storage.put(eventOf('late', { at: 3000 }));
        await storage.put(eventOf('early', { at: 1000 }));
        await storage.put(eventOf('other', { type: 'location_resolved' }));
        const found = await storage.inbox(tenant, paid);
        expect(found.map(({ id }) => id)).toEqual(['early', 'late']);
      });

      test('gives an event to one commit, and knows it still when it comes again', async () => {
        await storage.put(eventOf('e1'));
        const takes = { correlationId: 'order-1', id: 'e1' };
        expect(await storage.commit(commitOf(1, {}, { takes }))).toBeUndefined();
        expect(await storage.inbox(tenant, paid)).toEqual([]);
        expect(await storage.put(eventOf('e1'))).toBe(false);
        expect(await storage.inbox(tenant, paid)).toEqual([]);
        expect(await storage.commit(commitOf(1, { id: 'c2' }, { takes }))).toBe('event');
        expect(await storage.load({ tenant, id: 'c2' })).toBeUndefined();
      });

      test('T22 gives no event to a commit of another tenant', async () => {
        await storage.put(eventOf('e1'));
        const takes = { correlationId: 'order-1', id: 'e1' };
        const other = commitOf(1, { tenant: 'tenant-b' }, { takes });
        expect(await storage.commit(other)).toBe('event');
        expect(await storage.inbox('tenant-b', paid)).toEqual([]);
      });

      test('a refused commit takes nothing', async () => {
        await storage.put(eventOf('e1'));
        await log(1);
        const takes = { correlationId: 'order-1', id: 'e1' };
        expect(await storage.commit(commitOf(1, {}, { takes }))).toBe('version');
        expect(await storage.inbox(tenant, paid)).toEqual([eventOf('e1')]);
      });
    });

    describe('V20 the quotas', () => {
      const race = async (commits: Commit[]) => {
        const others = under.second ? [storage, await under.second()] : [storage];
        return Promise.all(
          commits.map((commit, index) => others[index % others.length]!.commit(commit)),
        );
      };
      const count = (outcomes: unknown[], wanted: unknown) =>
        outcomes.filter((outcome) => outcome === wanted).length;

      test('hold when 100 commits race for the last place', async () => {
        const limits = { tenantSessions: 3 };
        for (const id of ['x1', 'x2'])
          expect(await storage.commit(commitOf(1, { id }, { limits }))).toBeUndefined();
        const outcomes = await race(
          Array.from({ length: 100 }, (_, index) => commitOf(1, { id: `r${index}` }, { limits })),
        );
        expect(count(outcomes, undefined)).toBe(1);
        expect(count(outcomes, 'tenant_sessions')).toBe(99);
        expect(await storage.list({ tenant, limit: 200 })).toHaveLength(3);
      });

      test('count open conversations alone, and each tenant by itself', async () => {
        const limits = { tenantSessions: 1 };
        const first = await storage.commit(commitOf(1, {}, { limits }));
        expect(first).toBeUndefined();
        const b = { tenant: 'tenant-b' };
        expect(await storage.commit(commitOf(1, b, { limits }))).toBeUndefined();
        expect(await storage.commit(commitOf(1, { id: 'c2' }, { limits }))).toBe('tenant_sessions');
        // One that is open already does not stand in its own way.
        expect(await storage.commit(commitOf(2, {}, { limits }))).toBeUndefined();
        expect(await storage.commit(commitOf(3, { status: 'completed' }))).toBeUndefined();
        expect(await storage.commit(commitOf(1, { id: 'c2' }, { limits }))).toBeUndefined();
        expect(await storage.commit(commitOf(4, {}, { limits }))).toBe('tenant_sessions');
      });

      test('hold for all tenants together', async () => {
        const limits = { allSessions: 2 };
        const outcomes = await race(
          Array.from({ length: 10 }, (_, index) =>
            commitOf(
              1,
              { tenant: `t${index}`, status: index % 2 ? 'paused' : 'waiting' },
              { limits },
            ),
          ),
        );
        expect(count(outcomes, undefined)).toBe(2);
        expect(count(outcomes, 'all_sessions')).toBe(8);
      });

      test('hold for the messages of a minute, and begin anew with the next', async () => {
        const rate = (window: number) => ({ limits: { rate: { window, most: 5 } } });
        const outcomes = await race(
          Array.from({ length: 30 }, (_, index) => commitOf(1, { id: `r${index}` }, rate(7))),
        );
        expect(count(outcomes, undefined)).toBe(5);
        expect(count(outcomes, 'rate')).toBe(25);
        expect(await storage.commit(commitOf(1, { tenant: 'tenant-b' }, rate(7)))).toBeUndefined();
        expect(await storage.commit(commitOf(1, { id: 'next' }, rate(8)))).toBeUndefined();
        expect(await storage.commit(commitOf(1, { id: 'free' }))).toBeUndefined();
      });

      test('a commit that is refused for one reason counts for no other', async () => {
        const limits = { rate: { window: 1, most: 1 } };
        await log(1);
        expect(await storage.commit(commitOf(1, {}, { limits }))).toBe('version');
        expect(await storage.commit(commitOf(2, {}, { limits }))).toBeUndefined();
        expect(await storage.commit(commitOf(3, {}, { limits }))).toBe('rate');
      });
    });

    describe('lists', () => {
      const make = (id: string, more: Partial<StoredHead> = {}) =>
        storage.commit(commitOf(1, { id, ...more }));

      test('the newest first, in pages', async () => {
        await make('a', { createdAt: 1 });
        for (const id of ['b', 'c', 'd']) await make(id, { createdAt: 2 });
        await make('e', { createdAt: 3 });
        const first = await storage.list({ tenant, limit: 2 });
        expect(ids(first)).toEqual(['e', 'd']);
        const second = await storage.list({ tenant, limit: 10, after: first.at(-1) });
        expect(ids(second)).toEqual(['c', 'b', 'a']);
        expect(second[0]).toEqual(headOf(1, { id: 'c', createdAt: 2 }));
      });

      test('by flow, session, status, what they wait for and when they are due', async () => {
        await make('a', { flow: 'x' });
        await make('b', { sessionId: "s'2" });
        await make('c', { status: 'waiting', waitingFor: paid });
        await make('d', { status: 'paused', dueAt: 50 });
        await make('e', { tenant: 'tenant-b', status: 'waiting', waitingFor: paid, dueAt: 60 });
        const found = async (filter: object) => ids(await storage.list({ limit: 10, ...filter }));
        expect(await found({ tenant, flow: 'x' })).toEqual(['a']);
        expect(await found({ tenant, sessionId: "s'2" })).toEqual(['b']);
        const status: ConversationStatus[] = ['waiting', 'paused'];
        expect(await found({ tenant, status })).toEqual(['d', 'c']);
        expect(await found({ tenant, waitingFor: paid })).toEqual(['c']);
        expect(await found({ tenant, waitingFor: { ...paid, type: 'x' } })).toEqual([]);
        expect(await found({ dueBefore: 59 })).toEqual(['d']);
        expect((await found({ dueBefore: 60 })).toSorted()).toEqual(['d', 'e']);
        expect(await found({ status: ['waiting'] })).toEqual(['e', 'c']);
      });

      test('follow a conversation when it changes', async () => {
        const waiting = { status: 'waiting', waitingFor: paid, dueAt: 10 } as const;
        await storage.commit(commitOf(1, waiting));
        await storage.commit(commitOf(2));
        expect(await storage.list({ tenant, waitingFor: paid, limit: 10 })).toEqual([]);
        expect(await storage.list({ dueBefore: 99, limit: 10 })).toEqual([]);
        expect(await storage.list({ tenant, status: ['waiting'], limit: 10 })).toEqual([]);
        expect(await storage.list({ tenant, status: ['active'], limit: 10 })).toEqual([headOf(2)]);
      });
    });

    test('T22 T35 no word of a caller reaches another tenant, whatever is in it', async () => {
      await log(1);
      await storage.put(eventOf('e1'));
      for (const guess of [
        '*',
        '%',
        '_',
        "tenant-b' OR '1'='1",
        'tenant-',
        '',
        'tenant-a:c1',
        '../tenant-a',
      ]) {
        const other = { tenant: guess, id: 'c1' };
        expect(await storage.load(other)).toBeUndefined();
        expect(await storage.entries(other, { limit: 10 })).toEqual([]);
        expect(await storage.list({ tenant: guess, limit: 10 })).toEqual([]);
        expect(await storage.inbox(guess, paid)).toEqual([]);
        expect(await storage.inbox(tenant, { ...paid, correlationId: guess })).toEqual([]);
        expect(await storage.delete(other)).toBe(false);
        expect(await storage.list({ tenant, flow: guess, limit: 10 })).toEqual([]);
        expect(await storage.list({ tenant, sessionId: guess, limit: 10 })).toEqual([]);
      }
      expect(await storage.load({ tenant, id: '*' })).toBeUndefined();
      expect((await storage.load(key))!.head).toEqual(headOf(1));
    });

    test('removes a conversation with all that belongs to it, and no other', async () => {
      await log(1, 2);
      await storage.commit(commitOf(1, { id: 'c2' }, { entry: { messageId: 'm1' } }));
      expect(await storage.delete(key)).toBe(true);
      expect(await storage.load(key)).toBeUndefined();
      expect(await storage.entries(key, { limit: 10 })).toEqual([]);
      expect(ids(await storage.list({ tenant, limit: 10 }))).toEqual(['c2']);
      await log(1);
      expect((await storage.load(key, { messageId: 'm1' }))!.answered).toBeUndefined();
      expect(await storage.entries(key, { limit: 10 })).toHaveLength(1);
    });

    test('V15 sweeps what is old, a few at a time', async () => {
      for (let index = 0; index < 5; index += 1)
        await storage.commit(commitOf(1, { id: `old${index}`, updatedAt: 10 }));
      await storage.commit(commitOf(1, { updatedAt: 1000 }));
      await storage.put(eventOf('old', { at: 10 }));
      await storage.put(eventOf('new', { at: 1000 }));
      const filter = { conversationsBefore: 1000, eventsBefore: 1000, limit: 3 };
      expect(await storage.sweep(filter)).toBe(4);
      expect(await storage.sweep(filter)).toBe(2);
      expect(await storage.sweep(filter)).toBe(0);
      expect(ids(await storage.list({ tenant, limit: 10 }))).toEqual(['c1']);
      expect(await storage.inbox(tenant, paid)).toEqual([eventOf('new', { at: 1000 })]);
    });

    async function startsAgain() {
      const waiting = { status: 'waiting', waitingFor: paid } as const;
      await log(1);
      await storage.commit(commitOf(2, waiting, { entry: { messageId: 'm2', snapshot: 'all' } }));
      await storage.put(eventOf('e1'));
      await storage.put(eventOf('e2'));
      const takes = { correlationId: 'order-1', id: 'e1' };
      const limits = { rate: { window: 3, most: 1 } };
      await storage.commit(commitOf(1, { id: 'c2' }, { takes, limits }));
      storage = await under.reopen!();
      expect(await storage.load(key, { messageId: 'm2' })).toMatchObject({
        head: headOf(2, waiting),
        snapshot: { version: 2, data: 'all' },
        answered: { version: 2 },
      });
      expect(await storage.put(eventOf('e1'))).toBe(false);
      expect(await storage.inbox(tenant, paid)).toEqual([eventOf('e2')]);
      expect(await storage.commit(commitOf(1, { id: 'c3' }, { limits }))).toBe('rate');
      expect(await storage.commit(commitOf(2))).toBe('version');
      expect(await storage.commit(commitOf(3))).toBeUndefined();
    }
    test.each(keeps ? ['process'] : [])(
      'V14 what was acknowledged is there when the %s starts again',
      startsAgain,
    );
  });
}
