// Times each way to one piece of work, and weighs lists of tools; README.md says how.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { machine, versions } from '../shared/facts.mjs';
import { rotated } from '../shared/choose.mjs';
import { record } from '../shared/results.mjs';
import { summary } from '../shared/statistics.mjs';
import { measure } from './measure.mjs';
import { paths as known } from './paths/list.mjs';
import { goals } from './report/goals.mjs';
import { table } from './report/table.mjs';
import { listCosts } from './tokens.mjs';

const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    calls: { type: 'string', default: '400' },
    record: { type: 'boolean', default: false },
  },
});

const wanted = values.only?.split(',');
const paths = known.filter(({ name }) => !wanted || wanted.includes(name));
/** @type {Record<string, number[]>} the median of each round */
const medians = Object.fromEntries(paths.map(({ name }) => [name, []]));
/** @type {number[]} */
const loads = [];
for (let round = 1; round <= Number(values.rounds); round += 1) {
  loads.push(loadavg()[0] ?? 0);
  say(`round ${round} of ${values.rounds}, load ${loads.at(-1)?.toFixed(2)}`);
  for (const path of rotated(paths, round - 1))
    medians[path.name]?.push(summary(await measure(path, Number(values.calls))).median);
}
loads.push(loadavg()[0] ?? 0);

const results = {
  at: new Date().toISOString(),
  machine,
  versions: versions([
    '@langchain/core',
    '@modelcontextprotocol/server',
    '@modelcontextprotocol/client',
    'fastify',
    'zod',
    '@opentelemetry/sdk-trace-node',
  ]),
  loads,
  rounds: Number(values.rounds),
  paths: Object.fromEntries(Object.entries(medians).map(([name, all]) => [name, summary(all)])),
  lists: await listCosts(100),
};
process.stdout.write(`${table(results)}\n\n${goals(results)}\n`);
if (values.record) say(`Written to ${await record(import.meta.dirname, results)}`);
// What the compared packages leave open must not hold the process.
process.exit();
