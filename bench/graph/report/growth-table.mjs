import { kinds } from '../queries.mjs';
import { short } from '../../shared/number.mjs';
import { measuredIn } from './results.mjs';
import { markdown } from '../../shared/markdown.mjs';

/**
 * Markdown: how many times its median at the smallest size each system takes at the others.
 * @param {readonly import('./results.mjs').Results[]} all from small to large
 */
export function growthTable([first, ...others]) {
  if (!first || others.length === 0) return '';
  const systems = measuredIn(first);
  const rows = kinds.map(({ name }) => [
    name,
    ...systems.map(({ module, one }) => {
      const base = one.kinds[name]?.median;
      return others.map((results) => times(base, results, module, name)).join(' ');
    }),
  ]);
  const sizes = others.map(({ size }) => `×${size}`).join(' ');
  return markdown([
    [`from ${first.size} to ${sizes}`, ...systems.map(({ label }) => label)],
    ...rows,
  ]);
}

/**
 * @param {number | undefined} base
 * @param {import('./results.mjs').Results} results
 * @param {string} module
 * @param {string} name
 */
function times(base, results, module, name) {
  const median = results.systems[module]?.kinds[name]?.median;
  return base === undefined || median === undefined ? '–' : `×${short(median / base)}`;
}
