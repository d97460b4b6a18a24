/**
 * The systems that `--only a,b` names; all of them without it.
 * @template {{ module: string }} System
 * @param {readonly System[]} systems @param {string | undefined} only @returns {System[]}
 */
export function choose(systems, only) {
  const wanted = only?.split(',');
  const known = systems.map(({ module }) => module);
  const unknown = wanted?.find((module) => !known.includes(module));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: choose of ${known.join(', ')}`);
  return systems.filter(({ module }) => !wanted || wanted.includes(module));
}

/** The first line of what went wrong. @param {unknown} thrown */
export const reasonOf = (thrown) =>
  String(thrown instanceof Error ? thrown.message : thrown).split('\n')[0] ?? '';

/** All, another one first each time. @template T @param {readonly T[]} all @param {number} by @returns {T[]} */
export const rotated = (all, by) => [
  ...all.slice(by % all.length),
  ...all.slice(0, by % all.length),
];
