import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../../src/integrations/csv-reader.ts';
import { csvCell, toCsv } from '../../src/integrations/csv-writer.ts';

describe('T33 cells that a spreadsheet would run', () => {
  test.each([
    ['=HYPERLINK("http://evil.example","x")', `"'=HYPERLINK(""http://evil.example"",""x"")"`],
    ['+1+cmd|calc', "'+1+cmd|calc"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', `"'\r=1"`],
    ['\n=1', `"'\n=1"`],
    ['＝1+1', "'＝1+1"],
    ['-', "'-"],
    ['+49 30 123', "'+49 30 123"],
  ])('%j is neutral', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  test.each(['-12.5', '+3', '-1e-7', '-.5', '0', 'a=b', 'x-y', "'quoted", ''])(
    '%j stays as it is',
    (text) => {
      expect(csvCell(text)).toBe(text);
    },
  );

  test('no cell begins with a sign that starts a formula, unless it is a number', () => {
    const text = string({ unit: constantFrom(...'=+-@\t\r\n",1eE.a ') });
    const neutral = property(text, (value) => {
      const shown = csvCell(value).replace(/^"/, '');
      expect(shown).not.toMatch(/^([=@\t\r\n]|[+-](?!\d*\.?\d*(e[+-]?\d+)?$))/i);
    });
    expect(() => assert(neutral)).not.toThrow();
  });

  test('a table is read back as it was written, with the apostrophe', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'graphwright-csv-'));
    try {
      const rows = [
        ['name', 'said'],
        ['A "quoted", B', 'two\r\nlines'],
        ['=1+1', '-5'],
      ];
      const path = join(directory, 'table.csv');
      expect(toCsv(rows)).toBe(`name,said\r\n"A ""quoted"", B","two\r\nlines"\r\n'=1+1,-5\r\n`);
      await writeFile(path, toCsv(rows));
      const read: (readonly string[])[] = [];
      await readCsv(path, ({ cells }) => read.push(cells));
      expect(read).toEqual([...rows.slice(0, 2), ["'=1+1", '-5']]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
