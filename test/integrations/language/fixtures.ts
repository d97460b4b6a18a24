import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';

const Row = z.looseObject({
  text: z.string(),
  class: z.union([z.literal(0), z.literal(1), z.null()]),
});
const require = createRequire(import.meta.url);

/**
 * The 1,000 sentences of one source of "Sentiment Labelled Sentences" (Kotzias et al. 2015, UCI, CC BY 4.0)
 * that the npm package `sentiment` ships.
 */
export function labelled(source: 'amazon' | 'imdb' | 'yelp') {
  const file = require.resolve(`sentiment/test/fixtures/${source}.json`);
  return z
    .array(Row)
    .parse(JSON.parse(readFileSync(file, 'utf8')))
    .filter((row) => row.class !== null)
    .map((row) => ({ text: row.text, label: row.class === 1 ? 'positive' : 'negative' }));
}
