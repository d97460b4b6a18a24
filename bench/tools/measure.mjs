import assert from 'node:assert/strict';
import { input, plan } from './workflow.mjs';

/** So many calls are timed as one, since a clock takes time too. */
const batch = 10;

/**
 * Milliseconds of a call, one for each batch; nothing else is open meanwhile, as a server watches all that its process does.
 * @param {import('./paths/list.mjs').Path} path
 * @param {number} calls
 */
export async function measure({ open, name }, calls) {
  const { call, close } = await open();
  try {
    assert.deepEqual(
      { ...(await call()) },
      plan({ ...input, city: 'Ghent', priority: 'low' }),
      name,
    );
    for (let count = 0; count < calls / 4; count += 1) await call();
    const times = [];
    while (times.length * batch < calls) {
      const start = performance.now();
      for (let count = 0; count < batch; count += 1) await call();
      times.push((performance.now() - start) / batch);
    }
    return times;
  } finally {
    await close?.();
  }
}
