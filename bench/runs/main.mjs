// Compares engines for durable workflows; README.md says how, and which options there are.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { choose, reasonOf, rotated } from '../shared/choose.mjs';
import { machine, versions } from '../shared/facts.mjs';
import { startPostgres } from '../shared/postgres.mjs';
import { record, summaries } from '../shared/results.mjs';
import { goals } from './report/goals.mjs';
import { table } from './report/table.mjs';
import { measure } from './run/measure.mjs';
import { systems } from './systems/list.mjs';

const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);
const compared = [
  'libsql',
  'better-sqlite3',
  '@langchain/langgraph',
  '@langchain/langgraph-checkpoint-sqlite',
  'effect',
  '@effect/workflow',
  '@effect/cluster',
  '@effect/sql-sqlite-node',
  '@dbos-inc/dbos-sdk',
];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    milliseconds: { type: 'string', default: '2000' },
    record: { type: 'boolean', default: false },
  },
});

const chosen = choose(systems, values.only);
const directory = mkdtempSync(join(tmpdir(), 'graphwright-bench-'));
/** @type {Record<string, Record<string, number[]>>} */
const measured = Object.fromEntries(chosen.map(({ module }) => [module, {}]));
/** @type {Record<string, string>} */
const failures = {};
/** @type {number[]} */
const loads = [];
const postgres = await servePostgres();
process.once('SIGINT', () => void close().finally(() => process.exit(130)));
try {
  for (let round = 1; round <= Number(values.rounds); round += 1) await oneRound(round);
  await report();
} finally {
  await close();
}

/** Each system once, another one first in each round. @param {number} round */
async function oneRound(round) {
  loads.push(loadavg()[0] ?? 0);
  say(`round ${round} of ${values.rounds}, load ${loads.at(-1)?.toFixed(2)}`);
  for (const system of rotated(chosen, round - 1)) {
    const { module } = system;
    if (failures[module]) continue;
    const note = (/** @type {string} */ name, /** @type {number} */ value) =>
      (measured[module][name] ??= []).push(value);
    try {
      await measure(system, {
        directory: join(directory, `${module}-${round}`),
        url: system.postgres ? postgres.database(`${module}_${round}`) : '',
        milliseconds: Number(values.milliseconds),
        note,
      });
    } catch (thrown) {
      failures[module] = reasonOf(thrown);
      say(`${module}: ${failures[module]}`);
    }
  }
}

async function report() {
  loads.push(loadavg()[0] ?? 0);
  const result = {
    at: new Date().toISOString(),
    machine,
    versions: versions(compared),
    loads,
    rounds: Number(values.rounds),
    failures,
    systems: summaries(measured),
  };
  process.stdout.write(`${table(result)}\n\n${goals(result)}\n`);
  if (!values.record) return;
  say(`Written to ${await record(import.meta.dirname, result)}`);
}

/** Where there is none, what needs it says so in its column. */
async function servePostgres() {
  if (!chosen.some((system) => system.postgres)) return undefined;
  try {
    return await startPostgres();
  } catch (thrown) {
    for (const { module, postgres: needed } of chosen)
      if (needed) failures[module] = /** @type {Error} */ (thrown).message;
    return undefined;
  }
}

async function close() {
  await postgres?.close();
  rmSync(directory, { recursive: true, force: true });
}
