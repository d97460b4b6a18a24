import { GraphwrightError } from '../../../errors.ts';
import { longestTimer } from '../../../time-limit.ts';
import type { ConversationKey } from '../conversation.ts';
import type { Core } from './core.ts';
import { nameOf } from './log.ts';
import type { Turns } from './turns.ts';

const page = 100;

/** Does what only time asks for: ends what is idle, lets questions lapse, removes what is old. */
export class Upkeep {
  readonly #core: Core;
  readonly #turns: Turns;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #cleaner: NodeJS.Timeout;
  #under: Promise<unknown> = Promise.resolve();

  constructor(core: Core, turns: Turns) {
    this.#core = core;
    this.#turns = turns;
    core.onCommitted(({ head }) => this.#arm(head, head.dueAt));
    const clean = () => {
      this.#under = this.sweep().catch((thrown) => this.#failed(thrown));
    };
    const interval = Math.min(core.settings.cleanupInterval, longestTimer);
    this.#cleaner = setInterval(clean, interval).unref();
  }

  /** Does all that is due. @returns How many conversations and events were removed. */
  async sweep(): Promise<number> {
    const now = this.#core.now().getTime();
    const { conversationTtl } = this.#core.settings;
    for (;;) {
      const due = await this.#core.storage.list({ dueBefore: now, limit: page });
      const done = await Promise.all(due.map((head) => this.#due(head)));
      // One that cannot be moved on would be found again and again.
      if (due.length < page || !done.includes(true)) break;
    }
    const before = now - conversationTtl;
    this.#core.log.forgetOld(before);
    let removed = 0;
    for (let some = page; some >= page;) {
      some = await this.#core.storage.sweep({
        conversationsBefore: before,
        eventsBefore: before,
        limit: page,
      });
      removed += some;
    }
    return removed;
  }

  async close(): Promise<void> {
    clearInterval(this.#cleaner);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await this.#under;
  }

  /** Those that are due before the next clean-up have a timer of their own. */
  #arm(key: ConversationKey, dueAt?: number): void {
    const name = nameOf(key);
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    const wait = (dueAt ?? Infinity) - this.#core.now().getTime();
    if (wait > Math.min(this.#core.settings.cleanupInterval, longestTimer)) return;
    if (this.#core.closing.signal.aborted) return;
    const act = () => {
      this.#timers.delete(name);
      void this.#due(key);
    };
    this.#timers.set(name, setTimeout(act, Math.max(0, wait)).unref());
  }

  async #due({ tenant, id }: ConversationKey): Promise<boolean> {
    try {
      return await this.#core.conductor.operate({ tenant, id }, async (loaded) => {
        const overdue = await this.#turns.overdue(loaded);
        return { change: overdue?.change, answer: () => overdue !== undefined };
      });
    } catch (thrown) {
      this.#failed(thrown);
      return false;
    }
  }

  #failed(thrown: unknown): void {
    const error = GraphwrightError.from(thrown);
    if (error.code !== 'not_found' && !this.#core.closing.signal.aborted) this.#core.warn(error);
  }
}
