// Puts the recorded results into README.md, and draws chart.svg of the newest.
import { writeFileSync } from 'node:fs';
import { intoReadme, loadsOf, minute, recorded, surroundings } from '../shared/results.mjs';
import { chart } from './report/chart.mjs';
import { goals } from './report/goals.mjs';
import { table } from './report/table.mjs';

const folder = import.meta.dirname;
/** @type {import('./report/table.mjs').Results[]} */
const all = recorded(folder).toReversed();
const [newest] = all;
if (newest) writeFileSync(`${folder}/chart.svg`, chart(newest));
await intoReadme(folder, all.map(section));

/** @param {import('./report/table.mjs').Results} results */
function section(results) {
  return `### ${minute(results)}

${surroundings(results)}
${results.rounds} rounds, load average before each and at the end: ${loadsOf(results)}.

${table(results)}

${goals(results)}`;
}
