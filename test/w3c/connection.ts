import { request } from 'node:http';
import { namespace, type Term } from '../../src/ontology/terms.ts';
import { mf, type Entry } from './manifest.ts';

const ht = namespace('http://www.w3.org/2011/http#');
const cnt = namespace('http://www.w3.org/2011/content#');

/** A request as a manifest writes it down, and what it expects of the response. */
export interface Exchange {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
  expected: {
    /** Status codes, or classes such as 2xx. */
    statuses: string[];
    format?: string;
    boolean?: boolean;
    /** The placeholder that stands for the response's Location from here on. */
    location?: string;
    headers: Record<string, string>;
    body?: string;
  };
}

/** What came back. */
export interface Response {
  status: number;
  headers: Record<string, string | undefined>;
  body: string;
}

const statuses: Record<string, string> = {
  OK: '200',
  Created: '201',
  NoContent: '204',
  NotFound: '404',
};

/** The requests of a test in their order. */
export function exchanges({ description, action }: Entry): Exchange[] {
  const text = (node: Term | undefined, name: string) => description.text(node, ht(name));
  const headers = (node: Term | undefined) =>
    Object.fromEntries(
      description
        .all(node, ht('headers'))
        .map((header) => [text(header, 'fieldName')!, text(header, 'fieldValue')!]),
    );
  const body = (node: Term | undefined) => {
    const content = description.one(node, ht('body'));
    const encoding = description.text(content, cnt('characterEncoding'));
    const chars = description.text(content, cnt('chars'));
    return chars === undefined
      ? undefined
      : Buffer.from(chars, encoding === 'UTF-16' ? 'utf16le' : 'utf8');
  };
  return description.all(action, ht('requests')).map((sent) => {
    const response = description.one(sent, ht('resp'));
    const boolean = description.text(response, mf('expectedBoolean'));
    return {
      method: text(sent, 'methodName')!,
      path: text(sent, 'absolutePath')!,
      headers: headers(sent),
      body: body(sent),
      expected: {
        statuses: description
          .all(response, mf('expectedStatus'))
          .map(({ value }) => value.split('#')[1]!.replace('StatusCode', ''))
          .map((name) => statuses[name] ?? name),
        format: description.text(response, mf('expectedFormat')),
        boolean: boolean === undefined ? undefined : boolean === 'true',
        location: description.text(response, mf('expectedLocation')),
        headers: headers(response),
        body: body(response)?.toString(),
      },
    };
  });
}

/** Sends exactly what is given, where fetch() would add a Content-Type of its own. */
export async function send(
  origin: string,
  { method, path, headers, body }: Omit<Exchange, 'expected'>,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, origin), { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers as Record<string, string | undefined>,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
