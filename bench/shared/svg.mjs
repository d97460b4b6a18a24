export const style = `
text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.faint { fill: #59636e }
.small { font-size: 10.5px; fill: #59636e }
rect { fill: #fff }
.rule { stroke: #818b98; stroke-opacity: .3 }
@media (prefers-color-scheme: dark) { rect { fill: #0d1117 } text { fill: #e6edf3 } .faint, .small { fill: #9198a1 } }
`;

/**
 * A logarithmic scale.
 * @param {number} least @param {number} most
 * @param {number} from @param {number} to
 */
export function scale(least, most, from, to) {
  const [low, high] = [Math.log10(least), Math.log10(most)];
  return (/** @type {number} */ value) =>
    from + ((Math.log10(value) - low) / (high - low)) * (to - from);
}

/** The powers of ten from the one below `least` to the one above `most`. */
export function decades(/** @type {number} */ least, /** @type {number} */ most) {
  const found = [];
  for (let at = Math.floor(Math.log10(least)); at <= Math.ceil(Math.log10(most)); at += 1)
    found.push(10 ** at);
  return found;
}
