import { progress, type ProgressResult } from '@clack/prompts';

/** Shows how far a long job is. */
export interface JobProgress {
  update(done: number, total: number): void;
  end(message: string): void;
}

/** A bar with rate and time left on a terminal; off it a plain line every twentieth of the way. */
export function jobProgress(title: string, total: number): JobProgress {
  return process.stdout.isTTY ? bar(title, total) : lines(title);
}

function bar(title: string, total: number): JobProgress {
  const shown: ProgressResult = progress({ style: 'block', max: total, size: 40 });
  const start = performance.now();
  let before = 0;
  shown.start(title);
  return {
    update(done) {
      shown.advance(
        done - before,
        `${title}  ${counted(done, total)}  ${pace(done, total, start)}`,
      );
      before = done;
    },
    end: (message) => shown.stop(message),
  };
}

function lines(title: string): JobProgress {
  let next = 0;
  return {
    update(done, total) {
      if (done < next && done !== total) return;
      next = done + Math.max(1, Math.floor(total / 20));
      process.stdout.write(`${title} ${counted(done, total)}\n`);
    },
    end: (message) => void process.stdout.write(`${message}\n`),
  };
}

const counted = (done: number, total: number) =>
  `${done.toLocaleString('en-US')}/${total.toLocaleString('en-US')}`;

function pace(done: number, total: number, start: number): string {
  const rate = done / ((performance.now() - start) / 1000);
  return `${Math.round(rate)}/s  ${Math.ceil((total - done) / rate)} s left`;
}
