// Asks for a page every few milliseconds, whether the last answer came or not, and tells how long each took.
import { Agent, get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const every = 5;
const agent = new Agent({ keepAlive: true });
/** @type {number[]} */
let times = [];
/** @type {Promise<void>[]} */
let waiting = [];

const ping = () =>
  new Promise((resolve) => {
    const began = performance.now();
    get({ port: workerData, host: '127.0.0.1', agent }, (response) => {
      response.resume().once('end', () => {
        times.push(performance.now() - began);
        resolve(undefined);
      });
    }).once('error', resolve);
  });

/** @type {NodeJS.Timeout | undefined} */
let timer;
parentPort?.on('message', async (asked) => {
  if (asked === 'begin') {
    times = [];
    waiting = [];
    timer = setInterval(() => waiting.push(ping()), every);
    return;
  }
  clearInterval(timer);
  await Promise.all(waiting);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the parent has no origin
  parentPort?.postMessage(times);
});
