import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('N1 the benchmark of tools gets the same result on every way, and no list of tools sends a schema twice', async () => {
  const words = ['bench/tools/main.mjs', '--rounds', '1', '--calls', '10'];
  const { stdout } = await promisify(execFile)('node', words);
  const rows = stdout.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const timed = rows.filter(([, , cell = '']) => /^[\d.]+ \(/.test(cell)).map(([, name]) => name);
  expect(timed).toEqual(
    expect.arrayContaining(['execute', 'LangChain tool', 'MCP tool, HTTP', 'REST, HTTP']),
  );
  expect(timed).toHaveLength(16);
  // How long it took says nothing on a busy machine; what a list weighs is the same anywhere.
  const weighed = rows.filter(([, name = '']) => name.endsWith('their schemas, tokens'));
  expect(weighed.map(([, name, , , held]) => [name, held])).toEqual([
    ['100 LangChain tools : their schemas, tokens', 'yes'],
    ['100 MCP tools : their schemas, tokens', 'yes'],
  ]);
}, 120_000);
