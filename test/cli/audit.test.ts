import { afterAll, beforeAll, expect, test } from 'vitest';
import { graphwright, temporaryDirectory } from '../support/command.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => directory[Symbol.asyncDispose]());

const command = (...words: string[]) => graphwright(words, { cwd: directory.path });

test('A30 graphwright audit tells who wrote or removed what is said of a thing', async () => {
  for (const text of [
    'INSERT DATA { GRAPH <urn:g> { <urn:x> <urn:p> 1 ; <urn:q> 2 } }',
    'DELETE WHERE { GRAPH <urn:g> { <urn:x> <urn:p> ?o } }',
  ])
    expect(await command('update', text)).toMatchObject({ code: 0 });
  const { code, stdout } = await command('audit', 'urn:x');
  expect(code).toBe(0);
  const { rows } = JSON.parse(stdout) as { rows: Record<string, unknown>[] };
  const by = { s: 'urn:x', g: 'urn:g', work: 'sparql_update', surface: 'command' };
  expect(rows).toMatchObject([
    { ...by, change: 'removed', p: 'urn:p', o: 1 },
    { ...by, change: 'written', p: 'urn:p', o: 1 },
    { ...by, change: 'written', p: 'urn:q', o: 2 },
  ]);
  const removed = await command('audit', 'urn:x', '--change', 'removed', '--json');
  expect(JSON.parse(removed.stdout)).toMatchObject({ rows: [{ change: 'removed' }] });
  expect(await command('audit', 'x')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Expected an absolute IRI'),
  });
  expect(await command('audit', 'urn:x', '--chnage', 'removed')).toMatchObject({ code: 2 });
}, 60_000);
