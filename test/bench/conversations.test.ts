import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('L1 the benchmark of conversations gets every reply right, and no kill loses or doubles a turn', async () => {
  const few = { rounds: 1, turns: 16, sessions: 20, milliseconds: 50, killed: 5 };
  const options = Object.entries(few).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const words = ['bench/conversations/main.mjs', '--only', 'floor,sqlite', ...options];
  const { stdout, stderr } = await promisify(execFile)('node', words);
  const rows = stdout.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const row = (name: string) => rows.find((cells) => cells[1] === name)?.slice(2, 4);
  // A reply that is not the one it should be ends a system's part, and stands in its column.
  expect(stderr.split('\n').filter((line) => /^(floor|sqlite):/.test(line))).toEqual([]);
  expect(row('kept in')).toEqual(['SQLite', 'SQLite']);
  expect(row('of 5, turns lost or doubled in')).toEqual(['0.000', '0.000']);
  // How long it took says nothing on a busy machine; that it was measured does.
  for (const name of ['a turn, around turn 2, ms', 'turns a second, 20 sessions'])
    expect(row(name)).toEqual([
      expect.stringMatching(/^[\d.]+ .*×/),
      expect.stringMatching(/^[\d.]+/),
    ]);
}, 120_000);
