import { short } from '../../shared/number.mjs';
import { markdown } from '../../shared/markdown.mjs';
import { measuredIn, measures } from './results.mjs';

/**
 * Markdown: the median, smallest and largest value, and how many times Oxigraph's median that is.
 * @param {import('./results.mjs').Results} results
 */
export function table(results) {
  const systems = measuredIn(results);
  const rows = measures.map((measure) => [
    `${measure.name}, ${measure.unit}`,
    ...systems.map((system) => cell(measure, system)),
  ]);
  const acknowledged = ['an update is', ...systems.map((system) => system.acknowledged)];
  return markdown([['', ...systems.map(({ label }) => label)], ...rows, acknowledged]);
}

/**
 * @param {import('./results.mjs').Measure} measure
 * @param {ReturnType<typeof measuredIn>[number]} system
 */
function cell({ of, key }, { one, reference }) {
  const found = of(one);
  if (!found) return one.failures[key] ?? one.failures.load ?? '–';
  const { median, min, max, calls } = found;
  const range = calls > 1 ? ` (${short(min)}–${short(max)})` : '';
  const base = reference && of(reference);
  const ratio = base && base.median > 0 ? ` ×${short(median / base.median)}` : '';
  return `${short(median)}${range}${ratio}`;
}
