import v8 from 'node:v8';
import { literal } from 'oxigraph';

/** By which WebAssembly's memory grows at least; what is less is something else. */
const step = 2 ** 16;

const least = 8 * 2 ** 20;
const most = 64 * 2 ** 20;

/**
 * Lets the engine's memory grow in few large steps while much is added to it. Oxigraph asks for a little at
 * a time, and V8 takes each step for so much new memory that it collects garbage: hundreds of times in a
 * load of a million statements, on all processors.
 */
export class Room {
  #grew = false;

  /** Adds the next part; when the last one made the memory grow, so will those to come. */
  for<Result>(add: () => Result): Result {
    if (this.#grew) grow();
    // Not compared with what there was at the last part: pages that have arrived since count as well.
    const before = used();
    const result = add();
    this.#grew = used() - before >= step;
    return result;
  }
}

function grow(): void {
  const bytes = Math.min(most, Math.max(least, used() / 8));
  // A text that is not ASCII is given three times its length, which stays with the engine when it is freed.
  const text = literal(`é${' '.repeat(bytes / 3)}`);
  // Each object of the engine has it, though its types do not say so.
  (text as unknown as { free: () => void }).free();
}

/** How many bytes there are outside of V8's heap: those of the engine, and of pages. */
const used = (): number => v8.getHeapStatistics().external_memory;
