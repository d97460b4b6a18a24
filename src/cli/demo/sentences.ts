import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import type { Sentiment } from '../../integrations/language/language.ts';
import { parse } from '../../parse.ts';

/** A review sentence and what people said of it. */
export interface LabelledSentence {
  text: string;
  label: Exclude<Sentiment, 'neutral'>;
}

/** Where the sentences come from, for everyone who sees a figure made from them. */
export const source =
  'Sentiment Labelled Sentences (Kotzias et al. 2015, UCI Machine Learning Repository), CC BY 4.0, from the npm package "sentiment"';

const Fixture = z.array(
  z.looseObject({ text: z.string(), class: z.union([z.literal(0), z.literal(1), z.null()]) }),
);

/**
 * Reads the 1,000 labelled Amazon review sentences that the npm package `sentiment` ships.
 * @throws GraphwrightError `not_found` when that package is not installed.
 */
export async function labelledSentences(): Promise<LabelledSentence[]> {
  const fixture = parse(
    Fixture,
    JSON.parse(await read()),
    'invalid_data',
    'The labelled sentences',
  );
  return fixture
    .filter(({ text }) => text !== '')
    .map(({ text, class: label }) => ({ text, label: label === 1 ? 'positive' : 'negative' }));
}

async function read(): Promise<string> {
  try {
    const require = createRequire(import.meta.url);
    return await readFile(require.resolve('sentiment/test/fixtures/amazon.json'), 'utf8');
  } catch (cause) {
    const message =
      'The demo reads its feedback from the npm package "sentiment"; install it with: npm install sentiment@5.0.2';
    throw new GraphwrightError('not_found', message, { cause });
  }
}
