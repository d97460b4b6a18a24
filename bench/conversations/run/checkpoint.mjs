// Puts what lies in the logs of a directory's SQLite files into the files themselves.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';

const [directory = ''] = process.argv.slice(2);
for (const name of readdirSync(directory).filter((each) => each.endsWith('.db')))
  new Database(join(directory, name)).pragma('wal_checkpoint(TRUNCATE)');
