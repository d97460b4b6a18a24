import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Installs the compared packages when the lockfile changed, and makes their folder the current one. They run no install
 * scripts.
 */
export function install() {
  process.chdir(new URL('..', import.meta.url).pathname);
  const stamp = 'node_modules/.ready';
  const wanted = readFileSync('package-lock.json', 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', words, { stdio: 'inherit' });
  writeFileSync(stamp, wanted);
}
