import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts a script that prints a line for each thing that was acknowledged, and `idle` when it has nothing left to do. */
export function startReporting(script: string, words: readonly string[]) {
  const child = spawn(process.execPath, [script, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  const lines = createInterface(child.stdout);
  const idle = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line === 'idle') resolve();
      else acknowledged.push(line);
    });
    child.once('exit', (code) => reject(new Error(`The process ended with ${code}`)));
  });
  // Whoever kills it expects the end.
  idle.catch(() => undefined);
  return {
    /** The lines so far; grows until the end. */
    acknowledged,
    idle,
    first: once(lines, 'line'),
    async kill() {
      child.kill('SIGKILL');
      await Promise.all([once(child, 'exit'), once(lines, 'close')]);
    },
  };
}
