import { fork } from 'node:child_process';

/** Why a system does no more: its time was over, or it failed. */
export class Ended extends Error {}

/** A system in its own process, as the parent holds it: one request at a time, each with a time limit. */
export class Handle {
  #process;
  /** @type {Ended | undefined} */
  #ended;

  /**
   * @param {string} script what the process executes: it tells that it is up, then answers each request
   * @param {readonly string[]} words its arguments
   * @param {{ directory: string, flags?: readonly string[] }} where it works, and the flags of Node
   */
  constructor(script, words, { directory, flags = [] }) {
    this.#process = fork(script, words, {
      execArgv: ['--no-warnings', ...flags],
      cwd: directory,
      // A server that it started is in its process group, and ends with it.
      detached: true,
    });
    this.#process.once('exit', (code, signal) => {
      this.#ended ??= new Ended(`its process ended (${signal ?? code})`);
    });
  }

  /** Resolves once the system takes requests. @param {number} limit */
  up(limit) {
    return this.#answer(limit);
  }

  /**
   * @param {{ type: string, [key: string]: unknown }} request
   * @param {number} limit milliseconds after which it is ended
   * @returns {Promise<any>}
   */
  ask(request, limit) {
    const answer = this.#answer(limit);
    if (!this.#ended) this.#process.send(request);
    return answer;
  }

  /** Ends it as a power cut would: it gets to do nothing more. */
  async kill() {
    if (this.#ended) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#kill(new Ended('it was killed'), 'SIGKILL');
    await gone;
  }

  /** Ends it, if need be by force. */
  async close() {
    if (this.#ended) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    await this.ask({ type: 'close' }, 60_000).catch(() => undefined);
    this.#kill(new Ended('it was closed'), 'SIGTERM');
    await gone;
  }

  /** @param {number} limit @returns {Promise<any>} */
  #answer(limit) {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const settle = (/** @type {() => void} */ action) => {
        clearTimeout(timer);
        this.#process.off('message', told).off('exit', left);
        action();
      };
      const told = (/** @type {any} */ { value, error }) =>
        settle(() => (error === undefined ? resolve(value) : reject(new Error(error))));
      const left = () => settle(() => reject(this.#ended));
      const timer = setTimeout(() => {
        this.#kill(new Ended(`over ${Math.round(limit / 1000)} s`), 'SIGKILL');
        settle(() => reject(this.#ended));
      }, limit);
      this.#process.on('message', told).on('exit', left);
    });
  }

  /** @param {Ended} reason @param {NodeJS.Signals} signal */
  #kill(reason, signal) {
    this.#ended ??= reason;
    try {
      process.kill(-(/** @type {number} */ (this.#process.pid)), signal);
    } catch {
      // It was gone already.
    }
  }
}
