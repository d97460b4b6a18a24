import { short } from '../../shared/number.mjs';
import { decades, scale, style } from '../../shared/svg.mjs';
import { systems } from '../systems/list.mjs';

const width = 960;
const [left, right] = [220, 880];
const bar = 18;

/** What is drawn: a group of bars for each. */
const groups = (/** @type {import('./table.mjs').Results['options']} */ { turns, sessions }) => [
  { key: 'turn', title: `milliseconds of a turn, around turn ${turns / 8}` },
  {
    key: 'turns a second',
    title: `turns a second, ${sessions.toLocaleString('en')} sessions at once`,
  },
  { key: 'bytes a turn', title: `bytes a turn on disk, a conversation of ${turns} turns` },
];

/** Draws the time of a turn, turns a second and bytes a turn. @param {import('./table.mjs').Results} results */
export function chart(results) {
  let top = 60;
  const drawn = groups(results.options).map(({ key, title }) => {
    const shown = systems.filter(({ module }) => (results.systems[module]?.[key]?.min ?? 0) > 0);
    const { svg, height } = group(results, key, title, shown, top);
    top += height;
    return svg;
  });
  const height = top;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Time of a turn, turns a second and bytes a turn of ways to keep conversations">
<style>${style}</style>
<rect width="100%" height="100%" rx="8"/>
<text x="16" y="26" class="title">A turn of a conversation: message in, reply out, both kept</text>
<text x="16" y="42" class="faint">Medians, with the range; logarithmic. ${results.at.slice(0, 10)}, ${results.machine.cores} shared cores, Node ${results.versions.node}</text>
${drawn.join('\n')}
</svg>
`;
}

/**
 * @param {import('./table.mjs').Results} results @param {string} key @param {string} title
 * @param {readonly import('../systems/list.mjs').Listed[]} shown @param {number} top
 */
function group(results, key, title, shown, top) {
  const found = (/** @type {string} */ module) =>
    /** @type {import('./table.mjs').Summary} */ (results.systems[module]?.[key]);
  const all = shown.map(({ module }) => found(module));
  const ticks = decades(
    Math.min(...all.map(({ min }) => min)),
    Math.max(...all.map(({ max }) => max)),
  );
  const x = scale(ticks[0] ?? 1, ticks.at(-1) ?? 10, left, right);
  const height = 58 + shown.length * bar;
  const rules = ticks.map(
    (tick) =>
      `<path d="M${x(tick).toFixed(1)} ${top + 28}V${top + height - 22}" class="rule"/><text x="${x(tick).toFixed(1)}" y="${top + 24}" text-anchor="middle" class="small">${tick}</text>`,
  );
  const bars = shown.map(({ module, label, keeps, colour }, row) => {
    const { median, min, max } = found(module);
    const [end, low, high] = [median, min, max].map((value) => x(value).toFixed(1));
    const y = top + 32 + row * bar;
    const middle = y + 7;
    return `<text x="${left - 8}" y="${y + 11}" text-anchor="end">${label}, ${keeps}</text><path d="M${left} ${y}H${end}V${y + 14}H${left}z" fill="${colour}"/><path d="M${low} ${middle}H${high}M${low} ${middle - 3}v6M${high} ${middle - 3}v6" fill="none" stroke="#7d8590" stroke-width="1.5"/><text x="${(Number(high) + 8).toFixed(1)}" y="${y + 11}" class="small">${short(median)}</text>`;
  });
  const name = `<text x="16" y="${top + 10}" class="faint">${title}</text>`;
  return { svg: [name, ...rules, ...bars].join('\n'), height };
}
