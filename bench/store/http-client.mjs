// A client process: so many connections that are kept open, each sending one request after the other until the
// time is over; prints the milliseconds of each as JSON. What it uses of the processors, the server lacks.
import { Agent, request } from 'node:http';
import { selective } from './queries.mjs';

const { base, connections, milliseconds, path, products } = JSON.parse(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const url = new URL(base);
const latencies = [];
const end = performance.now() + milliseconds;

function ask(target) {
  return new Promise((resolve, reject) => {
    const options = { agent, host: url.hostname, port: url.port, path: target };
    request({ ...options, headers: { accept: 'application/sparql-results+json' } }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`${response.statusCode} for ${target}`)),
      );
    })
      .on('error', reject)
      .end();
  });
}

async function client(start) {
  for (let n = start; performance.now() < end; n += connections) {
    const query = selective[n % selective.length]((n * 7919) % products);
    const begun = performance.now();
    await ask(path ?? `/query?query=${encodeURIComponent(query)}`);
    latencies.push(performance.now() - begun);
    if (path) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

await Promise.all(Array.from({ length: connections }, (_, n) => client(n)));
agent.destroy();
console.log(JSON.stringify(latencies));
