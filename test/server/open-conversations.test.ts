import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { loadConfiguration, openApplication } from '../../src/server/application.ts';
import { execute } from '../../src/workflows/execute.ts';
import { temporaryDirectory } from '../support/command.ts';

const ownModule = (compile: string) => `import { compileSteps, ConversationStep } from '${compile}';

class Greet extends ConversationStep {
  name = 'greet';
  execute({ content }) {
    return { action: 'complete', response: \`Hello, \${content}.\` };
  }
}

export const flows = ({ store }) => [
  compileSteps({ id: 'greeting', name: 'Greeting', description: String(!!store), steps: [new Greet()] }),
];
`;

const calling = `id: calling
name: Calling
steps:
  - id: ask
    type: user_input
    prompt: Shall we?
    next: flow:greeting
  - id: agents
    type: agent_response
    agent: assistant
    prompt: Go on
`;

test('V2 an application has the flows of its module and of its directory, and keeps what was said', async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await mkdir(join(path, 'flows'));
  await writeFile(join(path, 'flows', 'calling.yaml'), calling);
  const library = pathToFileURL(join(process.cwd(), 'dist/index.js')).href;
  await writeFile(join(path, 'own.mjs'), ownModule(library));
  const open = () => {
    const flags = { data: join(path, 'data'), flows: join(path, 'flows') };
    const { configuration } = loadConfiguration({ flags, environment: {}, directory: path });
    return openApplication({ ...configuration, workflows: join(path, 'own.mjs') });
  };
  let application = await open();
  expect(application.conversations.flows.map(({ id }) => id)).toEqual(['greeting', 'calling']);
  const named = (name: string) => application.workflows.find((each) => each.name === name)!;
  const { id } = (await execute(named('start_conversation'), { flow: 'greeting' })) as {
    id: string;
  };
  await application.close();
  application = await open();
  const turn = await execute(named('send_message'), { id, content: 'Ada' });
  expect(turn).toMatchObject({ replies: [{ content: 'Hello, Ada.' }], status: 'completed' });
  await application.close();
}, 60_000);

test('an application refuses a module whose flows are none', async () => {
  await using directory = await temporaryDirectory();
  const own = join(directory.path, 'own.mjs');
  await writeFile(own, 'export const flows = [{ id: "a" }];\n');
  const { configuration } = loadConfiguration({
    flags: { data: join(directory.path, 'data') },
    environment: {},
    directory: directory.path,
  });
  await expect(openApplication({ ...configuration, workflows: own })).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('`flows` of'),
  });
}, 60_000);
