import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfiguration } from '../../src/configuration.ts';
import { GraphwrightError } from '../../src/errors.ts';
import { openApplication } from '../../src/server/application.ts';
import { execute } from '../../src/workflows/execute.ts';
import type { AnyWorkflow } from '../../src/workflows/workflow.ts';
import { expectParity, type ParityCase } from '../conformance/parity.ts';
import { temporaryDirectory } from '../support/command.ts';

/** The parameters without which a path is none, naming what is not there. */
const inPath = ({ http }: AnyWorkflow): Record<string, string> =>
  Object.fromEntries(
    [...(http?.path ?? '').matchAll(/:(\w+)/g)].map(([, key]) => [key!, 'nobody-1']),
  );

/** What can be asked of any workflow without knowing what it does. */
async function anyCase(workflow: AnyWorkflow): Promise<ParityCase> {
  const least = inPath(workflow);
  const bad: ParityCase['bad'] = [
    { input: { ...least, unheardOf: 'x' }, code: 'invalid_parameters' },
  ];
  if (!workflow.parameters.strict().safeParse(least).success)
    return {
      workflow,
      good: [],
      bad: [...bad, { input: least, code: 'invalid_parameters' }],
    };
  if (Object.keys(least).length > 0) {
    const refusal: unknown = await execute(workflow, least).catch((thrown: unknown) => thrown);
    const { code } = GraphwrightError.from(refusal);
    return { workflow, good: [], bad: [...bad, { input: least, code }] };
  }
  return { workflow, good: workflow.hints?.readOnly ? [least] : [], bad };
}

test('N1 every workflow of an application is the same on every surface that offers it', async () => {
  await using directory = await temporaryDirectory();
  const environment = {
    GRAPHWRIGHT_DATA: join(directory.path, 'data'),
    GRAPHWRIGHT_CUSTOMERS_CSV: join(process.cwd(), 'demo/customers.csv'),
  };
  const { configuration } = loadConfiguration({ environment, directory: directory.path });
  const application = await openApplication(configuration);
  const offered = application.workflows.filter(
    ({ hints }) => !hints?.forPeople && !hints?.forApprovers,
  );
  const calls = await expectParity(await Promise.all(offered.map(anyCase)));
  await application.close();
  expect(offered.length).toBeGreaterThan(30);
  expect(calls).toBeGreaterThan(10 * offered.length);
}, 120_000);
