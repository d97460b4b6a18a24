import { decades, scale } from '../../shared/svg.mjs';
import { colour, mark } from './marks.mjs';
import { measuredIn } from './results.mjs';

const left = 120;
const step = 10;

/**
 * A row for each kind; in it, a line from the smallest to the largest time of each system.
 * @param {import('./results.mjs').Results} results
 * @param {readonly string[]} names
 * @param {{ width: number, y: number }} place
 */
export function times(results, names, { width, y }) {
  const systems = measuredIn(results);
  const found = names.flatMap((name) => systems.flatMap(({ one }) => one.kinds[name] ?? []));
  const ticks = decades(...span(found));
  const x = scale(
    /** @type {number} */ (ticks[0]),
    /** @type {number} */ (ticks.at(-1)),
    left,
    width - 24,
  );
  const parts = [];
  let top = y + 8;
  for (const name of names) {
    const present = systems.filter(({ one }) => one.kinds[name]);
    const height = present.length * step + 10;
    parts.push(
      `<line class="rule" x1="16" x2="${width - 16}" y1="${top}" y2="${top}"/>`,
      `<text x="16" y="${top + height / 2 + 4}">${name}</text>`,
      ...present.map(({ module, one }, row) =>
        range(module, /** @type {Summary} */ (one.kinds[name]), x, top + 10 + row * step),
      ),
    );
    top += height;
  }
  const axis = ticks.map(
    (tick) => `<line class="rule" x1="${x(tick)}" x2="${x(tick)}" y1="${y + 8}" y2="${top}"/>
<text class="small" text-anchor="middle" x="${x(tick)}" y="${y + 2}">${tick < 1 ? tick : tick.toLocaleString('en')}</text>`,
  );
  return { svg: [...axis, ...parts].join('\n'), end: top };
}

/** @typedef {import('../../shared/statistics.mjs').Summary} Summary */

/** @param {string} module @param {Summary} times @param {(value: number) => number} x @param {number} y */
const range = (module, { median, min, max }, x, y) =>
  `<line x1="${x(min).toFixed(1)}" x2="${x(max).toFixed(1)}" y1="${y}" y2="${y}" stroke="${colour(module)}" stroke-opacity=".55" stroke-width="1.5"/>${mark(module, x(median), y, 0.9)}`;

/** @param {readonly Summary[]} found @returns {[number, number]} */
const span = (found) => [
  Math.min(...found.map(({ min }) => min)),
  Math.max(...found.map(({ max }) => max)),
];
