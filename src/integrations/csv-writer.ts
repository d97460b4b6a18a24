/**
 * One CSV cell (RFC 4180). A text that a spreadsheet would run as a formula gets a leading
 * apostrophe, which makes it text again; plain numbers stay numbers.
 * Source: OWASP, CSV Injection.
 */
export function csvCell(text: string): string {
  const inert = formula.test(text) && !plainNumber.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

/** Rows as CSV, each ended by CR LF; pass the header as the first row. */
export function toCsv(rows: Iterable<readonly string[]>): string {
  let text = '';
  for (const row of rows) text += `${row.map(csvCell).join(',')}\r\n`;
  return text;
}

// The wide forms count as well: some locales of spreadsheets take them for the narrow ones.
const formula = /^[=+\-@\t\r\n＝＋－＠]/;
const plainNumber = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
