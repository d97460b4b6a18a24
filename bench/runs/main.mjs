// Compares engines for durable workflows; README.md says how, and which options there are.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { machine, versions } from '../shared/facts.mjs';
import { summary } from '../shared/statistics.mjs';
import { goals } from './report/goals.mjs';
import { table } from './report/table.mjs';
import { measure } from './run/measure.mjs';
import { startPostgres } from './run/postgres.mjs';
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

const chosen = choose();
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
  const first = (round - 1) % chosen.length;
  for (const system of [...chosen.slice(first), ...chosen.slice(0, first)]) {
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
      const [reason] = String(thrown instanceof Error ? thrown.message : thrown).split('\n');
      failures[module] = reason ?? '';
      say(`${module}: ${reason}`);
    }
  }
}

async function report() {
  loads.push(loadavg()[0] ?? 0);
  const summaries = Object.entries(measured).map(([module, all]) => [
    module,
    Object.fromEntries(Object.entries(all).map(([name, found]) => [name, summary(found)])),
  ]);
  const result = {
    at: new Date().toISOString(),
    machine,
    versions: versions(compared),
    loads,
    rounds: Number(values.rounds),
    failures,
    systems: Object.fromEntries(summaries),
  };
  process.stdout.write(`${table(result)}\n\n${goals(result)}\n`);
  if (!values.record) return;
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${result.at.slice(0, 16).replace(':', '')}.json`);
  writeFileSync(path, await format(JSON.stringify(result), { parser: 'json', printWidth: 100 }));
  say(`Written to ${path}`);
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

function choose() {
  const wanted = values.only?.split(',');
  const known = systems.map(({ module }) => module);
  const unknown = wanted?.find((module) => !known.includes(module));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: choose of ${known.join(', ')}`);
  return systems.filter(({ module }) => !wanted || wanted.includes(module));
}
