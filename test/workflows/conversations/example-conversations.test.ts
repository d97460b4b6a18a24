import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { mermaidOf } from '../../../src/workflows/conversations/drawing/mermaid.ts';
import { comprehensiveFlow } from '../../../src/workflows/conversations/examples/comprehensive/comprehensive-flow.ts';
import { ECommerceSystem } from '../../../src/workflows/conversations/examples/e-commerce/e-commerce-system.ts';
import { cleanEnvironment, temporaryDirectory } from '../../support/command.ts';
import { blocksOf } from '../../support/documents.ts';

const shell = promisify(execFile);
const modules = join(process.cwd(), 'node_modules');
const blocks = blocksOf('docs/example-conversations.md');

test('L14 V24 V25 V26 the programs and commands of the guide work as they stand', async () => {
  await using directory = await temporaryDirectory();
  const cwd = directory.path;
  await mkdir(join(cwd, 'node_modules'));
  for (const name of ['@rdfjs', '@types', 'zod'])
    await symlink(join(modules, name), join(cwd, 'node_modules', name));
  await symlink(process.cwd(), join(cwd, 'node_modules/graphwright'));
  await writeFile(join(cwd, 'package.json'), '{"type":"module"}');
  const programs = blocks.filter(({ language }) => language === 'ts');
  const files = programs.map(({ file }) => file!);
  for (const { file, text } of programs) await writeFile(join(cwd, file!), text);
  const run = async (line: string) =>
    (await shell('sh', ['-euc', line], { cwd, env: cleanEnvironment() })).stdout;
  const flags =
    '--strict --skipLibCheck --module nodenext --target es2022 --lib es2022,esnext.disposable --types node';
  await run(`node ${join(modules, 'typescript/bin/tsc')} ${flags} ${files.join(' ')}`);
  const told: Record<string, string> = {};
  for (const file of files) told[file] = await run(`node ${file.replace('.ts', '.js')}`);
  expect(told['shop.ts']).toContain('tracking number NP553977');
  expect(told['shop.ts']).toContain('Thank you for your visit.');
  expect(told['refund.ts']).toContain('A colleague has to approve a refund of this amount.');
  expect(told['refund.ts']).toContain('You get 349.00 EUR back as soon as it is here.');
  expect(told['service.ts']).toContain('To sum up: we looked at "I want to reset my password".');
  const [commands] = blocks.filter(({ language }) => language === 'sh');
  const command = `node ${join(process.cwd(), 'dist/cli/main.js')}`;
  const shown = await run(commands!.text.replaceAll('npx graphwright', command));
  expect(shown).toContain('Profile created.');
  expect(shown).toMatch(/Ada Lovelace\W+London, Westminster, United Kingdom\W+Europe\/London/);
}, 120_000);

test('V3 the drawings of the guide are those of the flows', async () => {
  await using shop = await ECommerceSystem.open();
  const flows = [...shop.flows, await comprehensiveFlow()];
  const names: Readonly<Record<string, string>> = {
    'flow=comprehensive': 'comprehensive_workflow',
    'flow=e-commerce/customer-support': 'customer_support',
    'flow=e-commerce/order-tracking': 'order_tracking',
    'flow=e-commerce/product-inquiry': 'product_inquiry',
    'flow=e-commerce/returns-refunds': 'returns_refunds',
  };
  const drawn = blocks.filter(({ language }) => language === 'mermaid');
  expect(drawn.map(({ words }) => names[words[0]!]).toSorted()).toEqual(
    flows.map(({ id }) => id).toSorted(),
  );
  for (const { words, text } of drawn)
    expect(text).toBe(mermaidOf(flows.find(({ id }) => id === names[words[0]!])!));
});
