/** @typedef {{ median: number, min: number, max: number, calls: number }} Summary milliseconds */

/** @param {readonly number[]} times @returns {Summary} */
export function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (/** @type {number} */ index) => /** @type {number} */ (sorted[index]);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1), calls: sorted.length };
}
