import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { quadsOfPage } from '../../../src/ontology/formats/page-quads.ts';
import { parseRdf, type ParseOptions } from '../../../src/ontology/formats/parse-rdf.ts';

/** Parses a document that comes in the given parts. */
async function parsed(parts: string | Uint8Array | string[], options: Partial<ParseOptions> = {}) {
  const bytes = async function* () {
    for (const part of Array.isArray(parts) ? parts : [parts]) yield Buffer.from(part);
  };
  const quads = [];
  for await (const page of parseRdf(bytes(), { name: 'doc', ...options }))
    quads.push(...quadsOfPage(page));
  return quads;
}

const xml = (body: string, entities = '') =>
  `<?xml version="1.0"?>${entities && `<!DOCTYPE r [${entities}]>`}
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">
<rdf:Description rdf:about="urn:a">${body}</rdf:Description></rdf:RDF>`;

describe('A27 parsing', () => {
  const one = '<urn:a> <urn:b> "01"^^<http://www.w3.org/2001/XMLSchema#int>';
  test.each([
    ['turtle', `${one} .`],
    ['trig', `{ ${one} }`],
    ['ntriples', `${one} .`],
    ['nquads', `${one}.`],
    [
      'jsonld',
      '{"@id":"urn:a","urn:b":{"@type":"http://www.w3.org/2001/XMLSchema#int","@value":"01"}}',
    ],
    ['rdfxml', xml('<b xmlns="urn:" rdf:datatype="http://www.w3.org/2001/XMLSchema#int">01</b>')],
  ] as const)('reads %s, named or told by its content, packed or not', async (format, text) => {
    for (const [bytes, given] of [
      [Buffer.from(text), format],
      [gzipSync(text), undefined],
    ] as const) {
      const [quad, ...others] = await parsed(bytes, { format: given });
      expect(others).toEqual([]);
      expect(quad).toMatchObject({
        subject: { value: 'urn:a' },
        predicate: { value: 'urn:b' },
        object: { value: '01', datatype: { value: 'http://www.w3.org/2001/XMLSchema#int' } },
      });
    }
  });

  test('puts statements without a graph into the one that is named, and leaves the others', async () => {
    const text = '<urn:a> <urn:b> "x" .\n<urn:a> <urn:b> "y" <urn:h> .\n_:a <urn:b> _:b .';
    const quads = await parsed(text, { graph: 'urn:g' });
    expect(quads.map(({ graph }) => graph.value)).toEqual(['urn:g', 'urn:h', 'urn:g']);
  });

  test.each([
    ['turtle', '<urn:a> <urn:b>\n  "x" , <c d> .', 'doc:2:9:'],
    ['turtle', '<urn:a> <urn:b> <c> .', 'doc:1:17: Not an absolute IRI: "c"'],
    ['turtle', '<urn:a> <urn:b> <http://e/%zz> .', 'doc:1:'],
    ['trig', '<urn:g> {\n<urn:a> <urn:b> "x"', 'doc:2:'],
    ['ntriples', '<urn:a> <urn:b> "x" .\n\n<urn:a> "x" .', 'doc:3:9:'],
    ['ntriples', '<urn:a> <urn:b> "x" <urn:g> .', 'doc:1:21:'],
    ['nquads', '<urn:a> <urn:b> "x" .\n<urn:a> <urn:b> "x"\n<urn:a> <urn:b> "x" .', 'doc:2:19:'],
    ['nquads', '<urn:a> <urn:b> "x" _:g .', 'A graph needs an IRI'],
    ['nquads', '<urn:a> <urn:b> "x"@en-x .', 'doc:1:'],
    ['jsonld', '{\n "urn:b": ]}', 'doc:2:'],
    ['rdfxml', '<?xml version="1.0"?>\n<a></b>', 'doc:2:1: '],
  ] as const)('names the place of a mistake in %s: %j', async (format, text, place) => {
    const [first, rest] = [text.slice(0, 12), text.slice(12)];
    // Wherever the text is cut, the place is the same.
    await expect(parsed([first, rest], { format })).rejects.toMatchObject({
      code: 'invalid_data',
      message: expect.stringContaining(place),
    });
  });

  test('refuses text that is not UTF-8 and gzip that is cut off', async () => {
    await expect(parsed(Buffer.from([0x3c, 0xff]))).rejects.toThrow('doc is not UTF-8 text');
    const packed = gzipSync('<urn:a> <urn:b> "x" .').subarray(0, 20);
    await expect(parsed(packed)).rejects.toMatchObject({ code: 'invalid_data' });
  });

  test('keeps the blank nodes of two documents apart, and those of one together', async () => {
    const text = '_:a <urn:b> _:a . _:anonymous-0 <urn:c> [] .';
    const [first, second] = [await parsed(text), await parsed(text)];
    const labels = [...first, ...second].flatMap(({ subject, object }) => [
      subject.value,
      object.value,
    ]);
    const [a, again, named, anonymous, ...others] = labels;
    expect(a).toBe(again);
    expect(new Set([a, named, anonymous]).size).toBe(3);
    expect(others).not.toContain(a);
  });

  test('keeps the capitals of language tags in every format', async () => {
    const turtle = await parsed('<urn:a> <urn:b> "x"@en-GB .', { format: 'turtle' });
    const json =
      '{"@context":{"@language":"en-GB","b":{"@id":"urn:b","@container":"@language"}},"@id":"urn:a","urn:b":"x","b":{"de-CH":"y"}}';
    const tags = [
      ...turtle,
      ...(await parsed(json)),
      ...(await parsed(xml('<e:b xml:lang="zh-Hant-TW">x</e:b>'))),
    ].map(({ object }) => (object as { language?: string }).language);
    expect(tags.toSorted()).toEqual(['de-CH', 'en-GB', 'en-GB', 'zh-Hant-TW']);
  });

  test('ends its thread when the reader stops early or the signal aborts', async () => {
    const stop = new AbortController();
    const endless = async function* () {
      for (let n = 0; ; n += 1) yield Buffer.from(`<urn:a> <urn:b> "${n}" .\n`.repeat(1_000));
    };
    const pages = parseRdf(endless(), { name: 'doc', format: 'ntriples', signal: stop.signal });
    expect((await pages.next()).value).toMatchObject({ count: expect.any(Number) });
    stop.abort();
    await expect(
      (async () => {
        for await (const page of pages) expect(page.count).toBeGreaterThan(0);
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('hostile documents', () => {
  test('T2 JSON-LD nested 946 deep is refused, and 64 deep is not', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    await expect(parsed(nested(946), { format: 'jsonld' })).rejects.toMatchObject({
      code: 'invalid_data',
      message: 'doc:1:65: JSON nested deeper than 64',
    });
    expect(await parsed(nested(64), { format: 'jsonld' })).toEqual([]);
  });

  test('T3 an entity that refers to another is refused, an ordinary one is not', async () => {
    const bomb = '<!ENTITY a "x">\n<!ENTITY b "&a;&a;">';
    await expect(parsed(xml('<e:b>&b;</e:b>', bomb))).rejects.toThrow(
      'doc:2:1: The entity b refers to another',
    );
    const [quad] = await parsed(xml('<e:b>&a;</e:b>', '<!ENTITY a "x">'));
    expect(quad!.object.value).toBe('x');
  });

  test('T3 an entity in another file is refused', async () => {
    const entity = '<!ENTITY a SYSTEM "file:///etc/passwd">';
    await expect(parsed(xml('<e:b>&a;</e:b>', entity))).rejects.toMatchObject({
      code: 'invalid_data',
    });
  });

  test('T4 entities that become too much text together are refused', async () => {
    const entity = `<!ENTITY a "${'x'.repeat(100_000)}">`;
    await expect(parsed(xml(`<e:b>${'&a;'.repeat(2_000)}</e:b>`, entity))).rejects.toMatchObject({
      code: 'too_large',
    });
  });

  test('T14 "@id": "__proto__" pollutes nothing', async () => {
    const text = '{"@id":"__proto__","urn:b":{"@id":"constructor"},"__proto__":{"polluted":1}}';
    const [quad] = await parsed(text, { format: 'jsonld', base: 'urn:x:/' });
    expect(quad!.subject.value).toBe('urn:x:/__proto__');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('T15 a remote context is named and refused without a socket', async () => {
    let sockets = 0;
    const server = createServer(() => (sockets += 1)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/context`;
    for (const context of [url, [{}, url], { '@import': url }, 'context'])
      await expect(
        parsed(JSON.stringify({ '@context': context, '@id': 'urn:a' }), { base: url }),
      ).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('context'),
      });
    server.close();
    expect(sockets).toBe(0);
  });

  test('T18 204 KB that unpack to 200 MB are given up at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000, '#'));
    expect(bomb.length).toBeLessThan(210_000);
    await expect(parsed(bomb, { maxBytes: 1_000_000, format: 'turtle' })).rejects.toMatchObject({
      code: 'too_large',
    });
  });
});
