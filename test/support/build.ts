import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Worker threads and the command run from dist, so a test run must never meet an old build; and each file
 * is put in its place whole and only when it differs, so that one run does not pull it from under another.
 */
export function setup() {
  const built = mkdtempSync(join(tmpdir(), 'graphwright-build-'));
  try {
    const tsc = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', built];
    execFileSync('node_modules/.bin/tsc', tsc, { stdio: 'inherit' });
    const files = readdirSync(built, { recursive: true, withFileTypes: true });
    for (const file of files) if (file.isFile()) put(join(file.parentPath, file.name), built);
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
}

function put(file: string, built: string): void {
  const target = join('dist', file.slice(built.length + 1));
  if (existsSync(target) && readFileSync(target).equals(readFileSync(file))) return;
  mkdirSync(dirname(target), { recursive: true });
  // The directory for temporary files may be on another disk, from which nothing is renamed.
  const beside = `${target}.${process.pid}`;
  copyFileSync(file, beside);
  renameSync(beside, target);
}
