import type { Tally } from './main.ts';

/** The tallies in columns. */
export function table(tallies: readonly Tally[]): string {
  const rows = [
    ['suite', 'surface', 'passed', 'failed', 'expected failures'],
    ...tallies.map(({ suite, surface, passed, failed, expected }) => [
      suite,
      surface,
      ...[passed, failed, expected].map(String),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number) =>
    column < 2 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
