// Makes the compared packages ready, and builds the SQLite driver of two of them where it is missing.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { install } from '../shared/install.mjs';

install();
if (!existsSync('node_modules/better-sqlite3/build/Release/better_sqlite3.node')) {
  // The headers that come with Node, so that nothing is downloaded to build with.
  const nodedir = dirname(dirname(process.execPath));
  const headers = existsSync(join(nodedir, 'include/node/node.h'));
  const env = { ...process.env, ...(headers && { npm_config_nodedir: nodedir }) };
  const words = ['rebuild', 'better-sqlite3', '--build-from-source', '--loglevel=error'];
  try {
    execFileSync('npm', words, { stdio: ['ignore', 'ignore', 'inherit'], env });
  } catch {
    // Not silent: LangGraph and Effect fail to open, and their columns say so.
  }
}
