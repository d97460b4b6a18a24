const line = (/** @type {string[]} */ cells) =>
  `| ${cells.map((text) => text.replaceAll(/[|\n]/g, ' ')).join(' | ')} |`;

/** A table. @param {string[][]} rows the first of them the heading */
export function markdown([heading = [], ...rows]) {
  const rule = heading.map((_, index) => (index === 0 ? '---' : '--:'));
  return [line(heading), line(rule), ...rows.map(line)].join('\n');
}
