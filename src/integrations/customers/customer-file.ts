import { basename } from 'node:path';
import { z } from 'zod';
import { GraphwrightError, type Problem } from '../../errors.ts';
import { readCsv, type CsvRow } from '../csv-reader.ts';
import { CustomerRecord } from './customers.ts';

const required = ['id', 'name', 'email'] as const;
const optional = ['segment', 'lifetimeValue'] as const;
const known: readonly string[] = [...required, ...optional];

const Row = CustomerRecord.extend({
  lifetimeValue: z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, 'Expected a number such as 1250.50')
    .transform(Number)
    .default(0),
});

/** A file with more mistakes than this has them everywhere. */
const mostProblems = 20;

/** Reads a customers file for {@link CsvCustomers}, which describes it: each customer by id. */
export async function readCustomerFile(path: string): Promise<ReadonlyMap<string, CustomerRecord>> {
  const file = new CustomerFile(basename(path));
  try {
    await readCsv(path, (row) => file.add(row));
  } catch (thrown) {
    throw readingFailed(path, thrown);
  }
  return file.customers();
}

/** Collects the rows of one file and everything that is wrong with them. */
class CustomerFile {
  readonly #name: string;
  readonly #customers = new Map<string, CustomerRecord>();
  readonly #lines = new Map<string, number>();
  readonly #problems: Problem[] = [];
  #columns?: readonly string[];

  constructor(name: string) {
    this.#name = name;
  }

  add(row: CsvRow): void {
    for (const fault of row.faults) this.#problem(row.line, fault);
    if (!this.#columns) this.#columns = this.#header(row);
    else if (row.cells.length === this.#columns.length) this.#customer(row, this.#columns);
    else this.#problem(row.line, `${row.cells.length} cells under ${this.#columns.length} columns`);
    if (this.#problems.length >= mostProblems) throw this.#refusal();
  }

  customers(): ReadonlyMap<string, CustomerRecord> {
    if (!this.#columns) this.#problem(1, `the header is missing: ${known.join(',')}`);
    if (this.#problems.length) throw this.#refusal();
    return this.#customers;
  }

  /** Unknown columns are refused: a misspelt one would silently give every customer the default. */
  #header({ line, cells }: CsvRow): readonly string[] {
    const missing = required.filter((name) => !cells.includes(name));
    const unknown = cells.filter((name) => !known.includes(name));
    const twice = cells.filter((name, at) => cells.indexOf(name) !== at);
    for (const name of missing) this.#problem(line, 'missing from the header', name);
    for (const name of unknown)
      this.#problem(line, `not known; the columns are ${known.join(', ')}`, name);
    for (const name of twice) this.#problem(line, 'twice in the header', name);
    if (this.#problems.length) throw this.#refusal();
    return cells;
  }

  #customer({ line, cells }: CsvRow, columns: readonly string[]): void {
    const given = columns.map((column, at) => [column, cells[at]!] as const);
    const values = Object.fromEntries(
      given.filter(([column, cell]) => cell || !(optional as readonly string[]).includes(column)),
    );
    const parsed = Row.safeParse(values);
    if (!parsed.success) {
      for (const { path, message } of parsed.error.issues) {
        const column = String(path[0]);
        this.#problem(line, values[column] === '' ? 'Expected a value' : message, column);
      }
      return;
    }
    const { id } = parsed.data;
    const earlier = this.#lines.get(id);
    if (earlier) return this.#problem(line, `${id} is already on line ${earlier}`, 'id');
    this.#lines.set(id, line);
    this.#customers.set(id, parsed.data);
  }

  #problem(line: number, detail: string, column?: string): void {
    const place = column === undefined ? `line ${line}` : `line ${line}, column ${column}`;
    const pointer = column === undefined ? `/${line}` : `/${line}/${column}`;
    this.#problems.push({ pointer, detail: `${place}: ${detail}` });
  }

  #refusal(): GraphwrightError {
    const list = this.#problems.slice(0, mostProblems).map(({ detail }) => detail);
    const more = this.#problems.length >= mostProblems ? '; and perhaps more after these' : '';
    return new GraphwrightError('integration_refused', `${this.#name} ${list.join('; ')}${more}`, {
      problems: this.#problems,
    });
  }
}

function readingFailed(path: string, thrown: unknown): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const fail = (...[error, message]: [ConstructorParameters<typeof GraphwrightError>[0], string]) =>
    new GraphwrightError(error, message, { cause: thrown });
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return fail('integration_refused', `${path} is not UTF-8 text; save it as "CSV UTF-8"`);
  if (/^(ENOENT|ENOTDIR|EISDIR|EACCES|EPERM)$/.test(code))
    return fail('invalid_configuration', `The customers file ${path} cannot be read: ${code}`);
  if (/^E[A-Z]+$/.test(code))
    return fail('integration_failed', `Reading the customers file ${path} failed: ${code}`);
  return thrown;
}
