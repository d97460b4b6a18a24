import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/command.ts';
import { serve } from './server-process.ts';

const post = (url: string, number: number) =>
  fetch(`${url}/workflows/customer-feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      feedbackId: `f-${number}`,
      customerId: `c-${String(number + 1).padStart(3, '0')}`,
      subject: 'The headset',
      feedbackText: 'It works well.',
    }),
  });

async function processed(url: string, number: number): Promise<{ status: string }> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await fetch(`${url}/workflows/customer-feedback/f-${number}`);
    const status = (await answer.json()) as { status: string };
    if (status.status !== 'processing') return status;
    await sleep(50);
  }
  throw new Error(`f-${number} is still being processed`);
}

test('A13 A17 feedback that was answered 202 is processed though the server is killed, and its mail goes out once', async () => {
  await using directory = await temporaryDirectory();
  const first = await serve(directory.path);
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  const answers = await Promise.all(numbers.map((number) => post(first.url, number)));
  first.child.kill('SIGKILL');
  expect(answers.map(({ status }) => status)).toEqual(numbers.map(() => 202));
  await once(first.child, 'close');

  const second = await serve(directory.path);
  for (const number of numbers)
    expect(await processed(second.url, number)).toMatchObject({
      status: 'processed',
      responseSent: true,
    });
  expect(await readdir(join(directory.path, 'outbox'))).toHaveLength(numbers.length);
  second.child.kill('SIGTERM');
  await once(second.child, 'close');
  expect(second.child.exitCode).toBe(0);
}, 60_000);
