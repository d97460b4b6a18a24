// Puts the recorded results into README.md, and draws chart.svg of them.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { chart } from './report/chart.mjs';
import { disagreements } from './report/disagreements.mjs';
import { growthTable } from './report/growth-table.mjs';
import { table } from './report/table.mjs';

const folder = new URL('.', import.meta.url).pathname;
const all = readdirSync(`${folder}results`)
  .filter((name) => name.endsWith('.json'))
  .map(
    (name) =>
      /** @type {import('./report/results.mjs').Results} */ (
        JSON.parse(readFileSync(`${folder}results/${name}`, 'utf8'))
      ),
  )
  .toSorted((one, other) => one.triples - other.triples);

writeFileSync(`${folder}chart.svg`, chart(all, '1m'));
const [start, end] = ['<!-- results -->', '<!-- end of results -->'];
const readme = readFileSync(`${folder}README.md`, 'utf8');
const before = readme.slice(0, readme.indexOf(start) + start.length);
const after = readme.slice(readme.indexOf(end));
const sections = all.map(section);
const grown = all.length > 1 ? ['### Growth', growthTable(all)] : [];
const text = [before, ...sections, ...grown, after].join('\n\n');
writeFileSync(`${folder}README.md`, await format(text, { parser: 'markdown', printWidth: 100 }));

/** @param {import('./report/results.mjs').Results} results */
function section(results) {
  const { processor, cores, memory, platform } = results.machine;
  const others = disagreements(results);
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  return `### ${results.triples.toLocaleString('en')} statements

${results.at.slice(0, 16).replace('T', ' ')} UTC; ${processor}, ${cores} cores, ${Math.round(memory / 2 ** 30)} GB, ${platform}; ${versions.join(', ')};
${results.rounds} rounds, load average ${results.loadAverage.toFixed(1)}${results.references.length > 1 ? `; ${results.references.length} groups, as not all fit in memory at once` : ''}.

${table(results)}

${others.length > 0 ? `Answers that differ:\n\n${others.map((line) => `- ${line}`).join('\n')}` : 'All systems gave the same answers.'}`;
}
