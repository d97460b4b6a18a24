import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DemoFacts } from '../../src/cli/demo/facts.ts';
import { labelledSentences } from '../../src/cli/demo/sentences.ts';
import { graphwright, temporaryDirectory } from '../support/command.ts';

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

describe('the demo', () => {
  test('reads 1,000 sentences, half of them positive', async () => {
    const sentences = await labelledSentences();
    expect(sentences).toHaveLength(1_000);
    expect(sentences.filter(({ label }) => label === 'positive')).toHaveLength(500);
  });

  test('tells the same facts as the graph holds, and changes nothing when it runs again', async () => {
    await using directory = await temporaryDirectory();
    const words = ['demo', '--data', directory.path, '--limit', '60'];
    const first = await graphwright([...words, '--json']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const facts = JSON.parse(first.stdout) as DemoFacts & { unchanged: boolean };
    expect(facts.unchanged).toBe(false);
    expect(sum(facts.actions.map(({ count }) => count))).toBe(60);
    expect(sum(facts.actions.map(({ mails }) => mails))).toBe(60);
    expect(sum(Object.values(facts.accuracy))).toBe(60);
    expect(facts.accuracy.right).toBeGreaterThan(40);
    expect(facts.calls.length).toBeLessThanOrEqual(5);
    expect(await readdir(join(directory.path, 'outbox'))).toHaveLength(60);

    const second = await graphwright(words);
    expect(second.stdout).toContain('Nothing changed');
    for (const heading of [
      'How customers feel',
      'What was done',
      'agrees with people',
      'Call these five first',
      'Ask the graph yourself',
    ])
      expect(second.stdout).toContain(heading);
    expect(await readdir(join(directory.path, 'outbox'))).toHaveLength(60);
  }, 60_000);

  test('refuses a limit that is no number', async () => {
    const { code, stderr } = await graphwright(['demo', '--limit', 'many']);
    expect(code).toBe(2);
    expect(stderr).toContain('--limit');
  });
});
