// Compares graph stores on generated data; README.md says how, and which options there are.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { freemem, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { writeShop } from './shop/write.mjs';
import { disagreements } from './report/disagreements.mjs';
import { table } from './report/table.mjs';
import { groups } from './run/groups.mjs';
import { runGroup } from './run/run-group.mjs';
import { machine, versions } from '../shared/facts.mjs';
import { reference, systems } from './systems/list.mjs';

const sizes = { '20k': 20_000, '100k': 100_000, '1m': 1_000_000, '5m': 5_000_000 };
const compared = ['oxigraph', 'n3', '@comunica/query-sparql', 'quadstore', 'quadstore-comunica'];
const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    size: { type: 'string', multiple: true, default: ['100k'] },
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
    loads: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    starts: { type: 'string', default: '3' },
    limit: { type: 'string', default: '60' },
    output: { type: 'string' },
  },
});

const results = new URL('results', import.meta.url).pathname;
const output = values.output ?? (values.full ? results : undefined);
for (const name of values.full ? ['100k', '1m', '5m'] : values.size) await measure(name);

/** @param {string} name */
async function measure(name) {
  const size = sizes[/** @type {keyof typeof sizes} */ (name)];
  if (!size) throw new Error(`--size ${name}: choose one of ${Object.keys(sizes).join(', ')}`);
  const directory = await mkdtemp(join(tmpdir(), 'graphwright-bench-'));
  const clear = () => rmSync(directory, { recursive: true, force: true });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.once(signal, () => {
      clear();
      process.exit(130);
    });
  try {
    const file = join(directory, 'shop.nt');
    const triples = await writeShop(file, size);
    say(`${triples} statements in ${file}`);
    await record(name, { file, size, triples });
  } finally {
    clear();
  }
}

async function record(/** @type {string} */ name, { file, size, triples }) {
  const limit = Number(values.limit) * 1000;
  const settings = {
    file,
    size,
    say,
    limit,
    loadLimit: 15 * 60_000,
    budget: 1_000,
    // At 5 M statements one load takes minutes.
    loads: size > 1_000_000 ? 1 : Number(values.loads),
    rounds: Number(values.rounds),
    starts: Number(values.starts),
  };
  /** @type {Record<string, import('./run/run-group.mjs').Measured & { group: number }>} */
  const measured = {};
  const references = [];
  for (const [group, members] of groups(chosen(), triples, freemem() * 0.7).entries()) {
    say(`Side by side: ${members.map(({ label }) => label).join('; ')}`);
    const found = await runGroup(members, settings);
    references.push(found[reference]);
    for (const [module, one] of Object.entries(found)) measured[module] ??= { ...one, group };
  }
  const facts = {
    size: name,
    triples,
    at: new Date().toISOString(),
    machine,
    versions: versions(compared),
  };
  // Above the number of cores, others were at work as well.
  const [, , loadAverage = 0] = loadavg();
  const result = { ...facts, loadAverage, rounds: settings.rounds, references, systems: measured };
  process.stdout.write(`${table(result)}\n`);
  for (const line of disagreements(result)) say(line);
  if (output === undefined) return;
  mkdirSync(output, { recursive: true });
  const path = join(output, `${name}.json`);
  writeFileSync(path, await format(JSON.stringify(result), { parser: 'json', printWidth: 100 }));
  say(`Written to ${path}`);
}

function chosen() {
  const wanted = values.only?.split(',');
  const known = systems.map(({ module }) => module);
  const unknown = wanted?.find((module) => !known.includes(module));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: choose of ${known.join(', ')}`);
  return systems.filter(({ module }) => !wanted || module === reference || wanted.includes(module));
}
