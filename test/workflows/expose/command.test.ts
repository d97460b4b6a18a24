import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { describeParameters, parseParameters } from '../../../src/workflows/expose/command.ts';
import { Workflow } from '../../../src/workflows/workflow.ts';
import { PlanOrder, SearchShelf } from '../../support/sample-workflows.ts';

const files: Record<string, string> = {
  'order.json': '{"orderId": "o-file", "giftWrap": false, "discount": 0.1}',
  'list.json': '[1]',
  'broken.json': '{"orderId": ',
};
const input = {
  readStdin: async () => '{"orderId": "o-stdin", "discount": "0.2"}',
  readFile: async (path: string) => files[path]!,
};
const plan = (...words: string[]) => parseParameters(new PlanOrder({}), words, input);
const search = (...words: string[]) => parseParameters(new SearchShelf({}), words, input);
const refused = (message: RegExp) => ({
  code: 'invalid_parameters',
  message: expect.stringMatching(message) as string,
});

describe('A3 parameters from the words of a command', () => {
  test('flags are taken in kebab-case and in camelCase, with a space or an equals sign', async () => {
    const expected = { orderId: 'o-1' };
    expect(await plan('--order-id', 'o-1')).toEqual(expected);
    expect(await plan('--orderId', 'o-1')).toEqual(expected);
    expect(await plan('--order-id=o-1')).toEqual(expected);
    expect(await plan('--orderId=a=b')).toEqual({ orderId: 'a=b' });
    expect(await plan('--order-id=')).toEqual({ orderId: '' });
  });

  test('booleans are switched on, off, or given', async () => {
    expect(await plan('--gift-wrap')).toEqual({ giftWrap: true });
    expect(await plan('--no-gift-wrap')).toEqual({ giftWrap: false });
    expect(await plan('--no-giftWrap')).toEqual({ giftWrap: false });
    expect(await plan('--gift-wrap=false')).toEqual({ giftWrap: false });
    expect(await plan('--gift-wrap=true')).toEqual({ giftWrap: true });
    await expect(plan('--no-gift-wrap=false')).rejects.toMatchObject(refused(/no value/));
    await expect(plan('--gift-wrap', 'false')).rejects.toMatchObject(refused(/"false"/));
  });

  test('a parameter whose own name begins with no is not a negation', async () => {
    class Mute extends Workflow {
      readonly name = 'mute';
      readonly description = 'Mute.';
      readonly parameters = z.object({ noReply: z.boolean(), file: z.string() });
      readonly result = z.object({});

      async run() {
        return {};
      }
    }
    expect(await parseParameters(new Mute({}), ['--no-reply'], input)).toEqual({ noReply: true });
    expect(await parseParameters(new Mute({}), ['--no-no-reply'], input)).toEqual({
      noReply: false,
    });
    expect(await parseParameters(new Mute({}), ['--file', 'x'], input)).toEqual({ file: 'x' });
  });

  test('numbers may be negative, and are read only where the schema asks for them', async () => {
    expect(await plan('--discount', '-0.5', '--order-id', '42')).toEqual({
      discount: -0.5,
      orderId: '42',
    });
    expect(await plan('--discount', '0x10')).toEqual({ discount: '0x10' });
    expect(await plan('--discount', '')).toEqual({ discount: '' });
  });

  test('a flag again is another item of an array', async () => {
    expect(await search('--sizes', '1', '--sizes', '2.5')).toEqual({ sizes: [1, 2.5] });
    expect(await search('--sizes', '1')).toEqual({ sizes: [1] });
    expect(await plan('--tags', 'a,b', '--tags', '-x')).toEqual({ tags: ['a,b', '-x'] });
    expect(await plan('--tags', '[]')).toEqual({ tags: [] });
    expect(await plan('--tags', '[draft]')).toEqual({ tags: ['[draft]'] });
  });

  test('objects are JSON', async () => {
    expect(await plan('--address', '{"street":"Korenlei 1"}')).toEqual({
      address: { street: 'Korenlei 1' },
    });
    expect(await plan('--lines', '{"item":"cup","count":1}')).toEqual({
      lines: [{ item: 'cup', count: 1 }],
    });
    expect(await plan('--address', '{"street":')).toEqual({ address: '{"street":' });
  });

  test('files and standard input lie below the flags, and are not coerced', async () => {
    expect(await plan('--file', 'order.json', '-', '--gift-wrap')).toEqual({
      orderId: 'o-stdin',
      giftWrap: true,
      discount: '0.2',
    });
    await expect(plan('--file', 'list.json')).rejects.toMatchObject(refused(/list\.json.*object/));
    await expect(plan('--file=broken.json')).rejects.toMatchObject(refused(/broken\.json: .*JSON/));
  });

  test('an unknown flag is refused with the nearest one', async () => {
    await expect(plan('--ordr-id', 'x')).rejects.toMatchObject(
      refused(/did you mean --order-id\?/),
    );
    await expect(plan('--zzzzzzzzzzzz')).rejects.toMatchObject(refused(/--gift-wrap/));
    await expect(plan('--__proto__', '1')).rejects.toMatchObject(refused(/Unknown flag/));
    await expect(plan('--no-discount', '5')).rejects.toMatchObject(refused(/Unknown flag/));
  });

  test('a word that belongs to no flag, and a flag without its value, are refused', async () => {
    await expect(plan('o-1')).rejects.toMatchObject(refused(/"o-1".*--name value/));
    await expect(plan('-x')).rejects.toMatchObject(refused(/"-x"/));
    await expect(plan('--order-id')).rejects.toMatchObject(refused(/--order-id needs a value/));
  });
});

test('A3 the help of a command lists flag, type, default and description', () => {
  const help = describeParameters(new PlanOrder({}));
  expect(help).toContainEqual({
    flag: '--order-id',
    type: 'string',
    required: true,
    description: 'Names the order',
    default: undefined,
  });
  expect(help).toContainEqual({
    flag: '--gift-wrap',
    type: 'boolean',
    required: false,
    description: 'Whether to wrap it',
    default: true,
  });
  expect(help.map(({ flag, type }) => `${flag} ${type}`)).toEqual([
    '--order-id string',
    '--address object',
    '--lines object…',
    '--tags string…',
    '--at string',
    '--discount number',
    '--gift-wrap boolean',
    '--priority low|high',
  ]);
});
