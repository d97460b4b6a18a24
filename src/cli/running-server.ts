import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const fileIn = (data: string) => join(resolve(data), 'server.json');

const Address = z.object({ url: z.url({ protocol: /^https?$/ }), pid: z.int().positive() });

/** Leaves word in the data directory of where its server listens, for commands that find it in use. */
export async function announceServer(data: string, url: string): Promise<() => Promise<void>> {
  const file = fileIn(data);
  await writeFile(file, JSON.stringify({ url, pid: process.pid }));
  return () => rm(file, { force: true });
}

/** Where the server of a data directory listens, if one that is alive says so. */
export async function runningServer(data: string): Promise<string | undefined> {
  const text = await readFile(fileIn(data), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { url, pid } = Address.parse(JSON.parse(text));
    process.kill(pid, 0);
    return url;
  } catch {
    // A server that died left it, perhaps half written.
    return undefined;
  }
}
