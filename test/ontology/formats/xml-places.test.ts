import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { GraphwrightError } from '../../../src/errors.ts';
import { quadsOfPage } from '../../../src/ontology/formats/page-quads.ts';
import { parseRdf } from '../../../src/ontology/formats/parse-rdf.ts';
import { unclosedElement } from '../../../src/ontology/formats/xml-places.ts';
import { testApp } from '../../server/apps.ts';
import { graphwright, temporaryDirectory } from '../../support/command.ts';

const head = `<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:e="urn:e:">
`;
const about = `${head}<rdf:Description rdf:about="urn:a">\n`;
const tail = '</rdf:Description>\n</rdf:RDF>\n';

const mistakes: [what: string, text: string, place: string, said: string][] = [
  [
    'an element that is never closed',
    `${about}  <e:b>x</e:b>\n`,
    '4:1',
    '<rdf:Description> is never',
  ],
  [
    'an inner one',
    `${about}  <e:b>x\n  <e:c>y</e:c>\n${tail}`,
    '6:8',
    "Unexpected text event: 'y'",
  ],
  ['another end tag', `${about}  <e:b>x</e:c>\n${tail}`, '5:9', 'expected `</e:b>`'],
  ['a tag that is cut off', `${about}  <e:b>x</e:`, '5:9', 'tag not closed'],
  ['a comment without an end', `${about}  <!-- <e:b/>\n${tail}`, '5:3', 'comment not closed'],
  [
    'an entity that is not declared',
    `${about}  <e:b>x &nope; y</e:b>\n${tail}`,
    '5:11',
    'unrecognized entity `nope`',
  ],
  [
    'one within an attribute',
    `${about}  <e:b\n  e:c="&nope;"/>\n${tail}`,
    '6:9',
    'unrecognized entity `nope`',
  ],
  ['an ampersand', `${about}  <e:b>x & y</e:b>\n${tail}`, '5:10', "Cannot find ';' after '&'"],
  [
    'a bad IRI in rdf:about',
    `${head}<rdf:Description e:c="1"\n    rdf:about="urn:a b"\n    e:d="2">\n${tail}`,
    '5:16',
    "Invalid IRI code point ' '",
  ],
  [
    'a relative IRI without a base',
    `${head}<rdf:Description rdf:about="#x">\n${tail}`,
    '4:29',
    'No scheme found',
  ],
  [
    'an attribute without quotation marks',
    `${about}  <e:b e:c=1>x</e:b>\n${tail}`,
    '5:3',
    'must be enclosed in',
  ],
  ['a prefix that nothing declares', `${about}  <f:b>x</f:b>\n${tail}`, '5:3', 'Unknown prefix f:'],
  [
    'text between elements',
    `${about}\n  words\n<e:b>x</e:b>\n${tail}`,
    '6:3',
    'Unexpected text event',
  ],
  [
    'a bad language tag',
    `${about}  <e:b xml:lang="not a lang">x</e:b>\n${tail}`,
    '5:18',
    'language tag',
  ],
];

const parts = async function* (text: string) {
  yield Buffer.from(text);
};

async function read(text: string): Promise<number> {
  let count = 0;
  for await (const page of parseRdf(parts(text), { name: 'doc', format: 'rdfxml' }))
    count += [...quadsOfPage(page)].length;
  return count;
}

describe('A27 a mistake in RDF/XML is told with line and column', () => {
  test.each(mistakes)('%s', async (_, text, place, said) => {
    const refused = { code: 'invalid_data', message: expect.stringContaining(said) };
    await expect(read(text)).rejects.toMatchObject({
      ...refused,
      problems: [{ detail: expect.stringMatching(`^doc:${place}: `) }],
    });
  });

  test('also behind much else, characters of two units and other ends of lines', async () => {
    const filler = `<!-- ${'\u{1F600}'.repeat(40_000)} -->\r\n`;
    for (const [what, text, place] of mistakes.filter((_, index) => index % 4 === 0)) {
      const [line, column] = place.split(':').map(Number);
      const far = text.replaceAll('\n', '\r\n').replace('<rdf:RDF', `${filler}<rdf:RDF`);
      const { problems } = (await read(far).catch((error: unknown) => error)) as GraphwrightError;
      expect([what, problems[0]?.detail]).toEqual([
        what,
        expect.stringMatching(`^doc:${line! + 1}:${column}: `),
      ]);
    }
  });

  test('what only looks like markup opens nothing', async () => {
    const tricky = `<?xml version="1.0"?><?note <a> ?>
<!DOCTYPE r [<!ENTITY e "a>b"><!-- it's <b> --><!ELEMENT b (#PCDATA)>]>
${about.slice(head.indexOf('\n') + 1)}<!-- <c> --><e:b e:d="/>" >&e;<![CDATA[ <d> ]]></e:b><e:c e:d='>'/>\n${tail}`;
    expect(unclosedElement(tricky)).toBeUndefined();
    expect(unclosedElement(`${tricky}<a b=">"><c/>`)).toMatchObject({ name: 'a' });
    expect(
      await read(`${about}<!-- <c> --><e:b><![CDATA[ <d> ]]></e:b><e:c e:d=">"/>${tail}`),
    ).toBe(3);
  });
});

describe('A27 the place is told on every way in, and the graph stays as it was', () => {
  test('over HTTP', async () => {
    await using kit = await testApp();
    for (const [what, text, place, said] of mistakes.slice(0, 9)) {
      const headers = { 'content-type': 'application/rdf+xml' };
      const url = '/store?graph=urn:g';
      const refused = await kit.app.inject({ method: 'POST', url, payload: text, headers });
      expect([what, refused.statusCode]).toEqual([what, 400]);
      expect(refused.json().detail).toContain(`:${place}: `);
      expect(refused.json().detail).toContain(said);
    }
    expect(await kit.store.graphs()).toEqual([]);
  });

  test('by command, with the name of the file', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'cut.rdf');
    await writeFile(file, mistakes[0]![1]);
    const options = { cwd: directory.path };
    const { code, stdout, stderr } = await graphwright(['load', 'cut.rdf'], options);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('cut.rdf:4:1: <rdf:Description> is never closed');
    expect(await graphwright(['export'], options)).toMatchObject({ code: 0, stdout: '' });
  });
});
