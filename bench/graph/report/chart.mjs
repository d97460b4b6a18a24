import { kinds } from '../queries.mjs';
import { growth } from './chart-growth.mjs';
import { times } from './chart-times.mjs';
import { style } from '../../shared/svg.mjs';
import { legend } from './marks.mjs';
import { measuredIn } from './results.mjs';

const width = 960;

/**
 * Draws the results of several sizes: the times at one of them, and how each kind grows.
 * @param {readonly import('./results.mjs').Results[]} all from small to large
 * @param {string} shown the size whose times are drawn
 */
export function chart(all, shown) {
  const main = /** @type {import('./results.mjs').Results} */ (
    all.find(({ size }) => size === shown) ?? all.at(-1)
  );
  const names = kinds.map(({ name }) => name);
  const top = times(main, names, { width, y: 124 });
  const bottom = all.length > 1 ? grown(all, names, top.end) : { svg: '', end: top.end };
  const height = bottom.end + 16;
  const date = main.at.slice(0, 10);
  const count = main.triples.toLocaleString('en');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Times of graph stores by kind of query, and their growth with the size of the data">
<style>${style}</style>
<rect width="100%" height="100%" rx="8"/>
<text x="16" y="26" class="title">Median milliseconds at ${count} statements, with smallest and largest</text>
<text x="16" y="44" class="faint">Logarithmic; left is faster. ${date}, ${main.machine.cores} shared cores, Node ${main.versions.node}</text>
${legend(measuredIn(main), 70)}
${top.svg}
${bottom.svg}
</svg>
`;
}

/** How each kind grows, below a heading. */
function grown(
  /** @type {readonly import('./results.mjs').Results[]} */ all,
  /** @type {readonly string[]} */ names,
  /** @type {number} */ y,
) {
  const { svg, end } = growth(all, names, { width, y: y + 64 });
  const heading = `<text x="16" y="${y + 36}" class="title">Growth with the number of statements: ${all.map(({ size }) => size).join(', ')}</text>
<text x="16" y="${y + 52}" class="faint">Median milliseconds, both axes logarithmic</text>`;
  return { svg: `${heading}\n${svg}`, end };
}
