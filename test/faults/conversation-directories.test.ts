import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { cleanEnvironment, temporaryDirectory } from '../support/command.ts';
import { commitOf } from '../support/stored-commits.ts';
import { compileLibrary } from './compiler.ts';

const run = promisify(execFile);
const [opened, synced] = [1, 4];

/** The paths that a process had synced, in order, and what it opened, told by the trace of `trace.c`. */
function* traced(trace: Buffer): Generator<{ path: string; isSync: boolean }> {
  const paths = new Map<number, string>();
  for (let at = 0; at + 24 <= trace.length;) {
    const [kind, descriptor] = [trace.readInt32LE(at), trace.readInt32LE(at + 4)];
    const end = at + 24 + Number(trace.readBigInt64LE(at + 16));
    if (kind === opened) paths.set(descriptor, trace.subarray(at + 24, end).toString());
    if (kind === opened || kind === synced)
      yield { path: paths.get(descriptor)!, isSync: kind === synced };
    at = end;
  }
}

test('V17 the directories of conversations are on disk before the first one is acknowledged', async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const library = join(path, 'trace.so');
  const trace = join(path, 'trace');
  await compileLibrary('test/faults/power-cut/trace.c', library);
  const storage = pathToFileURL(
    'dist/workflows/conversations/storage/file/file-conversations.js',
  ).href;
  const program = `
    import { writeFileSync } from 'node:fs';
    import { FileConversations } from '${storage}';
    const storage = await FileConversations.open({ directory: '${path}/kept/conversations' });
    await storage.commit(${JSON.stringify(commitOf(1))});
    writeFileSync('${path}/acknowledged', '');
    await storage.commit(${JSON.stringify(commitOf(2))});
    writeFileSync('${path}/again', '');
    await storage.close();`;
  await run('node', ['--input-type=module', '-e', program], {
    env: {
      ...cleanEnvironment(),
      LD_PRELOAD: library,
      TRACE_DIRECTORY: path,
      TRACE_FILE: trace,
    },
  });
  const all = [...traced(await readFile(trace))].map((each) => ({
    ...each,
    path: relative(path, each.path) || '.',
  }));
  const [acknowledged, again] = ['acknowledged', 'again'].map((name) =>
    all.findIndex((each) => each.path === name),
  ) as [number, number];
  const before = all.slice(0, acknowledged).filter(({ isSync }) => isSync);
  const kept = 'kept/conversations';
  expect(before.map((each) => each.path)).toEqual(
    expect.arrayContaining(['.', 'kept', kept, `${kept}/tenant-a`, `${kept}/tenant-a/c1.jsonl`]),
  );
  // What is there already is not synced again.
  const after = all.slice(acknowledged, again).filter(({ isSync }) => isSync);
  expect(after.map((each) => each.path)).toEqual([`${kept}/tenant-a/c1.jsonl`]);
}, 60_000);
