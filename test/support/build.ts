import { execFileSync } from 'node:child_process';

/** Worker threads and the command run from dist, so a test run must never meet an old build. */
export function setup() {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--noCheck'], {
    stdio: 'inherit',
  });
}
