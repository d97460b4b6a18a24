// Makes the compared packages ready: installs them when the lockfile changed. They run no install scripts.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

process.chdir(new URL('..', import.meta.url).pathname);
const stamp = 'node_modules/.ready';
const wanted = readFileSync('package-lock.json', 'utf8');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', words, { stdio: 'inherit' });
  writeFileSync(stamp, wanted);
}
