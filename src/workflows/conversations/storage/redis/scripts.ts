import { createHash } from 'node:crypto';

/** A script that Redis carries out as a whole, known to it by its SHA-1. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

const script = (text: string): Script => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
});

/**
 * Takes away a conversation with all that leads to it. `base` is its first key, `prefix` that of all keys; the
 * hash has its member in the indexes, and the keys of the indexes that it is in now.
 */
const remove = `
local function remove(base, prefix, member, tenant, id)
  local waiting = redis.call('HGET', base, 'waiting')
  if waiting then redis.call('ZREM', waiting, id) end
  redis.call('SREM', prefix .. 'open:' .. tenant, id)
  redis.call('ZREM', prefix .. 'newest:' .. tenant, id)
  for _, name in ipairs({'newest', 'updated', 'due'}) do redis.call('ZREM', prefix .. name, member) end
  redis.call('SREM', prefix .. 'open', member)
  local there = redis.call('DEL', base)
  redis.call('DEL', base .. ':log', base .. ':snapshots', base .. ':messages', base .. ':checkpoints')
  return there
end`;

/** Counts open conversations, those left out that ended by their time to live. */
const open = `
local function open(key, base, own)
  local count = 0
  for _, member in ipairs(redis.call('SMEMBERS', key)) do
    if redis.call('EXISTS', base .. member) == 0 then redis.call('SREM', key, member)
    elseif member ~= own then count = count + 1 end
  end
  return count
end`;

/** KEYS: the conversation, the event taken or '', its inbox or ''. ARGV: one JSON object. */
export const commitScript = script(`${open}
local c = cjson.decode(ARGV[1])
local base, prefix = KEYS[1], c.prefix
local version = tonumber(redis.call('HGET', base, 'version') or '0')
if version ~= c.expected then return 'version' end
if KEYS[2] ~= '' and redis.call('HGET', KEYS[2], 'taken') ~= '0' then return 'event' end
if c.tenantSessions then
  local key = prefix .. 'open:' .. c.tenant
  if redis.call('SCARD', key) >= c.tenantSessions
    and open(key, prefix .. 'c:' .. c.tenant .. ' ', c.id) >= c.tenantSessions then
    return 'tenant_sessions' end
end
if c.allSessions and redis.call('SCARD', prefix .. 'open') >= c.allSessions
  and open(prefix .. 'open', prefix .. 'c:', c.member) >= c.allSessions then
  return 'all_sessions' end
local rate = prefix .. 'rate:' .. c.tenant
if c.window then
  local counted = 0
  if redis.call('HGET', rate, 'window') == c.window then
    counted = tonumber(redis.call('HGET', rate, 'count')) end
  if counted >= c.most then return 'rate' end
  redis.call('HSET', rate, 'window', c.window, 'count', counted + 1)
  redis.call('PEXPIRE', rate, 86400000)
end
local waiting = redis.call('HGET', base, 'waiting')
if waiting then redis.call('ZREM', waiting, c.id) end
redis.call('HSET', base, 'version', c.expected + 1, 'head', ARGV[2])
if c.waiting then
  redis.call('HSET', base, 'waiting', c.waiting)
  redis.call('ZADD', c.waiting, c.createdAt, c.id)
else redis.call('HDEL', base, 'waiting') end
redis.call('RPUSH', base .. ':log', ARGV[3])
if ARGV[4] ~= '' then
  redis.call('HSET', base .. ':snapshots', c.expected + 1, ARGV[4]) end
if c.messageId then redis.call('HSET', base .. ':messages', c.messageId, c.expected + 1) end
if c.checkpoint then redis.call('ZADD', base .. ':checkpoints', c.expected + 1, c.expected + 1) end
redis.call('ZADD', prefix .. 'newest:' .. c.tenant, c.createdAt, c.id)
redis.call('ZADD', prefix .. 'newest', c.createdAt, c.member)
redis.call('ZADD', prefix .. 'updated', c.updatedAt, c.member)
if c.dueAt then redis.call('ZADD', prefix .. 'due', c.dueAt, c.member)
else redis.call('ZREM', prefix .. 'due', c.member) end
if c.open then
  redis.call('SADD', prefix .. 'open:' .. c.tenant, c.id)
  redis.call('SADD', prefix .. 'open', c.member)
else
  redis.call('SREM', prefix .. 'open:' .. c.tenant, c.id)
  redis.call('SREM', prefix .. 'open', c.member)
end
if KEYS[2] ~= '' then
  redis.call('HSET', KEYS[2], 'taken', '1')
  redis.call('ZREM', redis.call('HGET', KEYS[2], 'inbox'), c.takes)
end
if c.ttl then
  for _, name in ipairs({'', ':log', ':snapshots', ':messages', ':checkpoints'}) do
    redis.call('PEXPIRE', base .. name, c.ttl) end
end
return false`);

/** KEYS: the conversation. ARGV: known, at, message id; '' where there is none. */
export const loadScript = script(`
local base = KEYS[1]
local head = redis.call('HGET', base, 'head')
if not head then return false end
local newest = tonumber(redis.call('HGET', base, 'version'))
local known, at = tonumber(ARGV[1]), tonumber(ARGV[2]) or newest
local from, snapshot = 0, ''
if known and known <= newest then from = known
else
  for _, version in ipairs(redis.call('HKEYS', base .. ':snapshots')) do
    version = tonumber(version)
    if version <= at and version > from then from = version end
  end
  if from > 0 then snapshot = redis.call('HGET', base .. ':snapshots', from) end
end
local entries = {}
if from < at then entries = redis.call('LRANGE', base .. ':log', from, at - 1) end
local answered = ''
if ARGV[3] ~= '' then
  local version = redis.call('HGET', base .. ':messages', ARGV[3])
  if version then answered = redis.call('LINDEX', base .. ':log', version - 1) end
end
return {head, tostring(from), snapshot, answered, entries}`);

/** KEYS: the event, its inbox, all events. ARGV: its JSON, its time, its id, its member. */
export const putScript = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'event', ARGV[1], 'taken', '0', 'inbox', KEYS[2])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[4])
return 1`);

/** KEYS: the conversation. ARGV: prefix, member, tenant, id, and the time before which it must have been changed, or ''. */
export const removeScript = script(`${remove}
if ARGV[5] ~= '' then
  local updated = redis.call('ZSCORE', ARGV[1] .. 'updated', ARGV[2])
  if not updated or tonumber(updated) >= tonumber(ARGV[5]) then return 0 end
end
return remove(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4])`);

/** KEYS: the event, all events. ARGV: its id and its member. */
export const removeEventScript = script(`
local inbox = redis.call('HGET', KEYS[1], 'inbox')
if inbox then redis.call('ZREM', inbox, ARGV[1]) end
redis.call('ZREM', KEYS[2], ARGV[2])
return redis.call('DEL', KEYS[1])`);
