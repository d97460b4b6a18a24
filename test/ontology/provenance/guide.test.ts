import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { cleanEnvironment, graphwright, temporaryDirectory } from '../../support/command.ts';
import { blocksOf } from '../../support/documents.ts';

const run = promisify(execFile);

test('A30 the queries of the guide answer who wrote, who removed and who asked', async () => {
  await using directory = await temporaryDirectory();
  const cwd = directory.path;
  expect(await graphwright(['demo', '--limit', '20', '--quiet'], { cwd })).toMatchObject({
    code: 0,
  });
  const queries = blocksOf('docs/provenance.md').filter(({ language }) => language === 'sh');
  const answers: string[][] = [];
  for (const { text } of queries) {
    const command = `node ${join(process.cwd(), 'dist/cli/main.js')}`;
    const line = text.replace(/^npx graphwright/, command);
    const { stdout } = await run('sh', ['-euc', line], { cwd, env: cleanEnvironment() });
    answers.push(stdout.trim().split('\n'));
  }
  type Lines = string[];
  const [ofThing, ofStatus, mails, removed, surfaces] = answers as [
    Lines,
    Lines,
    Lines,
    Lines,
    Lines,
  ];
  const rowsOf = (lines: string[]) =>
    (JSON.parse(lines.join('\n')) as { rows: Record<string, string>[] }).rows;
  expect(rowsOf(ofThing)).toHaveLength(3);
  for (const row of rowsOf(ofThing))
    expect(row).toMatchObject({
      change: 'written',
      s: 'urn:graphwright:customer:c-001',
      g: 'urn:graphwright:graph:customer_data',
      run: expect.stringMatching(/^urn:graphwright:/),
    });
  expect(rowsOf(ofStatus)).toHaveLength(3);
  for (const row of rowsOf(ofStatus))
    expect(row).toMatchObject({
      change: 'removed',
      o: 'sending',
      work: 'process_customer_feedback',
      parameters: expect.stringContaining('"feedbackId"'),
    });
  expect(mails).toHaveLength(6);
  for (const row of mails.slice(1))
    expect(row).toMatch(
      /^urn:graphwright:message:\S+,urn:graphwright:feedback:amazon-\d+,urn:graphwright:run:[\da-f-]{36},command,/,
    );
  expect(removed).toHaveLength(6);
  for (const row of removed.slice(1))
    expect(row).toMatch(
      /,urn:graphwright:run:[\da-f-]{36},"\{""customerId"":""c-\d+"",""feedbackId""/,
    );
  expect(surfaces).toContainEqual(
    expect.stringMatching(/^command,urn:graphwright:graph:feedback_data,\d+/),
  );
}, 60_000);
