import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { summary } from './statistics.mjs';

/** What every record has. @typedef {{ at: string, machine: typeof import('./facts.mjs').machine, versions: Record<string, string>, loads: readonly number[] }} Recorded */

/**
 * Writes what was measured into the folder `results` of a bench, named by its minute.
 * @param {string} folder the bench's @param {Recorded} result @returns {Promise<string>} its path
 */
export async function record(folder, result) {
  mkdirSync(`${folder}/results`, { recursive: true });
  const path = `${folder}/results/${result.at.slice(0, 16).replace(':', '')}.json`;
  writeFileSync(path, await format(JSON.stringify(result), { parser: 'json', printWidth: 100 }));
  return path;
}

/**
 * All that a bench has recorded, by the names of the files.
 * @template Result @param {string} folder @returns {Result[]}
 */
export function recorded(folder) {
  const names = readdirSync(`${folder}/results`).filter((name) => name.endsWith('.json'));
  if (names.length === 0)
    throw new Error(`${folder}/results has no results; record some: main.mjs --record`);
  return names
    .toSorted()
    .map((name) => JSON.parse(readFileSync(`${folder}/results/${name}`, 'utf8')));
}

const [start, end] = ['<!-- results -->', '<!-- end of results -->'];

/** Puts sections into a bench's README.md, in the place of those that are there. @param {string} folder @param {readonly string[]} sections */
export async function intoReadme(folder, sections) {
  const path = `${folder}/README.md`;
  const readme = readFileSync(path, 'utf8');
  const before = readme.slice(0, readme.indexOf(start) + start.length);
  const text = [before, ...sections, readme.slice(readme.indexOf(end))].join('\n\n');
  writeFileSync(path, await format(text, { parser: 'markdown', printWidth: 100 }));
}

/** When it was measured, as a heading says it. @param {Pick<Recorded, 'at'>} result */
export const minute = ({ at }) => `${at.slice(0, 16).replace('T', ' ')} UTC`;

/** On what it was measured. @param {Pick<Recorded, 'machine' | 'versions'>} result */
export function surroundings({ machine, versions }) {
  const { processor, cores, memory, platform } = machine;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${processor}, ${cores} cores, ${Math.round(memory / 2 ** 30)} GB, ${platform}; ${packages.join(', ')};`;
}

/** The load averages meanwhile. @param {Pick<Recorded, 'loads'>} result */
export const loadsOf = ({ loads }) => loads.map((load) => load.toFixed(1)).join(', ');

/**
 * What each system came to, by system and measure.
 * @param {Record<string, Record<string, number[]>>} measured
 * @returns {Record<string, Record<string, import('./statistics.mjs').Summary>>}
 */
export const summaries = (measured) =>
  Object.fromEntries(
    Object.entries(measured).map(([module, all]) => [
      module,
      Object.fromEntries(Object.entries(all).map(([name, found]) => [name, summary(found)])),
    ]),
  );
