import { GraphwrightError } from '../../errors.ts';

/** Whether runs are still open, and what ends along with them. */
export class Closing {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts with these runs, or with the signal of a caller. */
  or(signal?: AbortSignal): AbortSignal {
    return AbortSignal.any([this.signal, ...(signal ? [signal] : [])]);
  }

  /** @throws GraphwrightError `unavailable` */
  assertOpen(): void {
    if (this.signal.aborted) throw new GraphwrightError('unavailable', 'Closing down');
  }

  /** Begins to close; gives the reason for which what is under way is let go of. */
  begin(): GraphwrightError {
    const reason = new GraphwrightError('cancelled', 'Closing down');
    this.#controller.abort(reason);
    return reason;
  }
}
