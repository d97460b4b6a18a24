// Puts the recorded results into README.md, and draws chart.svg of them.
import { writeFileSync } from 'node:fs';
import { intoReadme, minute, recorded, surroundings } from '../shared/results.mjs';
import { chart } from './report/chart.mjs';
import { disagreements } from './report/disagreements.mjs';
import { growthTable } from './report/growth-table.mjs';
import { table } from './report/table.mjs';

const folder = import.meta.dirname;
/** @type {import('./report/results.mjs').Results[]} */
const all = recorded(folder).toSorted((one, other) => one.triples - other.triples);
writeFileSync(`${folder}/chart.svg`, chart(all, '1m'));
const grown = all.length > 1 ? ['### Growth', growthTable(all)] : [];
await intoReadme(folder, [...all.map(section), ...grown]);

/** @param {import('./report/results.mjs').Results} results */
function section(results) {
  const others = disagreements(results);
  return `### ${results.triples.toLocaleString('en')} statements

${minute(results)}; ${surroundings(results)}
${results.rounds} rounds, load average ${results.loadAverage.toFixed(1)}${results.references.length > 1 ? `; ${results.references.length} groups, as not all fit in memory at once` : ''}.

${table(results)}

${others.length > 0 ? `Answers that differ:\n\n${others.map((line) => `- ${line}`).join('\n')}` : 'All systems gave the same answers.'}`;
}
