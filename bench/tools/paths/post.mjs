import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';

/** A client that posts JSON on one connection, which stays open. @param {string} url @param {unknown} body */
export function post(url, body) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  /** @returns {Promise<any>} */
  const call = () =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
        json(answer).then(resolve, reject);
      });
      sent.once('error', reject).end(text);
    });
  return { call, close: async () => agent.destroy() };
}
