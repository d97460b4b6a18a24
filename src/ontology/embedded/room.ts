import v8 from 'node:v8';
import { literal } from 'oxigraph';

const least = 8 * 2 ** 20;
const most = 64 * 2 ** 20;

/**
 * Lets the engine's memory grow in few large steps while much is added to it. Oxigraph asks for a little at
 * a time, and V8 takes each step for so much new memory that it collects garbage: hundreds of times in a
 * load of a million statements, on all processors.
 */
export class Room {
  #used = v8.getHeapStatistics().external_memory;

  /** To be called between two pages: when the last one made the memory grow, so will those to come. */
  make(): void {
    const used = v8.getHeapStatistics().external_memory;
    if (used <= this.#used) return;
    const bytes = Math.min(most, Math.max(least, used / 8));
    // A text that is not ASCII is given three times its length, which stays with the engine when it is freed.
    const text = literal(`é${' '.repeat(bytes / 3)}`);
    // Each object of the engine has it, though its types do not say so.
    (text as unknown as { free: () => void }).free();
    this.#used = v8.getHeapStatistics().external_memory;
  }
}
