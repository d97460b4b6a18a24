import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileConversations } from '../../../src/workflows/conversations/storage/file/file-conversations.ts';
import { describeConversations } from '../../conformance/conversations.ts';
import { describeStorage } from '../../conformance/conversations-storage.ts';
import { commitOf } from '../../support/stored-commits.ts';

const directory = () => mkdtemp(join(tmpdir(), 'graphwright-conversations-'));

const openStorage = async () => {
  const path = await directory();
  let storage = await FileConversations.open({ directory: path });
  return {
    storage,
    async reopen() {
      await storage.close();
      storage = await FileConversations.open({ directory: path });
      return storage;
    },
    async close() {
      await storage.close();
      await rm(path, { recursive: true });
    },
  };
};

describeStorage('files', openStorage);
describeConversations('files', openStorage);

describe('V17 conversations in files', () => {
  let path: string;
  let storage: FileConversations;
  beforeEach(async () => {
    path = await directory();
    storage = await FileConversations.open({ directory: path });
  });
  afterEach(async () => {
    await storage.close();
    await rm(path, { recursive: true });
  });
  const reopen = async () => {
    await storage.close();
    storage = await FileConversations.open({ directory: path });
  };
  const file = () => join(path, 'tenant-a', 'c1.jsonl');

  test('are lines of JSON that people can read', async () => {
    await storage.commit(commitOf(1));
    const [line] = (await readFile(file(), 'utf8')).split('\n');
    expect(JSON.parse(line!)).toMatchObject({ record: { entry: commitOf(1).entry } });
  });

  test('drop a line that was cut off in the middle, since it was never acknowledged', async () => {
    await storage.commit(commitOf(1));
    const whole = await readFile(file(), 'utf8');
    await storage.commit(commitOf(2));
    const both = await readFile(file(), 'utf8');
    for (const cut of [1, 50, both.length - whole.length - 1]) {
      await storage.close();
      await writeFile(file(), both.slice(0, whole.length + cut));
      storage = await FileConversations.open({ directory: path });
      expect((await storage.load({ tenant: 'tenant-a', id: 'c1' }))!.head.version).toBe(1);
      expect(await readFile(file(), 'utf8')).toBe(whole);
    }
    expect(await storage.commit(commitOf(2))).toBeUndefined();
    await reopen();
    expect((await storage.load({ tenant: 'tenant-a', id: 'c1' }))!.head.version).toBe(2);
  });

  test('name the file and the line in which a byte was changed', async () => {
    await storage.commit(commitOf(1));
    await storage.commit(commitOf(2));
    await storage.close();
    const text = await readFile(file(), 'utf8');
    await writeFile(file(), text.replace('entry 1', 'entry 7'));
    await expect(FileConversations.open({ directory: path })).rejects.toMatchObject({
      code: 'store_damaged',
      message: expect.stringContaining(`${file()}:1`),
    });
    await writeFile(file(), text);
    storage = await FileConversations.open({ directory: path });
  });

  test('belong to one process at a time', async () => {
    await expect(FileConversations.open({ directory: path })).rejects.toMatchObject({
      code: 'data_in_use',
    });
  });

  test('refuse what would be larger than a file may be, and stay as they were', async () => {
    await storage.close();
    storage = await FileConversations.open({ directory: path, maxFileSize: 1000 });
    await storage.commit(commitOf(1));
    const large = { ...commitOf(2), entry: { version: 2, at: 2, data: 'x'.repeat(1000) } };
    await expect(storage.commit(large)).rejects.toMatchObject({ code: 'too_large' });
    expect(await storage.commit(commitOf(2))).toBeUndefined();
  });

  test('T21 refuse ids that would lead elsewhere', async () => {
    const before = await readdir(tmpdir());
    for (const id of ['../c1', 'a/b', '..', '', 'a\u0000b', 'ü'])
      await expect(storage.commit(commitOf(1, { id }))).rejects.toMatchObject({
        code: 'invalid_parameters',
      });
    expect((await readdir(tmpdir())).length).toBe(before.length);
    expect(await readdir(path)).toEqual(expect.not.arrayContaining(['tenant-a']));
  });

  test('tell ids apart that differ in capitals alone, on every file system', async () => {
    await storage.commit(commitOf(1, { id: 'abc' }));
    await storage.commit(commitOf(1, { id: 'ABC' }));
    const names = (await readdir(join(path, 'tenant-a'))).map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(2);
  });

  test('an event that a removed conversation had taken does not come back', async () => {
    const event = {
      tenant: 'tenant-a',
      type: 'paid',
      correlationId: 'o',
      id: 'e',
      at: 1,
      data: '{}',
    };
    await storage.put(event);
    await storage.commit({ ...commitOf(1), takes: event });
    await storage.delete({ tenant: 'tenant-a', id: 'c1' });
    await reopen();
    expect(await storage.put(event)).toBe(false);
    expect(await storage.inbox('tenant-a', event)).toEqual([]);
  });

  test('leave alone what else lies in the directory', async () => {
    await appendFile(join(path, 'notes.txt'), 'mine');
    await storage.commit(commitOf(1));
    await reopen();
    expect(await readFile(join(path, 'notes.txt'), 'utf8')).toBe('mine');
  });
});
