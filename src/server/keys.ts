import { createHash, timingSafeEqual } from 'node:crypto';
import type { Configuration } from '../configuration-schema.ts';
import { GraphwrightError } from '../errors.ts';
import { mayReadAll, mayWriteAll, type Rights } from '../ontology/rights/rights.ts';

/** A key by which callers are let in, and what they may do; see `server.keys` in docs/configuration.md. */
export type KeyConfiguration = NonNullable<Configuration['server']['keys']>[number];

/** A key as the server knows it: not the key itself. */
export interface Key {
  digest: Buffer;
  /** Absent for the one key that may do everything. */
  name?: string;
  /** The graphs that its callers may read and write; all of them when it is undefined. */
  rights?: Rights;
  /** The workflows that its callers may call, `*` for all; all of them when it is undefined. */
  workflows?: readonly string[];
  /** The workflows whose calls its callers may approve, `*` for all; all of them when it is undefined. */
  approve?: readonly string[];
  /** Whether its callers may approve over MCP as well; false when it is undefined. */
  approveOverMcp?: boolean;
  /** The workflows whose calls callers with other keys may approve, `*` for all. */
  othersApprove: readonly string[];
  /** The agents that its callers may ask, `*` for all; all of them when it is undefined. */
  agents?: readonly string[];
  /** Whether its callers may read /metrics; true when it is undefined. */
  metrics?: boolean;
}

/** @throws GraphwrightError `invalid_configuration` for two keys of one name, or one key under two names. */
export function keysOf(apiKey: string | undefined, named: readonly KeyConfiguration[] = []): Key[] {
  const keys = named.map(keyOf);
  if (apiKey !== undefined) keys.unshift({ digest: digest(apiKey), othersApprove: [] });
  keys.forEach((key, index) => {
    for (const other of keys.slice(0, index)) {
      if (other.name === key.name) throw invalid(`Two keys are named ${key.name}`);
      if (other.digest.equals(key.digest))
        throw invalid(`${other.name ?? 'server.apiKey'} and ${key.name} are the same key`);
    }
  });
  return keys.map((key) => {
    const others = keys.filter((other) => other !== key);
    return { ...key, othersApprove: others.flatMap(({ approve = ['*'] }) => approve) };
  });
}

/** The key that was given. Digests have one length and no common beginnings; all are compared, in constant time. */
export function keyGiven(header: string | undefined, keys: readonly Key[]): Key | undefined {
  const given = digest(/^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '');
  return keys.filter((key) => timingSafeEqual(given, key.digest))[0];
}

function keyOf({
  name,
  key,
  keyHash,
  read,
  write,
  workflows,
  approve = [],
  approveOverMcp,
  agents = [],
  metrics = false,
}: KeyConfiguration): Key {
  const rights = { read, write };
  const isLimited = !mayReadAll(rights) || !mayWriteAll(rights);
  const known = key === undefined ? Buffer.from(keyHash!, 'hex') : digest(key);
  const callable = [
    ...workflows,
    ...(workflows.length > 0 ? askingWorkflows : []),
    ...(approve.length > 0 ? decidingWorkflows : []),
  ];
  return {
    digest: known,
    name,
    workflows: callable,
    approve,
    approveOverMcp,
    othersApprove: [],
    agents,
    metrics,
    ...(isLimited && { rights }),
  };
}

/** What whoever's calls may wait calls, to learn what came of them. */
const askingWorkflows = ['get_approval'];

/** What whoever may decide calls. */
const decidingWorkflows = ['list_approvals', 'get_approval', 'decide_approval'];

const digest = (text: string) => createHash('sha256').update(text).digest();

const invalid = (detail: string) =>
  new GraphwrightError('invalid_configuration', `server.keys: ${detail}`);
