// Makes a checkout ready to run: installs when the lockfile changed, builds when a source changed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

process.chdir(new URL('..', import.meta.url).pathname);

once('node_modules/.ready', ['package-lock.json'], () =>
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']),
);
once(
  'dist/.ready',
  ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...files('src')],
  () => run(join('node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json']),
);

/** Runs `action` unless `stamp` says that it ran for these very inputs. */
function once(stamp, inputs, action) {
  const hash = createHash('sha256');
  for (const input of inputs)
    hash.update(input).update('\0').update(readFileSync(input)).update('\0');
  const digest = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  action();
  mkdirSync(join(stamp, '..'), { recursive: true });
  writeFileSync(stamp, digest);
}

function files(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .toSorted();
}

function run(command, args) {
  console.error(`> ${command} ${args.join(' ')}`);
  // npm passes its own settings down; the nested npm must read the project's afresh.
  execFileSync(command, args, { stdio: 'inherit' });
}
