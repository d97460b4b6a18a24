import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process that is asked for what it can do. */
export interface AskedProcess {
  pid: number;
  child: ChildProcess;
  /** Resolves with the code and the signal that it ended with. */
  exit: Promise<unknown[]>;
  /** Resolves with the answer; rejects with its error, or when the process ends before it. */
  ask<Value>(action: string, ...words: unknown[]): Promise<Value>;
  kill(): Promise<void>;
}

/** Starts a script that says `ready`, and answers `{ number, action, words }` by `{ number, value }` or an `error`. */
export async function startAsked(script: string, words: readonly string[]): Promise<AskedProcess> {
  const child = fork(script, words);
  const exit = once(child, 'exit');
  const gone = exit.then(() => Promise.reject(new Error('The process has ended')));
  // Whoever kills it expects the end.
  gone.catch(() => undefined);
  await Promise.race([once(child, 'message'), gone]);
  type Answer = { number: number; value: unknown; error?: string };
  const waiting: ((answer: Answer) => void)[] = [];
  child.on('message', (answer: Answer) => waiting[answer.number]?.(answer));
  const ask = async <Value>(action: string, ...rest: unknown[]): Promise<Value> => {
    const answer = new Promise<Answer>((resolve) => {
      const number = waiting.push(resolve) - 1;
      // What goes wrong here is that it has ended.
      child.send({ number, action, words: rest }, () => undefined);
    });
    const { value, error } = await Promise.race([answer, gone]);
    if (error) throw new Error(error);
    return value as Value;
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await exit;
  };
  return { pid: child.pid!, child, exit, ask, kill };
}
