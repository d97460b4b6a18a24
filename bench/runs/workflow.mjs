/** The workflow of the ABI guide: one customer's feedback, in five steps. */
export const name = 'handle_feedback';

export const steps = ['get_customer', 'analyse_sentiment', 'categorise', 'store', 'act'];

/** In which a run is held until its process is killed: some of its steps are on disk, and some not. */
export const heldIn = 'categorise';

/**
 * What a step does: next to nothing, so that what is measured is the recording.
 * @typedef {(step: string) => object | Promise<object>} Step
 */

/** @type {Step} */
export const empty = (step) => ({ step });
