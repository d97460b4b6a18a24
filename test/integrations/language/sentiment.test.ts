import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SentimentAnalysis } from '../../../src/integrations/language/language.ts';
import { WinkLanguage } from '../../../src/integrations/language/wink-language.ts';
import { labelled } from './fixtures.ts';

const language = new WinkLanguage();
const read = (text: string) => language.analyzeSentiment(text);

/** The share of sentences that come out as labelled; undecided counts as wrong. */
async function accuracy(sentences: ReturnType<typeof labelled>): Promise<number> {
  const found = await Promise.all(sentences.map(({ text }) => read(text)));
  return found.filter(({ sentiment }, at) => sentiment === sentences[at]!.label).length / 1000;
}

describe('A7 the sentiment of a text, read without a service', () => {
  test.each([
    ['amazon', 0.82],
    ['yelp', 0.8],
    ['imdb', 0.75],
  ] as const)(
    'is as people labelled it in 1,000 sentences from %s: %d and more',
    async (source, floor) => {
      const sentences = labelled(source);
      expect(sentences).toHaveLength(1000);
      expect(await accuracy(sentences)).toBeGreaterThanOrEqual(floor);
    },
  );

  test.each([
    'This product is great and I love it!',
    'not bad at all',
    'no complaints',
    'I have never had any problems with it.',
    "You can't go wrong with this one.",
    'Works like a charm, and it was easy to set up.',
    'The box was dirty, but the lamp is wonderful.',
    'I WOULD HIGHLY RECOMMEND IT',
    'not only cheap but also excellent',
    '👍',
    '👍🏽 ❤️',
    ':)',
  ])('%j is positive', async (text) => {
    const analysis = await read(text);
    expect(analysis).toMatchObject({ sentiment: 'positive' });
    expect(analysis.score).toBeGreaterThan(0);
  });

  test.each([
    'This product is terrible and I hate it!',
    'not good',
    'NOT GOOD',
    'not okay',
    'It is not really a very good lamp.',
    'hardly useful',
    "I wouldn't recommend it",
    'I wouldn’t recommend it',
    "I won't be buying this again, it stopped working after a day.",
    'Do not buy this, it is a waste of money.',
    "Don't waste your money",
    'The buttons are too small.',
    'The sound is great, but it broke and I returned it.',
    'It does not fit.',
    'No good, and nobody was helpful.',
    '😡',
    ':(',
  ])('%j is negative', async (text) => {
    const analysis = await read(text);
    expect(analysis).toMatchObject({ sentiment: 'negative' });
    expect(analysis.score).toBeLessThan(0);
  });

  test.each([
    'This product is okay.',
    'goodbye',
    'Where do I find the invoice?',
    'I would like to know when my order arrives.',
    "I don't know yet.",
    'constructor __proto__ toString hasOwnProperty',
  ])('%j is neutral', async (text) => {
    expect(await read(text)).toMatchObject({ sentiment: 'neutral', score: 0 });
  });

  test.each(['', ' \n\t ', '这个产品非常好用', 'Очень плохо', 'جيد جدا', '…', '\u0000\ud800'])(
    '%j cannot be read, so it is neutral with confidence 0',
    async (text) => {
      const nothing = { sentiment: 'neutral', score: 0, confidence: 0, evidence: [] };
      expect(await read(text)).toEqual(nothing);
    },
  );

  test('names the words that decided it, as they stand in the text', async () => {
    const { evidence } = await read(
      'I wouldn’t recommend it: a WASTE of money, though very pretty.',
    );
    expect(evidence).toEqual(['n’t recommend', 'WASTE of money']);
    expect((await read('It was OK.')).evidence).toEqual(['OK']);
  });

  test('quotes each of them once, and no more than 20', async () => {
    expect((await read('good, good, bad')).evidence).toEqual(['good', 'bad']);
    const letters = [...'abcdefghijklmnopqrstuvwxyz'];
    const many = await read(letters.map((letter) => `not ${letter} good.`).join(' '));
    expect(many.evidence).toHaveLength(20);
  });

  test('is surer of much that agrees than of little that does not', async () => {
    const agreeing = await read('Great sound, excellent battery, I love it.');
    const mixed = await read('Great sound, awful battery.');
    expect(agreeing.confidence).toBeGreaterThan(0.7);
    expect(mixed.confidence).toBeLessThan(0.3);
  });

  test('what follows a "but" counts more', async () => {
    expect((await read('It is bad, but good.')).sentiment).toBe('positive');
    expect((await read('It is good, but bad.')).sentiment).toBe('negative');
  });

  test('a weaker word gives a lower score than a stronger one', async () => {
    const scores = await Promise.all(['slightly good', 'good', 'very good'].map(read));
    const [weak, plain, strong] = scores.map(({ score }) => score);
    expect(weak).toBeLessThan(plain!);
    expect(plain).toBeLessThan(strong!);
  });

  test.each([
    ['sentences', 'This is a good lamp but the screen broke. '.repeat(2400)],
    ['one sentence without an end', 'very good and not bad '.repeat(4600)],
    ['one word', 'a'.repeat(100_000)],
    ['letters and dots', 'a.'.repeat(50_000)],
    ['dots', '. '.repeat(50_000)],
    ['negations', 'not '.repeat(25_000)],
    ['emoji', '😡'.repeat(50_000)],
  ])('100 KB of %s take less than 3 s', async (_, text) => {
    await read('warm');
    const start = performance.now();
    await read(text);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('whatever the text, the answer is valid and quotes it', async () => {
    const words = fc.constantFrom(
      'not',
      'good',
      'bad',
      ',',
      'but',
      '’',
      '!',
      '-',
      '👍',
      'very',
      '\n',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words).map((all) => all.join(' ')),
      fc.array(words).map((all) => all.join('')),
    );
    const valid = fc.asyncProperty(texts, async (text) => {
      const analysis = SentimentAnalysis.parse(await read(text));
      for (const quote of analysis.evidence)
        expect(quote !== '' && text.includes(quote)).toBe(true);
    });
    await fc.assert(valid, { numRuns: 500 });
  });

  test('an aborted signal is cancelled', async () => {
    const call = language.analyzeSentiment('good', AbortSignal.abort());
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
  });
});
