import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../../src/errors.ts';
import { CsvCustomers } from '../../../src/integrations/customers/csv-customers.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'graphwright-customers-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** A source over a file of this content. */
async function csv(content: string | Buffer): Promise<CsvCustomers> {
  const path = join(directory, 'customers.csv');
  await writeFile(path, content);
  return new CsvCustomers({ path });
}

async function idsOf(customers: CsvCustomers): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of customers.listCustomers()) ids.push(id);
  return ids;
}

const header = 'id,name,email,segment,lifetimeValue';
const refusal = async (content: string | Buffer) => {
  const error = await (await csv(content)).getCustomer('c-1').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GraphwrightError);
  return error as GraphwrightError;
};

describe('A2 customers of a CSV file', () => {
  test('are found by id, with numbers as numbers', async () => {
    const customers = await csv(`${header}\nc-1,Ada,ada@example.org,premium,1200.50\n`);
    expect(await customers.getCustomer('c-1')).toEqual({
      id: 'c-1',
      name: 'Ada',
      email: 'ada@example.org',
      segment: 'premium',
      lifetimeValue: 1200.5,
      transactions: [],
      interactions: [],
    });
    expect(await customers.getCustomer('c-2')).toBeUndefined();
    expect(await customers.getCustomer('x" . } ; DROP ALL #')).toBeUndefined();
    expect(await customers.getCustomer('__proto__')).toBeUndefined();
  });

  test('take defaults for empty cells, and the columns in any order', async () => {
    const some = await csv(`${header}\nc-1,Ada,ada@example.org,,\n`);
    expect(await some.getCustomer('c-1')).toMatchObject({ segment: 'standard', lifetimeValue: 0 });
    const few = await csv('email,id,name\nada@example.org,c-1,Ada\n');
    expect(await few.getCustomer('c-1')).toMatchObject({ name: 'Ada', segment: 'standard' });
  });

  test('may come with a byte order mark, CR LF, quotes, blank lines and no last line end', async () => {
    const rows = [
      'c-1,"Ada ""The First"", PhD",ada@example.org,,',
      '',
      'c-2,"Bo\r\nLee",b@example.org,,-3',
    ];
    const customers = await csv(`\ufeff${[header, ...rows].join('\r\n')}`);
    expect(await idsOf(customers)).toEqual(['c-1', 'c-2']);
    expect((await customers.getCustomer('c-1'))?.name).toBe('Ada "The First", PhD');
    expect(await customers.getCustomer('c-2')).toMatchObject({
      name: 'Bo\r\nLee',
      lifetimeValue: -3,
    });
  });

  test('may be many, and letters may fall on the border of two reads', async () => {
    const rows = Array.from(
      { length: 5000 },
      (_, n) => `c-${n},Żółć ${n} ✓,c${n}@example.org,,${n}`,
    );
    const customers = await csv([header, ...rows].join('\n'));
    const ids = await idsOf(customers);
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([5000, 'c-0', 'c-4999']);
    for await (const { id, name } of customers.listCustomers())
      expect(name).toBe(`Żółć ${id.slice(2)} ✓`);
  });

  test('T33 keep cells that look like formulas as the text they are', async () => {
    const customers = await csv(`${header}\n=1+1,@Ada,a@example.org,,\n`);
    expect(await customers.getCustomer('=1+1')).toMatchObject({ name: '@Ada' });
  });

  test('are read from disk once', async () => {
    const customers = await csv(`${header}\nc-1,Ada,ada@example.org,,\n`);
    const both = [customers.getCustomer('c-1'), customers.getCustomer('c-1')];
    expect(await Promise.all(both)).toMatchObject([{ id: 'c-1' }, { id: 'c-1' }]);
    await rm(join(directory, 'customers.csv'));
    expect(await idsOf(customers)).toEqual(['c-1']);
  });

  test('stop when the caller cancels', async () => {
    const customers = await csv(`${header}\nc-1,Ada,ada@example.org,,\n`);
    const signal = AbortSignal.abort();
    await expect(customers.getCustomer('c-1', { signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    await expect(customers.listCustomers({ signal }).next()).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('A15 what is wrong with a CSV file', () => {
  test('is told all at once, by file, line and column', async () => {
    const rows = [
      'c-1,Ada,ada@example.org,,',
      'c-2,"Bo\nLee",bo at home,vip,',
      'c-3,,c@example.org,,"1,200.50"',
      'c-4,Di,di@example.org',
      'c-1,Ed,ed@example.org,,',
    ];
    const error = await refusal([header, ...rows].join('\n'));
    expect(error).toMatchObject({ code: 'integration_refused', retriable: false });
    expect(error.problems).toEqual([
      { pointer: '/3/email', detail: 'line 3, column email: Invalid email address' },
      {
        pointer: '/3/segment',
        detail: expect.stringMatching(/^line 3, column segment: .*standard.*premium.*enterprise/),
      },
      { pointer: '/5/name', detail: 'line 5, column name: Expected a value' },
      {
        pointer: '/5/lifetimeValue',
        detail: 'line 5, column lifetimeValue: Expected a number such as 1250.50',
      },
      { pointer: '/6', detail: 'line 6: 3 cells under 5 columns' },
      { pointer: '/7/id', detail: 'line 7, column id: c-1 is already on line 2' },
    ]);
    expect(error.message).toMatch(/^customers\.csv line 3, column email: .*; line 7, column id/s);
  });

  test('ends after twenty mistakes, without reading on', async () => {
    const before = await openFiles();
    const rows = Array.from({ length: 50_000 }, (_, n) => `c-${n},A,not an address,,`);
    const good = Array.from({ length: 5000 }, (_, n) => `g-${n},A,a@example.org,,`);
    const error = await refusal([header, ...good, ...rows].join('\n'));
    expect(error.problems).toHaveLength(20);
    expect(error.message).toMatch(/line 5021, .*and perhaps more after these$/s);
    await expect.poll(openFiles).toBe(before);
  });

  test.each([
    ['', 'line 1: the header is missing: id,name,email,segment,lifetimeValue'],
    ['id,name\nc-1,Ada', 'line 1, column email: missing from the header'],
    [
      'id,name,email,lifetime_value\nc-1,Ada,a@example.org,5',
      'line 1, column lifetime_value: not known; the columns are id, name, email, segment, lifetimeValue',
    ],
    ['id,name,email,email\nc-1,Ada,a@b.org,a@b.org', 'line 1, column email: twice in the header'],
    [`${header}\nc-1,"Ada,a@example.org,,\n`, 'line 2: Quoted field unterminated'],
    [`${header}\nc-1,"Ada"x,a@example.org,,\n`, 'line 2: Trailing quote on quoted field'],
  ])('%j: %s', async (content, detail) => {
    const error = await refusal(content);
    expect(error).toMatchObject({ code: 'integration_refused' });
    expect(error.message).toContain(`customers.csv ${detail}`);
  });

  test('bytes that are not UTF-8 are refused, not replaced', async () => {
    const error = await refusal(Buffer.from(`${header}\nc-1,Zo\u00eb,z@example.org,,\n`, 'latin1'));
    expect(error).toMatchObject({ code: 'integration_refused' });
    expect(error.message).toContain('is not UTF-8');
  });

  test('a file that is not there is told by its path, and may be put there later', async () => {
    const path = join(directory, 'later.csv');
    const customers = new CsvCustomers({ path });
    const missing = { code: 'invalid_configuration', message: expect.stringContaining(path) };
    await expect(customers.getCustomer('c-1')).rejects.toMatchObject(missing);
    await writeFile(path, `${header}\nc-1,Ada,ada@example.org,,\n`);
    expect(await customers.getCustomer('c-1')).toMatchObject({ id: 'c-1' });
    await expect(new CsvCustomers({ path: directory }).getCustomer('c-1')).rejects.toMatchObject({
      code: 'invalid_configuration',
    });
  });
});

/** How many descriptors this process holds on files of the test's directory. */
async function openFiles(): Promise<number> {
  const { readlink } = await import('node:fs/promises');
  const links = (await readdir('/proc/self/fd')).map((fd) =>
    readlink(`/proc/self/fd/${fd}`).catch(() => ''),
  );
  return (await Promise.all(links)).filter((link) => link.startsWith(directory)).length;
}
