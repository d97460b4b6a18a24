import { execFileSync } from 'node:child_process';
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true });

/**
 * Sends one request, on a connection that stays open; rejects unless the answer's status is 2xx.
 * @param {string} url
 * @param {{ method?: string, headers?: Record<string, string>, body?: string | import('node:stream').Readable }} options
 * @returns {Promise<string>}
 */
export const send = (url, { method = 'POST', headers = {}, body = '' }) =>
  new Promise((resolve, reject) => {
    const whole = typeof body === 'string';
    const length = whole && { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(url, { agent, method, headers: { ...headers, ...length } }, (answer) => {
      /** @type {Buffer[]} */
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode && answer.statusCode < 300) return resolve(text);
        reject(new Error(`${answer.statusCode} ${text.slice(0, 300)}`));
      });
    });
    sent.on('error', reject);
    if (whole) sent.end(body);
    else body.pipe(sent);
  });

const form = 'application/x-www-form-urlencoded';

/** Asks in a form, as Virtuoso 7 never answers to a body of application/sparql-query. */
export const ask = async (
  /** @type {string} */ url,
  /** @type {Record<string, string>} */ fields,
) =>
  JSON.parse(
    await send(url, {
      headers: { 'content-type': form, accept: 'application/sparql-results+json' },
      body: String(new URLSearchParams(fields)),
    }),
  );

export const change = (/** @type {string} */ url, /** @type {string} */ update) =>
  send(url, { headers: { 'content-type': form }, body: String(new URLSearchParams({ update })) });

/** @param {{ results: { bindings: Record<string, any>[] } }} answer */
export const rowsOf = (answer) =>
  answer.results.bindings.map(
    (row) =>
      new Map(
        Object.entries(row).map(([name, { value, datatype, 'xml:lang': language }]) => [
          name,
          { value, datatype, language },
        ]),
      ),
  );

/** Resident bytes of another process. @param {number | undefined} pid */
export const memoryOf = (pid) =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
