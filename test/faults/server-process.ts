import { join } from 'node:path';
import { start } from '../support/command.ts';

/** Starts a server on a free port; resolves with its address once it listens. */
export async function serve(data: string, variables: Record<string, string> = {}) {
  const customers = join(process.cwd(), 'demo/customers.csv');
  const env = { GRAPHWRIGHT_CUSTOMERS_CSV: customers, ...variables };
  const { child, ended } = start(['serve', '--data', data, '--port', '0'], { env });
  const listening = new Promise<string>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      const url = /"url":"([^"]+)"/.exec(chunk.toString())?.[1];
      if (url) resolve(url);
    });
  });
  const failed = ended.then(({ stderr }) => {
    throw new Error(`The server did not start: ${stderr}`);
  });
  return { child, url: await Promise.race([listening, failed]) };
}
