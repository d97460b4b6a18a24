import Table from 'cli-table3';
import { painter, showsColours, type Painter } from './painter.ts';

const bare = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '' };
const bareBelow = { bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' };
const underHead = { mid: '─', 'mid-mid': '', 'left-mid': '', 'right-mid': '' };
const chars = { ...bare, ...bareBelow, ...underHead, left: '', middle: '', right: '' };

/**
 * Sets a table with a line under its head and no other frame.
 * @param right The columns that hold numbers.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
  paint: Painter = painter(showsColours(process.stdout)),
): string {
  const layout = new Table({
    head: head.map((title) => paint.bold(title)),
    colAligns: head.map((_, index) => (right.includes(index) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
    chars,
  });
  layout.push(...rows.map((row) => [...row]));
  return layout.toString();
}
