import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { LoadFrom } from '../../../src/ontology/embedded/load-documents.ts';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { sparqlText } from '../../../src/ontology/sparql.ts';
import { httpServer, type Answer } from '../../integrations/support/http-server.ts';

const opened: Embedded[] = [];
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close();
});

async function openStore(loadFrom?: LoadFrom) {
  const embedded = await openEmbedded({ loadFrom });
  opened.push(embedded);
  const update = (text: string, timeout?: number) =>
    embedded.store.update(sparqlText(text), { timeout });
  const content = async () => {
    const lines: string[] = [];
    for await (const page of embedded.store.export()) lines.push(...page.split('\n'));
    return lines.filter((line) => line && !line.startsWith('#')).toSorted();
  };
  return { update, content };
}

interface Document {
  status?: number;
  body?: string | Buffer;
}

const respond =
  ({ status = 200, body = '' }: Document): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'text/plain' });
    response.end(body);
  };

const turtle = '<> <urn:p> "Colour"@en-GB, "01"^^<http://www.w3.org/2001/XMLSchema#int> .';

describe('A21 LOAD', () => {
  test('T9 opens no socket to a host that is not listed, with SILENT neither', async () => {
    await using server = await httpServer(respond({ body: turtle }));
    for (const loadFrom of [undefined, { hosts: ['data.example.org'] }]) {
      const { update, content } = await openStore(loadFrom);
      for (const words of ['LOAD', 'LOAD SILENT'])
        await expect(
          update(`INSERT DATA { <urn:a> <urn:b> <urn:c> } ; ${words} <${server.url}>`),
        ).rejects.toMatchObject({ code: 'forbidden' });
      expect(await content()).toEqual([]);
    }
    expect(server.requests).toEqual([]);
  });

  test('T17 a listed host at a private address is refused without a socket', async () => {
    await using server = await httpServer(respond({ body: turtle }));
    const { update } = await openStore({ hosts: [new URL(server.url).host] });
    await expect(update(`LOAD <${server.url}>`)).rejects.toMatchObject({ code: 'forbidden' });
    expect(server.requests).toEqual([]);
  });

  test('brings what a listed host has into the graph that is named, as it was written', async () => {
    await using server = await httpServer(respond({ body: turtle }));
    const { host } = new URL(server.url);
    const { update, content } = await openStore({ hosts: [host], privateHosts: [host] });
    const source = `${server.url}/people`;
    await update(`LOAD <${source}> INTO GRAPH <urn:g> ; LOAD <${source}>`);
    expect(await content()).toEqual(
      [
        `<${source}> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#int> .`,
        `<${source}> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#int> <urn:g> .`,
        `<${source}> <urn:p> "Colour"@en-GB .`,
        `<${source}> <urn:p> "Colour"@en-GB <urn:g> .`,
      ].toSorted(),
    );
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['that is not there', { status: 404 }, 'integration_failed'],
    ['that is not RDF', { body: '<urn:a> <urn:b>' }, 'invalid_data'],
    ['that names graphs', { body: '<urn:g> { <urn:a> <urn:b> <urn:c> }' }, 'invalid_data'],
    ['T18 that is a bomb', { body: gzipSync(Buffer.alloc(20_000_000, '#')) }, 'too_large'],
  ] as const)(
    'of a document %s fails as a whole, and does nothing when it is SILENT',
    async (_, answer, code) => {
      await using server = await httpServer(respond(answer));
      const { host } = new URL(server.url);
      const { update, content } = await openStore({
        hosts: [host],
        privateHosts: [host],
        maxBytes: 1_000_000,
      });
      const insert = 'INSERT DATA { <urn:a> <urn:b> <urn:c> }';
      await expect(update(`${insert} ; LOAD <${server.url}>`)).rejects.toMatchObject({ code });
      expect(await content()).toEqual([]);
      await update(`${insert} ; LOAD SILENT <${server.url}>`);
      expect(await content()).toEqual(['<urn:a> <urn:b> <urn:c> .']);
    },
  );

  test('T18 of a host that drips ends at the deadline', async () => {
    await using server = await httpServer(() => undefined);
    const { host } = new URL(server.url);
    const { update } = await openStore({ hosts: [host], privateHosts: [host] });
    await expect(update(`LOAD SILENT <${server.url}>`, 2_000)).rejects.toMatchObject({
      code: 'timeout',
    });
  });
});
