import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { graphwright, start, temporaryDirectory } from '../support/command.ts';
import { select } from '../support/feedback.ts';

const sentences = 120;

/** Kills the demo when it has told of so many pieces of feedback; resolves with how many it had told of. */
async function killAfter(data: string, count: number): Promise<number> {
  const { child, ended } = start(['demo', '--data', data, '--limit', String(sentences)]);
  let told = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    for (const [, done] of chunk.toString().matchAll(/at a time (\d+)\//g)) told = Number(done);
    if (told >= count) child.kill('SIGKILL');
  });
  await ended;
  return told;
}

async function stored(data: string): Promise<{ feedback: string[]; answered: number }> {
  const { store, close } = await openEmbedded({ directory: data });
  const ids = await select(
    store,
    'SELECT ?id WHERE { GRAPH ?g { ?f a gw:Feedback ; gw:identifier ?id } }',
  );
  const sent = await select(store, 'SELECT ?f WHERE { GRAPH ?g { ?f gw:responseSent true } }');
  await close();
  return { feedback: ids.map(({ id }) => id!.value), answered: sent.length };
}

/** The feedback that each mail in the outbox answers. */
async function answered(data: string): Promise<string[]> {
  const outbox = join(data, 'outbox');
  const files = (await readdir(outbox)).filter((name) => name.endsWith('.eml'));
  const mails = await Promise.all(files.map((name) => readFile(join(outbox, name), 'utf8')));
  return mails.map((mail) => /order A-(\d{4})/.exec(mail)![1]!);
}

test('A4 killed at several moments and run again, the demo loses no feedback, stores none twice and mails nobody twice', async () => {
  await using directory = await temporaryDirectory();
  const data = directory.path;
  for (const count of [1, 30, 60, 90]) {
    const told = await killAfter(data, count);
    expect(told).toBeGreaterThanOrEqual(count);
    const { feedback } = await stored(data);
    expect(feedback.length).toBeGreaterThanOrEqual(told);
    expect(new Set(feedback).size).toBe(feedback.length);
  }
  const last = await graphwright(['demo', '--data', data, '--limit', String(sentences)]);
  expect(last).toMatchObject({ code: 0, stderr: '' });
  expect(await stored(data)).toMatchObject({
    feedback: { length: sentences },
    answered: sentences,
  });
  const mails = await answered(data);
  expect(mails).toHaveLength(sentences);
  expect(new Set(mails).size).toBe(sentences);
}, 120_000);
