import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** What the numbers depend on besides the programs. */
export const machine = {
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory: totalmem(),
  platform: `${process.platform} ${process.arch}`,
};

/** The versions that are installed here, by package. @param {readonly string[]} compared */
export function versions(compared) {
  const found = compared.map((name) => [name, installed(name)]);
  return Object.fromEntries([
    ['Graphwright', commit() ?? 'unknown'],
    ['node', process.versions.node],
    ...found,
  ]);
}

/** The commit that was measured, and whether the checkout has changes of its own. */
function commit() {
  try {
    const words = ['-C', import.meta.dirname, 'describe', '--always', '--dirty', '--exclude', '*'];
    return execFileSync('git', words, { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}

/** @param {string} name */
function installed(name) {
  for (const folder of ['../node_modules/', '../../node_modules/'])
    try {
      const path = new URL(`${folder}${name}/package.json`, import.meta.url);
      return JSON.parse(readFileSync(path, 'utf8')).version;
    } catch {
      // Then it is in the other folder.
    }
  return 'not installed';
}
