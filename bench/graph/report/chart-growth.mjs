import { decades, scale } from '../../shared/svg.mjs';
import { colour, mark } from './marks.mjs';
import { measuredIn } from './results.mjs';

const columns = 4;
const height = 150;

/**
 * A small chart for each kind: a line for each system, through its medians at every size.
 * @param {readonly import('./results.mjs').Results[]} all
 * @param {readonly string[]} names
 * @param {{ width: number, y: number }} place
 */
export function growth(all, names, { width, y }) {
  const each = (width - 32) / columns;
  const charts = names.map((name, index) => {
    const place = {
      x: 16 + (index % columns) * each,
      y: y + Math.floor(index / columns) * (height + 30),
      width: each - 16,
    };
    return one(all, name, place);
  });
  return { svg: charts.join('\n'), end: y + Math.ceil(names.length / columns) * (height + 30) };
}

/**
 * @param {readonly import('./results.mjs').Results[]} all
 * @param {string} name
 * @param {{ x: number, y: number, width: number }} place
 */
function one(all, name, { x, y, width }) {
  const lines = new Map();
  for (const results of all)
    for (const { module, one: measured } of measuredIn(results)) {
      const median = measured.kinds[name]?.median;
      if (median === undefined) continue;
      lines.set(module, [...(lines.get(module) ?? []), [results.triples, median]]);
    }
  const values = [...lines.values()].flat().map(([, median]) => median);
  if (values.length === 0) return '';
  const ticks = decades(Math.min(...values), Math.max(...values));
  const bottom = y + height;
  const across = scale(
    /** @type {any} */ (all[0]).triples,
    Math.max(/** @type {any} */ (all.at(-1)).triples, 2 * /** @type {any} */ (all[0]).triples),
    x + 42,
    x + width - 8,
  );
  const up = scale(
    /** @type {any} */ (ticks[0]),
    /** @type {any} */ (ticks.at(-1)),
    bottom,
    y + 16,
  );
  const grid = ticks.map(
    (
      tick,
    ) => `<line class="rule" x1="${x + 34}" x2="${x + width}" y1="${up(tick).toFixed(1)}" y2="${up(tick).toFixed(1)}"/>
<text class="small" text-anchor="end" x="${x + 30}" y="${(up(tick) + 4).toFixed(1)}">${tick < 1 ? tick : tick.toLocaleString('en')}</text>`,
  );
  const drawn = [...lines].map(([module, points]) => {
    const path = points.map(
      ([count, median]) => `${across(count).toFixed(1)},${up(median).toFixed(1)}`,
    );
    const dots = points.map(([count, median]) => mark(module, across(count), up(median), 0.7));
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour(module)}" stroke-width="1.5"/>${dots.join('')}`;
  });
  return [`<text x="${x + 34}" y="${y + 6}">${name}</text>`, ...grid, ...drawn].join('\n');
}
