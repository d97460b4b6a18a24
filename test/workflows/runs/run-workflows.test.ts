import { createAgent } from 'langchain';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { scriptedModel, testKit, type TestKit } from '../../../src/testing/index.ts';
import { execute } from '../../../src/workflows/execute.ts';
import { asTools } from '../../../src/workflows/expose/langchain.ts';
import { EmbeddedRuns } from '../../../src/workflows/runs/embedded-runs.ts';
import { runWorkflows } from '../../../src/workflows/runs/run-workflows.ts';
import { Workflow, type AnyWorkflow, type Run } from '../../../src/workflows/workflow.ts';

const Parameters = z.object({ pages: z.number().int().min(1).describe('How many pages') });

class Print extends Workflow {
  readonly name = 'print_pages';
  readonly description = 'Print pages.';
  readonly parameters = Parameters;
  readonly result = z.object({ printed: z.number() });

  async run({ pages }: z.output<typeof Parameters>, run: Run) {
    await run.step('print', () => pages);
    await run.waitFor('dry');
    return { printed: pages };
  }
}

let kit: TestKit;
let runs: EmbeddedRuns;
let start: AnyWorkflow;
let get: AnyWorkflow;
beforeEach(async () => {
  kit = await testKit();
  const print = new Print({});
  runs = await EmbeddedRuns.open({ state: kit.state, workflows: [print] });
  [start, get] = runWorkflows([print], runs) as [AnyWorkflow, AnyWorkflow];
});
afterEach(async () => {
  await runs.close();
  await kit.close();
});

describe('A12 A17 long workflows as a pair of tools', () => {
  test('one starts a run and answers at once, the other tells how far it is', async () => {
    const begun = (await execute(start, { pages: 3 })) as { id: string };
    expect(begun).toMatchObject({ status: 'started', stepsCompleted: [] });
    await runs.signal(begun.id, { name: 'dry' });
    expect(await execute(get, { id: begun.id, waitSeconds: 10 })).toEqual({
      id: begun.id,
      status: 'completed',
      stepsCompleted: ['print'],
      result: { printed: 3 },
    });
  });

  test('refuse what the workflow refuses, and a run that is none', async () => {
    await expect(execute(start, { pages: 0 })).rejects.toMatchObject({
      code: 'invalid_parameters',
      problems: [{ pointer: '/pages' }],
    });
    await expect(execute(get, { id: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
    expect((await runs.list()).items).toEqual([]);
  });

  test('an agent starts a run with them and goes on without waiting for it', async () => {
    const agent = createAgent({
      model: await scriptedModel(
        [{ tool: 'start_print_pages', args: { pages: 2 } }],
        'I have started it.',
      ),
      tools: asTools([start, get]),
    });
    const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'Print two' }] });
    expect(messages.at(-1)!.content).toBe('I have started it.');
    expect((await runs.list()).items).toMatchObject([{ parameters: { pages: 2 } }]);
  });
});
