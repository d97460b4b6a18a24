import { hash } from 'node:crypto';
import { closeSync, constants, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * The number of the newest acknowledged commit, in a file beside the state file. It is written after the
 * commit is on disk and without a sync of its own, so that it may fall behind, but never runs ahead: a
 * state file that holds fewer commits has lost some.
 */
export class CommitMark {
  readonly #file: number;

  constructor(path: string) {
    // Neither cut nor appended to: what it says stays until more is known.
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  }

  write(commit: number): void {
    // A whole line at once, so that whoever kills the process finds this one or the one before.
    writeSync(this.#file, lineOf(commit), 0);
  }

  close(): void {
    fdatasyncSync(this.#file);
    closeSync(this.#file);
  }
}

/** What the file says; nothing when there is none, or when it is not what was written. */
export function readCommitMark(path: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
  const commit = Number(text.slice(0, digits));
  return text === lineOf(commit) ? commit : undefined;
}

const digits = 16;

function lineOf(commit: number): string {
  const number = String(commit).padStart(digits, '0');
  return `${number} ${hash('sha256', number).slice(0, 16)}\n`;
}
