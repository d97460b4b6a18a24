// Compares ways to keep conversations; README.md says how, and which options there are.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { choose, reasonOf, rotated } from '../shared/choose.mjs';
import { machine, versions } from '../shared/facts.mjs';
import { record, summaries } from '../shared/results.mjs';
import { goals } from './report/goals.mjs';
import { table } from './report/table.mjs';
import { kill, many, sizes, turnTimes } from './run/measure.mjs';
import { startServers } from './run/servers.mjs';
import { systems } from './systems/list.mjs';

const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);
const compared = [
  'libsql',
  '@langchain/langgraph',
  '@langchain/langgraph-checkpoint-sqlite',
  '@langchain/langgraph-checkpoint-postgres',
  'better-sqlite3',
  '@mastra/core',
  '@mastra/libsql',
  'pg',
  '@redis/client',
];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    turns: { type: 'string', default: '800' },
    sessions: { type: 'string', default: '1000' },
    milliseconds: { type: 'string', default: '2000' },
    killed: { type: 'string', default: '100' },
    record: { type: 'boolean', default: false },
  },
});
const [rounds, turns, sessions, milliseconds, killed] = [
  number('rounds', 1),
  number('turns', 8),
  number('sessions', 1),
  number('milliseconds', 1),
  number('killed', 1),
];
if (turns % 8 > 0) throw new Error(`--turns ${turns}: give a multiple of 8`);

const chosen = choose(systems, values.only);
const directory = mkdtempSync(join(tmpdir(), 'graphwright-bench-'));
/** @type {Record<string, Record<string, number[]>>} */
const measured = Object.fromEntries(chosen.map(({ module }) => [module, {}]));
/** @type {Record<string, string>} */
const failures = {};
/** @type {number[]} */
const loads = [];
const servers = await startServers(chosen.map(({ keeps }) => keeps));
process.once('SIGINT', () => void close().finally(() => process.exit(130)));
try {
  await talkAlone();
  await talkTogether();
  await report();
} finally {
  await close();
}

/** One conversation at a time: its size, and the time of a turn. */
async function talkAlone() {
  phase('sizes');
  const subjects = await stores('alone', chosen);
  for (const subject of subjects) await attempt(subject, () => sizes(subject, turns));
  phase('times of turns');
  await turnTimes(subjects.filter(isWell), turns, rounds, attempt);
}

/** Many conversations at once, and a process that is killed in the midst of them. */
async function talkTogether() {
  const subjects = await stores('together', chosen);
  for (let round = 0; round < rounds; round += 1) {
    phase(`many at once, round ${round + 1} of ${rounds}`);
    for (const subject of rotated(subjects, round).filter(isWell))
      await attempt(subject, async () => {
        await many(subject, { prefix: `many-${round}`, sessions, milliseconds });
        await kill(subject, { prefix: `killed-${round}`, sessions: killed });
      });
  }
}

/** Empty stores of these systems. @param {string} name @param {readonly import('./systems/list.mjs').Listed[]} of */
async function stores(name, of) {
  /** @type {import('./run/measure.mjs').Subject[]} */
  const subjects = [];
  for (const system of of) {
    const { module, keeps } = system;
    const place = join(directory, `${module}-${name}`);
    try {
      const store = await servers.store(keeps, place);
      const note = (/** @type {string} */ what, /** @type {number} */ value) =>
        (measured[module][what] ??= []).push(value);
      subjects.push({ system, directory: place, store, note });
    } catch (thrown) {
      fail(module, thrown);
    }
  }
  return subjects;
}

/** @param {import('./run/measure.mjs').Subject} subject @param {() => Promise<void>} action */
async function attempt(subject, action) {
  if (!isWell(subject)) return;
  try {
    await action();
  } catch (thrown) {
    fail(subject.system.module, thrown);
  }
}

/** @param {import('./run/measure.mjs').Subject} subject */
function isWell({ system }) {
  return failures[system.module] === undefined;
}

/** @param {string} module @param {unknown} thrown */
function fail(module, thrown) {
  failures[module] = reasonOf(thrown);
  say(`${module}: ${failures[module]}`);
}

function phase(/** @type {string} */ name) {
  loads.push(loadavg()[0] ?? 0);
  say(`${name}, load ${loads.at(-1)?.toFixed(2)}`);
}

async function report() {
  loads.push(loadavg()[0] ?? 0);
  const result = {
    at: new Date().toISOString(),
    machine,
    versions: versions(compared),
    loads,
    options: { rounds, turns, sessions, milliseconds, killed },
    failures,
    systems: summaries(measured),
  };
  process.stdout.write(`${table(result)}\n\n${goals(result)}\n`);
  if (!values.record) return;
  say(`Written to ${await record(import.meta.dirname, result)}`);
}

async function close() {
  await servers.close();
  rmSync(directory, { recursive: true, force: true });
}

/** @param {'rounds' | 'turns' | 'sessions' | 'milliseconds' | 'killed'} option @param {number} least */
function number(option, least) {
  const value = Number(values[option]);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${option} ${values[option]}: give a whole number from ${least} on`);
}
