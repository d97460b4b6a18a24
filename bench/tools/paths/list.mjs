import { byHand } from './by-hand.mjs';
import { ours } from './ours.mjs';
import { watched } from './watched.mjs';

/**
 * A way to the work: `call` does it once, and gives its result to be checked.
 * @typedef {object} Open
 * @property {() => Promise<{ to: string, pieces: number }>} call
 * @property {() => unknown} [close]
 */

/**
 * @typedef {object} Path
 * @property {string} name
 * @property {string} label
 * @property {'ours' | 'by hand'} by
 * @property {string} [beside] the name of the same written by hand
 * @property {() => Promise<Open>} open
 */

/** In the order in which they are shown: each of ours before the same written by hand. */
export const paths = [
  ...ours.flatMap((path) => [path, ...byHand.filter(({ name }) => name === path.beside)]),
  ...watched,
];
