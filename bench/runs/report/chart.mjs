import { decades, scale, style } from '../../shared/svg.mjs';
import { short } from '../../shared/number.mjs';
import { levels } from '../run/measure.mjs';
import { systems } from '../systems/list.mjs';

const width = 960;
const [left, right] = [200, 880];
const bar = 18;

/**
 * Draws throughput: for each number of runs at once, a bar of each system, its range on it.
 * @param {import('./table.mjs').Results} results
 */
export function chart(results) {
  const shown = systems.filter(({ module }) => results.systems[module]?.['at 1']);
  const found = (/** @type {string} */ module, /** @type {number} */ level) =>
    results.systems[module]?.[`at ${level}`];
  const all = shown.flatMap(({ module }) => levels.flatMap((level) => found(module, level) ?? []));
  const ticks = decades(
    Math.min(...all.map(({ min }) => min)),
    Math.max(...all.map(({ max }) => max)),
  );
  const x = scale(ticks[0] ?? 1, ticks.at(-1) ?? 10, left, right);
  const group = shown.length * bar + 34;
  const height = 84 + levels.length * group;
  const groups = levels.map((level, index) => {
    const top = 78 + index * group;
    const bars = shown.map(({ module, label, colour }, row) =>
      drawn(found(module, level), { x, y: top + 8 + row * bar, label, colour }),
    );
    return `<text x="16" y="${top}" class="faint">${level} at once</text>\n${bars.join('\n')}`;
  });
  const rules = ticks.map(
    (tick) =>
      `<path d="M${x(tick).toFixed(1)} 56V${height - 12}" class="rule"/><text x="${x(tick).toFixed(1)}" y="52" text-anchor="middle" class="small">${tick}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Runs a second of engines for durable workflows, at 1, 10 and 100 runs at once">
<style>${style}</style>
<rect width="100%" height="100%" rx="8"/>
<text x="16" y="26" class="title">Runs of five empty steps a second, each step on disk</text>
<text x="16" y="42" class="faint">Medians, with the range; logarithmic. ${results.at.slice(0, 10)}, ${results.machine.cores} shared cores, Node ${results.versions.node}</text>
${rules.join('\n')}
${groups.join('\n')}
</svg>
`;
}

/**
 * @param {import('./table.mjs').Summary | undefined} summary
 * @param {{ x: (value: number) => number, y: number, label: string, colour: string }} where
 */
function drawn(summary, { x, y, label, colour }) {
  const name = `<text x="${left - 8}" y="${y + 11}" text-anchor="end">${label}</text>`;
  if (!summary) return `${name}<text x="${left + 6}" y="${y + 11}" class="small">no number</text>`;
  const { median, min, max } = summary;
  const [end, low, high] = [x(median), x(min), x(max)].map((at) => at.toFixed(1));
  const middle = y + 7;
  return `${name}<path d="M${left} ${y}H${end}V${y + 14}H${left}z" fill="${colour}"/><path d="M${low} ${middle}H${high}M${low} ${middle - 3}v6M${high} ${middle - 3}v6" fill="none" stroke="#7d8590" stroke-width="1.5"/><text x="${(Number(high) + 8).toFixed(1)}" y="${y + 11}" class="small">${short(median)}</text>`;
}
