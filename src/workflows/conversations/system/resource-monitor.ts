import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { GraphwrightError } from '../../../errors.ts';

/** How busy the process is. */
export interface Resources {
  /** Milliseconds that something else held up the event loop: 99 times in 100 less, and at most. */
  readonly eventLoopLag: { readonly p99: number; readonly max: number };
  /** Bytes of JavaScript objects, and what there may be of them. */
  readonly heap: { readonly used: number; readonly limit: number };
  /** Bytes of the process in all. */
  readonly memory: number;
}

/** What a monitor warns of, and how often it looks. */
export interface ResourceMonitorConfiguration {
  readonly onWarning: (warning: GraphwrightError) => void;
  /** Milliseconds at which the event loop lags too much; 200 by default. */
  readonly lag?: number;
  /** Part of the heap that may be in use; 0.9 by default. */
  readonly heap?: number;
  /** Milliseconds between two looks; 10 seconds by default. */
  readonly interval?: number;
}

/** Watches the event loop and the memory (row V13), and warns when one of them runs short. */
export class ResourceMonitor {
  readonly #with: Required<ResourceMonitorConfiguration>;
  readonly #histogram = monitorEventLoopDelay({ resolution: 10 });
  readonly #timer: NodeJS.Timeout;

  constructor({
    onWarning,
    lag = 200,
    heap = 0.9,
    interval = 10_000,
  }: ResourceMonitorConfiguration) {
    this.#with = { onWarning, lag, heap, interval };
    this.#histogram.enable();
    this.#timer = setInterval(() => this.#look(), interval).unref();
  }

  /** As it is since the last look. */
  read(): Resources {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    const { max } = this.#histogram;
    return {
      eventLoopLag: { p99: milliseconds(this.#histogram.percentile(99)), max: milliseconds(max) },
      heap: { used, limit },
      memory: process.memoryUsage.rss(),
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }

  #look(): void {
    const { eventLoopLag, heap } = this.read();
    this.#histogram.reset();
    const { lag, heap: part } = this.#with;
    if (eventLoopLag.max > lag)
      this.#warn(
        `The event loop was held up for ${eventLoopLag.max} ms; find the step or agent that computes for so long, and have a workflow or a thread do that`,
      );
    if (heap.used > heap.limit * part)
      this.#warn(
        `${heap.used} of ${heap.limit} bytes of the heap are in use; open fewer conversations at once, or start Node with a greater --max-old-space-size`,
      );
  }

  #warn(message: string): void {
    this.#with.onWarning(new GraphwrightError('unavailable', message));
  }
}

const milliseconds = (nanoseconds: number) => Math.max(0, Math.round(nanoseconds / 1e5) / 10);
