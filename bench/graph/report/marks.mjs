/** Colours that stand out from white and from black; the shape tells the same as the colour. */
const looks = /** @type {Record<string, { colour: string, shape: string }>} */ ({
  oxigraph: { colour: '#7d8590', shape: 'M-4-4h8v8h-8z' },
  embedded: { colour: '#2f81f7', shape: 'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z' },
  served: { colour: '#17a2b8', shape: 'M0-5.5L5.5 0L0 5.5L-5.5 0z' },
  'embedded-in-memory': {
    colour: '#8f6fe0',
    shape: 'M-5-1.5h3.5v-3.5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5z',
  },
  n3: { colour: '#e08a1e', shape: 'M0-5L5 4.5H-5z' },
  quadstore: { colour: '#d2579b', shape: 'M0 5L5-4.5H-5z' },
  virtuoso: { colour: '#3a9d56', shape: 'M-2.5-4.5h5l2.5 4.5l-2.5 4.5h-5l-2.5-4.5z' },
});

/** @param {string} module */
export const colour = (module) => looks[module]?.colour ?? '#7d8590';

/** @param {string} module @param {number} x @param {number} y @param {number} [size] */
export const mark = (module, x, y, size = 1) =>
  `<path d="${looks[module]?.shape}" fill="${colour(module)}" transform="translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${size})"/>`;

/**
 * In rows of four.
 * @param {readonly { module: string, label: string }[]} systems
 * @param {number} top
 */
export const legend = (systems, top) =>
  systems
    .map(({ module, label }, index) => {
      const [x, y] = [22 + (index % 4) * 232, top + Math.floor(index / 4) * 20];
      return `${mark(module, x, y - 4)}<text x="${x + 10}" y="${y}">${label}</text>`;
    })
    .join('\n');
