import { markdown } from './markdown.mjs';
import { short } from './number.mjs';

/** What was measured of a system. @typedef {(module: string, name: string) => number | undefined} Found */

/** Something that is wanted. @typedef {{ what: string, least?: number, most?: number, of: (found: Found) => number | undefined }} Goal */

/** @param {number | undefined} one @param {number | undefined} other */
export const ratio = (one, other) =>
  one === undefined || other === undefined ? undefined : one / other;

/** What is wanted, and whether it holds, as a table. @param {readonly Goal[]} wanted @param {Found} found */
export function judged(wanted, found) {
  const rows = wanted.map(({ what, least, most, of }) => {
    const value = of(found);
    const goal = least === undefined ? `at most ${most}` : `at least ${least}`;
    if (value === undefined) return [what, goal, '–', 'not measured'];
    const held = value >= (least ?? -Infinity) && value <= (most ?? Infinity);
    return [what, goal, short(value), held ? 'yes' : 'no'];
  });
  return markdown([['', 'wanted', 'measured', 'holds'], ...rows]);
}
