import type {
  Commit,
  StoredEntry,
  StoredHead,
} from '../../src/workflows/conversations/storage/storage.ts';

/** The head of a conversation, the only one of its tenant. */
export const headOf = (version: number, more: Partial<StoredHead> = {}): StoredHead => ({
  tenant: 'tenant-a',
  id: 'c1',
  flow: 'survey',
  sessionId: 's1',
  status: 'active',
  version,
  createdAt: 1000,
  updatedAt: 1000 + version,
  data: `head ${version}`,
  ...more,
});

export const entryOf = (version: number, more: Partial<StoredEntry> = {}): StoredEntry => ({
  version,
  at: 1000 + version,
  data: `entry ${version}`,
  ...more,
});

/** A commit as an engine makes it, on the one before. */
export const commitOf = (
  version: number,
  head: Partial<StoredHead> = {},
  more: Omit<Partial<Commit>, 'entry'> & { entry?: Partial<StoredEntry> } = {},
): Commit => ({
  expected: version - 1,
  head: headOf(version, head),
  ...more,
  entry: entryOf(version, more.entry),
});
