const onsets = [
  'b',
  'br',
  'd',
  'dr',
  'f',
  'g',
  'gl',
  'k',
  'l',
  'm',
  'n',
  'p',
  'pl',
  'r',
  's',
  'st',
];
const nuclei = ['a', 'e', 'i', 'o', 'u', 'ea', 'ou'];
const codas = ['', 'l', 'm', 'n', 'nd', 'r', 's', 't'];

/** Invented syllables, 896 of them. */
const syllables = onsets.flatMap((onset) =>
  nuclei.flatMap((nucleus) => codas.map((coda) => `${onset}${nucleus}${coda}`)),
);

/**
 * Some words of two syllables, so that texts differ and compress as badly as real ones.
 * @param {import('./random.mjs').Random} random
 * @param {number} count
 */
export function words(random, count) {
  const all = [];
  for (let word = 0; word < count; word += 1)
    all.push(random.pick(syllables) + random.pick(syllables));
  return all.join(' ');
}

export const countries = ['AT', 'CN', 'DE', 'ES', 'FR', 'GB', 'JP', 'KR', 'RU', 'US'];
