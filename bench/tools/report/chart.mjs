import { short } from '../../shared/number.mjs';
import { decades, scale, style } from '../../shared/svg.mjs';
import { paths } from '../paths/list.mjs';

const width = 960;
const [left, right] = [220, 880];
const bar = 22;
const colours = { ours: '#2a78d6', 'by hand': '#898781' };

const micro = (/** @type {number} */ milliseconds) => milliseconds * 1000;

/** Draws the time of a call on each path, ours and the same by hand. @param {import('./table.mjs').Results} results */
export function chart(results) {
  const shown = paths.filter(({ name }) => results.paths[name]);
  const all = shown.flatMap(({ name }) => {
    const { min, max } = /** @type {any} */ (results.paths[name]);
    return [micro(min), micro(max)];
  });
  const ticks = decades(Math.min(...all), Math.max(...all));
  const x = scale(ticks[0] ?? 1, ticks.at(-1) ?? 10, left, right);
  const height = 84 + shown.length * bar;
  const bars = shown.map(({ name, label, by }, row) => {
    const { median, min, max } = /** @type {any} */ (results.paths[name]);
    const [end, low, high] = [median, min, max].map((time) => x(micro(time)).toFixed(1));
    const y = 66 + row * bar;
    const middle = y + 8;
    return `<text x="${left - 8}" y="${y + 12}" text-anchor="end"${by === 'ours' ? '' : ' class="faint"'}>${label}</text><path d="M${left} ${y}H${end}V${y + 16}H${left}z" fill="${colours[by]}"/><path d="M${low} ${middle}H${high}M${low} ${middle - 3}v6M${high} ${middle - 3}v6" fill="none" stroke="#7d8590" stroke-width="1.5"/><text x="${(Number(high) + 8).toFixed(1)}" y="${y + 12}" class="small">${short(micro(median))}</text>`;
  });
  const rules = ticks.map(
    (tick) =>
      `<path d="M${x(tick).toFixed(1)} 60V${height - 12}" class="rule"/><text x="${x(tick).toFixed(1)}" y="56" text-anchor="middle" class="small">${tick}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Microseconds of a call of the same work on each way to it">
<style>${style}</style>
<rect width="100%" height="100%" rx="8"/>
<text x="16" y="26" class="title">Microseconds from a call to the work and back</text>
<text x="16" y="42" class="faint">Blue ours, grey by hand; medians, with the range of the rounds; logarithmic. ${results.at.slice(0, 10)}, ${results.machine.cores} shared cores, Node ${results.versions.node}</text>
${rules.join('\n')}
${bars.join('\n')}
</svg>
`;
}
