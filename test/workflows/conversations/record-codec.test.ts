import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { recordCodec } from '../../../src/workflows/conversations/storage/codec/record-codec.ts';
import type { RecordPlace } from '../../../src/workflows/conversations/storage/storage.ts';

const place: RecordPlace = { tenant: 'a', id: 'c1', kind: 'entry', version: 7 };
const text = JSON.stringify({ said: 'Ärger, "wieder"\n'.repeat(40) });
const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const both = { compress: true, encrypt: true };
const plain = { compress: false, encrypt: false };

describe('V21 records of conversations', () => {
  test.each([plain, { ...plain, compress: true }, { ...plain, encrypt: true }, both])(
    'come back as they went in with %o',
    (treatment) => {
      const codec = recordCodec({ keys: [newKey] });
      for (const each of [text, '', '0', '{}'])
        expect(codec.decode(codec.encode(each, place, treatment), place)).toBe(each);
    },
  );

  test('are texts as long as nothing is asked for, and small ones are not compressed', () => {
    const codec = recordCodec();
    expect(codec.encode(text, place, plain)).toBe(text);
    expect(codec.encode('{"a":1}', place, { ...plain, compress: true })).toBe('{"a":1}');
    const compressed = codec.encode(text, place, { ...plain, compress: true });
    expect(compressed.length).toBeLessThan(text.length / 4);
  });

  test('hold nothing readable when they are encrypted, and never twice the same', () => {
    const codec = recordCodec({ keys: [newKey] });
    const stored = codec.encode(text, place, { ...plain, encrypt: true }) as Uint8Array;
    expect(Buffer.from(stored).toString('latin1')).not.toMatch(/said|rger|wieder/);
    expect(codec.encode(text, place, both)).not.toEqual(codec.encode(text, place, both));
  });

  test.each([
    ['tenant', { tenant: 'b' }],
    ['conversation', { id: 'c2' }],
    ['kind', { kind: 'snapshot' }],
    ['version', { version: 8 }],
  ] as const)('do not decrypt after a move to another %s', (_, moved) => {
    const codec = recordCodec({ keys: [newKey] });
    const stored = codec.encode(text, place, both);
    expect(() => codec.decode(stored, { ...place, ...moved })).toThrow(
      expect.objectContaining({ code: 'store_damaged' }),
    );
  });

  test('do not decrypt when any one bit of them was changed', () => {
    const codec = recordCodec({ keys: [newKey] });
    const stored = codec.encode('{"answer":0}', place, both) as Uint8Array;
    for (let bit = 0; bit < stored.length * 8; bit += 1) {
      const changed = Uint8Array.from(stored);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => codec.decode(changed, place)).toThrow(
        expect.objectContaining({ code: 'store_damaged' }),
      );
    }
  });

  test('are read by older keys and written by the newest, and by no other', () => {
    const before = recordCodec({ keys: [oldKey.toString('hex')] });
    const stored = before.encode(text, place, both);
    const rotated = recordCodec({ keys: [newKey.toString('base64'), oldKey] });
    expect(rotated.decode(stored, place)).toBe(text);
    const again = rotated.encode(text, place, both);
    expect(recordCodec({ keys: [newKey] }).decode(again, place)).toBe(text);
    expect(() => before.decode(again, place)).toThrow('no key at hand');
    expect(() => recordCodec().decode(again, place)).toThrow('no key at hand');
  });

  test('are refused as plain text where all must be encrypted', () => {
    const codec = recordCodec({ keys: [newKey], encryptedOnly: true });
    expect(() => codec.decode('{"admin":true}', place)).toThrow('is not encrypted');
    const compressed = recordCodec().encode(text, place, { ...plain, compress: true });
    expect(() => codec.decode(compressed, place)).toThrow('is not encrypted');
  });

  test('T18 that would inflate without end are refused', () => {
    const bomb = Buffer.concat([Buffer.of(0x11), deflateRawSync(Buffer.alloc(80 * 1024 * 1024))]);
    expect(() => recordCodec().decode(bomb, place)).toThrow('cannot be inflated');
  });

  test('need a key of the right length, and one at all', () => {
    for (const key of ['secret', randomBytes(16), '', `${'a'.repeat(42)}!`])
      expect(() => recordCodec({ keys: [key] })).toThrow('Key 1 for conversations is not 32 bytes');
    expect(() => recordCodec().encode(text, place, both)).toThrow('there is no key');
  });
});
