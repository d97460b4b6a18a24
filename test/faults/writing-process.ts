import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../src/ontology/sparql.ts';

/** A process that writes into a data directory, numbering what it writes. */
export function startWriter(directory: string, from: number, env: NodeJS.ProcessEnv = {}) {
  const args = ['test/faults/store-writer.mjs', directory, String(from)];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const acknowledged: number[] = [];
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => acknowledged.push(Number(line)));
  const over = Promise.all([once(child, 'exit'), once(lines, 'close')]);
  return {
    /** The numbers of the writes that were acknowledged; grows until the end. */
    acknowledged,
    /** Resolves with the first acknowledgement. */
    first: once(lines, 'line'),
    async kill() {
      const stopped = child.exitCode !== null;
      child.kill('SIGKILL');
      await over;
      // One that stopped by itself could not open the store, or could not go on.
      if (stopped) throw new Error(`The writer stopped by itself: ${said}`);
    },
  };
}

/** What is wrong with a data directory in which these writes were acknowledged. */
export async function problemsOf(
  directory: string,
  acknowledged: readonly number[],
): Promise<string[]> {
  let found;
  try {
    found = await contents(directory);
  } catch (thrown) {
    return [String(thrown)];
  }
  const { parts, notes, counters, damage } = found;
  const lost = acknowledged.filter((number) => !parts.has(number) || !notes.has(number));
  const halves = [...parts].filter(([, count]) => count !== 3).map(([number]) => number);
  return [
    ...(lost.length > 0 ? [`lost: ${lost.join(' ')}`] : []),
    ...(halves.length > 0 ? [`half there: ${halves.join(' ')}`] : []),
    ...(counters > 1 || (counters === 0 && acknowledged.length > 4)
      ? [`${counters} counters`]
      : []),
    ...(damage ? [`damage: ${damage.detail}`] : []),
  ];
}

async function contents(directory: string) {
  const { store, state, close } = await openEmbedded({ directory });
  try {
    const sql = `SELECT 1 FROM sqlite_master WHERE name = 'notes'`;
    const kept = (await state.read({ sql })).length > 0;
    const noted = kept ? await state.read<{ number: number }>({ sql: 'SELECT * FROM notes' }) : [];
    const rows = await store.select(sparql`SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s`);
    const counts = rows.map(({ s, n }) => [s!.value.split('/').at(-1), Number(n!.value)] as const);
    return {
      parts: new Map(
        counts.filter(([name]) => name !== 'counter').map(([name, n]) => [Number(name), n]),
      ),
      notes: new Set(noted.map(({ number }) => number)),
      counters: counts.find(([name]) => name === 'counter')?.[1] ?? 0,
      damage: (await store.verify()).damage,
    };
  } finally {
    await close();
  }
}
