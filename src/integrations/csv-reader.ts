import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import Papa from 'papaparse';

/** One row of a CSV file that is not blank. Cells are text as it stands in the file, never trimmed or guessed. */
export interface CsvRow {
  /** Where the row begins, from 1; line breaks within quotes count. */
  line: number;
  cells: readonly string[];
  /** What is wrong with its quotes. */
  faults: readonly string[];
}

/**
 * Reads a CSV file in UTF-8 with commas, piece by piece, with or without a byte order mark, its lines
 * ended by LF or CR LF. What `onRow` throws ends the reading.
 * @throws The error of the file system or of the text decoder, as it is.
 */
export async function readCsv(path: string, onRow: (row: CsvRow) => void): Promise<void> {
  const source = Readable.from(decoded(path));
  let line = 1;
  try {
    await new Promise<void>((resolve, reject) => {
      Papa.parse<string[]>(source, {
        delimiter: ',',
        step: ({ data: cells, errors }) => {
          const faults = errors.map(({ message }) => message);
          if (cells.length > 1 || cells[0] || faults.length) onRow({ line, cells, faults });
          line += 1 + lineBreaks(cells);
        },
        complete: () => resolve(),
        error: reject,
      });
    });
  } finally {
    source.destroy();
  }
}

async function* decoded(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of createReadStream(path)) {
    const text = decoder.decode(chunk as Buffer, { stream: true });
    if (text) yield text;
  }
  const rest = decoder.decode();
  if (rest) yield rest;
}

const lineBreaks = (cells: readonly string[]) =>
  cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
