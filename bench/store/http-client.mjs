// A client process: so many connections that are kept open, each sending one request after the other until the
// time is over; prints the milliseconds of each as JSON. It speaks HTTP by hand, since what it uses of the
// processors the server lacks: node:http takes several times as long for a request as the engine for a query.
import { connect } from 'node:net';
import { selective } from './queries.mjs';

const { base, connections, milliseconds, path, products } = JSON.parse(process.argv[2]);
const { hostname, port, host } = new URL(base);
const latencies = [];
const end = performance.now() + milliseconds;

/** One connection; `ask` resolves when the whole answer is there. */
class Connection {
  #socket = connect({ host: hostname, port: Number(port), noDelay: true });
  #got = Buffer.alloc(0);
  #answered;

  constructor() {
    this.#socket.on('data', (some) => this.#take(some));
    this.#socket.on('error', (error) => this.#answered?.reject(error));
  }

  ask(target) {
    const head = `GET ${target} HTTP/1.1\r\nhost: ${host}\r\naccept: application/sparql-results+json\r\n\r\n`;
    return new Promise((resolve, reject) => {
      this.#answered = { target, resolve, reject };
      this.#socket.write(head, 'latin1');
    });
  }

  end() {
    this.#socket.destroy();
  }

  #take(some) {
    this.#got = this.#got.length > 0 ? Buffer.concat([this.#got, some]) : some;
    const body = this.#got.indexOf('\r\n\r\n') + 4;
    if (body < 4) return;
    const head = this.#got.latin1Slice(0, body);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
    const { target, resolve, reject } = this.#answered;
    if (!head.startsWith('HTTP/1.1 200 ') || Number.isNaN(length))
      return reject(new Error(`${head.split('\r\n', 1)[0]} for ${target}`));
    if (this.#got.length < body + length) return;
    this.#got = this.#got.subarray(body + length);
    resolve();
  }
}

async function client(start) {
  const connection = new Connection();
  for (let n = start; performance.now() < end; n += connections) {
    const query = selective[n % selective.length]((n * 7919) % products);
    const begun = performance.now();
    await connection.ask(path ?? `/query?query=${encodeURIComponent(query)}`);
    latencies.push(performance.now() - begun);
    if (path) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  connection.end();
}

await Promise.all(Array.from({ length: connections }, (_, n) => client(n)));
console.log(JSON.stringify(latencies));
