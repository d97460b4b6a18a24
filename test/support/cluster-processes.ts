import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunRecord } from '../../src/workflows/runs/runs.ts';
import { startAsked, type AskedProcess } from './asked-process.ts';
import { temporaryDirectory } from './command.ts';

/** What a step of a run did, as a line of the ledger says. */
export interface Entry {
  time: number;
  pid: number;
  word: string;
  run: string;
}

/** A process that carries out runs, and is asked for what its runs can do. */
export interface Worker extends AskedProcess {
  started(workflow: string): Promise<RunRecord>;
}

/** Processes that share the runs of a database, and a ledger of what their steps do. */
export class ClusterProcesses {
  readonly #databaseUrl: string;
  readonly #directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  readonly #workers: Worker[] = [];

  private constructor(databaseUrl: string, directory: ClusterProcesses['directory']) {
    this.#databaseUrl = databaseUrl;
    this.#directory = directory;
  }

  static async open(databaseUrl: string): Promise<ClusterProcesses> {
    return new ClusterProcesses(databaseUrl, await temporaryDirectory());
  }

  get directory() {
    return this.#directory;
  }

  /** Starts another process, which carries out runs or only asks for them. */
  async start({
    maxParallel = 100,
    crashLimit = 5,
    role = 'carries out' as 'carries out' | 'asks',
  } = {}): Promise<Worker> {
    const ledger = join(this.#directory.path, 'ledger');
    const words = [this.#databaseUrl, ledger, String(maxParallel), String(crashLimit), role];
    const asked = await startAsked('test/faults/cluster-worker.mjs', words);
    const worker = { ...asked, started: (name: string) => asked.ask<RunRecord>('start', name) };
    this.#workers.push(worker);
    return worker;
  }

  async ledger(): Promise<Entry[]> {
    const path = join(this.#directory.path, 'ledger');
    const text = await readFile(path, 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' '))
      .map(([time, pid, word, run]) => ({
        time: Number(time),
        pid: Number(pid),
        word: word!,
        run: run!,
      }));
  }

  /** Waits until the ledger is as it should be. */
  async until(wanted: (entries: Entry[]) => boolean): Promise<Entry[]> {
    for (let tries = 0; tries < 1000; tries += 1) {
      const entries = await this.ledger();
      if (wanted(entries)) return entries;
      await sleep(10);
    }
    throw new Error(`The ledger is still ${JSON.stringify(await this.ledger())}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.kill()));
    await this.#directory[Symbol.asyncDispose]();
  }
}

export const count = (entries: Entry[], word: string): number =>
  entries.filter((entry) => entry.word === word).length;
