import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { difference, patched } from '../../../src/workflows/conversations/engine/patch.ts';
import { settle, settleObject } from '../../../src/workflows/conversations/engine/settle.ts';
import type { JsonObject } from '../../../src/workflows/conversations/json.ts';

const object = () =>
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<JsonObject>;

describe('the change of a state', () => {
  test('makes of any state any other one', () => {
    fc.assert(
      fc.property(object(), object(), (one, two) => {
        const [before, after] = [settleObject(one), settleObject(two)];
        const patch = JSON.parse(JSON.stringify(difference(before, after)));
        expect(JSON.parse(JSON.stringify(patched(before, patch)))).toEqual(
          JSON.parse(JSON.stringify(after)),
        );
      }),
    );
  });

  test('of a list that grew is what was added, however long the list is', () => {
    const before = settleObject({ list: Array.from({ length: 1000 }, (_, index) => ({ index })) });
    const list = [...(before['list'] as object[]), { index: 'new' }];
    const after = settleObject({ ...before, list });
    expect(difference(before, after)).toEqual([
      { op: 'add', path: '/list/-', value: { index: 'new' } },
    ]);
  });

  test('of a list that moved on is the list, not each of its places', () => {
    const before = { list: [1, 2, 3, 4, 5] };
    expect(difference(before, { list: [2, 3, 4, 5, 6] })).toHaveLength(1);
    expect(difference(before, { list: [1, 2] })).toHaveLength(1);
  });

  test('names keys as JSON Pointer does, also those that mean something elsewhere', () => {
    const odd = JSON.parse('{"a/b":1,"c~d":2,"":3,"__proto__":{"x":4},"-":5}') as JsonObject;
    const patch = difference({}, settleObject(odd));
    expect(patch.map(({ path }) => path)).toEqual(['/a~1b', '/c~0d', '/', '/__proto__', '/-']);
    expect(JSON.stringify(patched({}, patch))).toBe(JSON.stringify(odd));
  });

  test('that does not fit what it is made to is damage, not silence', () => {
    for (const path of ['/list/7', '/gone/x', '/text/x'])
      expect(() => patched({ list: [1], text: 'x' }, [{ op: 'replace', path, value: 1 }])).toThrow(
        expect.objectContaining({ code: 'store_damaged' }),
      );
  });
});

describe('what is settled', () => {
  test('is frozen, apart from what it was made of, and taken as it is the next time', () => {
    const given = { list: [{ a: 1 }] };
    const value = settle(given) as typeof given;
    given.list[0]!.a = 2;
    expect(value).toEqual({ list: [{ a: 1 }] });
    expect(Object.isFrozen(value.list[0])).toBe(true);
    expect(settle({ again: value.list })).toEqual({ again: [{ a: 1 }] });
    expect((settle([value]) as unknown[])[0]).toBe(value);
  });

  test('is JSON, or refused with the place', () => {
    expect(settle({ at: new Date(0), gone: undefined })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
    });
    const circle: Record<string, unknown> = {};
    circle['circle'] = circle;
    for (const [value, place] of [
      [{ a: { b: NaN } }, '/a/b'],
      [{ a: [1n] }, '/a/0'],
      [{ f: () => 1 }, '/f'],
      [circle, 'nested too deep'],
    ] as const)
      expect(() => settle(value)).toThrow(place);
  });
});
