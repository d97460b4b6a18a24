// Puts the recorded results into README.md, and draws chart.svg of the newest.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { chart } from './report/chart.mjs';
import { goals } from './report/goals.mjs';
import { table } from './report/table.mjs';

const folder = new URL('.', import.meta.url).pathname;
const all = readdirSync(`${folder}results`)
  .filter((name) => name.endsWith('.json'))
  .toSorted()
  .toReversed()
  .map(
    (name) =>
      /** @type {import('./report/table.mjs').Results} */ (
        JSON.parse(readFileSync(`${folder}results/${name}`, 'utf8'))
      ),
  );
const [newest] = all;
if (!newest) throw new Error(`${folder}results has no results; record some: main.mjs --record`);

writeFileSync(`${folder}chart.svg`, chart(newest));
const [start, end] = ['<!-- results -->', '<!-- end of results -->'];
const readme = readFileSync(`${folder}README.md`, 'utf8');
const before = readme.slice(0, readme.indexOf(start) + start.length);
const after = readme.slice(readme.indexOf(end));
const text = [before, ...all.map(section), after].join('\n\n');
writeFileSync(`${folder}README.md`, await format(text, { parser: 'markdown', printWidth: 100 }));

/** @param {import('./report/table.mjs').Results} results */
function section(results) {
  const { processor, cores, memory, platform } = results.machine;
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  const loads = results.loads.map((load) => load.toFixed(1)).join(', ');
  const { rounds, milliseconds } = results.options;
  return `### ${results.at.slice(0, 16).replace('T', ' ')} UTC

${processor}, ${cores} cores, ${Math.round(memory / 2 ** 30)} GB, ${platform}; ${versions.join(', ')};
--rounds ${rounds} --milliseconds ${milliseconds}, load average before each part and at the end: ${loads}.

${table(results)}

${goals(results)}`;
}
