import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisConversations } from '../../../src/workflows/conversations/storage/redis/redis-conversations.ts';
import { openConversationStorage } from '../../../src/workflows/conversations/settings/open-storage.ts';
import { readConversationSettings } from '../../../src/workflows/conversations/settings/read-settings.ts';
import { describePrivacy } from '../../conformance/conversation-privacy.ts';
import { describeConversations } from '../../conformance/conversations.ts';
import { describeStorage } from '../../conformance/conversations-storage.ts';
import { startRedis, type Redis } from '../../support/redis.ts';
import { openShared } from '../../support/shared-storage.ts';
import { commitOf } from '../../support/stored-commits.ts';

let redis: Redis;
let prefixes = 0;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

const newPrefix = () => `test:${(prefixes += 1)}:`;

const openStorage = () => {
  const prefix = newPrefix();
  return openShared(() => RedisConversations.open({ url: redis.url, prefix }));
};

describeStorage('Redis', openStorage);
describeConversations('Redis', openStorage, { shared: true });
describePrivacy('Redis', async () => {
  const { hostname: host, port } = new URL(redis.url);
  return {
    settings: { backend: 'redis', redis: { host, port: Number(port), prefix: newPrefix() } },
    dump: () => redis.dump(),
    close: () => redis.empty(),
  };
});

const firstOf = (id: string) =>
  commitOf(1, { tenant: 'a', id }, { limits: { tenantSessions: 1, allSessions: 1 } });

describe('V16 conversations in Redis', () => {
  test('are forgotten after their time to live, and count no more', async () => {
    const storage = await RedisConversations.open({
      url: redis.url,
      prefix: newPrefix(),
      ttl: 300,
    });
    expect(await storage.commit(firstOf('c1'))).toBeUndefined();
    expect(await storage.commit(firstOf('c2'))).toBe('tenant_sessions');
    await expect
      .poll(() => storage.load({ tenant: 'a', id: 'c1' }), { timeout: 5000 })
      .toBe(undefined);
    expect(await storage.list({ tenant: 'a', limit: 10 })).toEqual([]);
    expect(await storage.commit(firstOf('c2'))).toBeUndefined();
    await storage.close();
  });

  test('refuse a prefix that could be a pattern or a command', async () => {
    for (const prefix of ['', '*', 'a b', 'x\r\n', 'é'])
      await expect(RedisConversations.open({ url: redis.url, prefix })).rejects.toMatchObject({
        code: 'invalid_configuration',
      });
  });

  test('A15 say that Redis cannot be reached, when it cannot', async () => {
    const url = 'redis://127.0.0.1:1';
    await expect(RedisConversations.open({ url })).rejects.toMatchObject({
      code: 'unavailable',
      retriable: true,
    });
  });
});

test('V16 V20 host, port, database, time to live and a prefix for each tenant come from the settings', async () => {
  const { hostname, port } = new URL(redis.url);
  const open = (more: object) =>
    openConversationStorage(
      readConversationSettings({
        settings: {
          backend: 'redis',
          redis_host: hostname,
          redis_port: port,
          redis_db: 3,
          tenant_isolation: true,
          tenants: { names: ['a'] },
          ...more,
        },
      }),
    );
  const storage = await open({ session_ttl: 1.5 });
  await storage.commit(firstOf('c1'));
  const other = await RedisConversations.open({ url: `${redis.url}/3`, prefix: 'graphwright:a:' });
  expect(await other.load({ tenant: 'a', id: 'c1' })).toBeDefined();
  const again = await open({});
  expect(await again.list({ limit: 10 })).toHaveLength(1);
  await expect
    .poll(() => other.load({ tenant: 'a', id: 'c1' }), { timeout: 10_000 })
    .toBe(undefined);
  for (const each of [storage, other, again]) await each.close();
  for (const refused of [
    { redis_username: 'nobody', redis_password: 'wrong' },
    { redis_ssl: true },
  ])
    await expect(open(refused)).rejects.toMatchObject({ code: 'unavailable' });
});
