import { describe, expect, test } from 'vitest';
import { CategoryAnalysis, type Category } from '../../../src/integrations/language/language.ts';
import { WinkLanguage } from '../../../src/integrations/language/wink-language.ts';
import { labelled } from './fixtures.ts';

const language = new WinkLanguage();
const critical: readonly Category[] = ['bug', 'security', 'billing', 'legal'];

describe('A8 the categories of a text, found without a service', () => {
  test.each<[string, Category[]]>([
    ['The headset is broken.', ['product']],
    ['Sturdy case, nice colors.', ['product']],
    ['The staff was friendly and the agent called back.', ['service']],
    ['Nobody in customer care helped me.', ['service']],
    ['It was delivered late.', ['service']],
    ['Far too expensive for me.', ['pricing']],
    ['PRICES went up again.', ['pricing']],
    ['I paid 20 dollars.', ['pricing']],
    ['The menus are confusing.', ['usability']],
    ['Very easy to use.', ['usability']],
    ['It is so slow, and lags all day.', ['performance']],
    ['The website takes forever.', ['performance']],
    ['It crashes with an error.', ['performance', 'bug']],
    ['There is a bug on the start page.', ['bug']],
    ['It has glitches.', ['bug']],
    ['I lost all my data.', ['bug']],
    ['Somebody hacked my account.', ['security']],
    ['Is my privacy safe after the breach?', ['security']],
    ['I was charged twice this month.', ['billing']],
    ['Please refund my last invoice.', ['billing']],
    ["The bill is wrong, and there's no receipt.", ['billing']],
    ['My lawyer will write to you.', ['legal']],
    ['This violates the GDPR.', ['legal']],
    ['Your terms of service are illegal.', ['legal']],
    ['An unauthorized charge on my credit card!', ['security', 'billing']],
    [
      'The app is slow, support never replied, and the price is too high.',
      ['product', 'service', 'pricing', 'performance'],
    ],
    [
      'The phone crashed, the interface is confusing, and I want a refund or I will sue you.',
      ['product', 'usability', 'performance', 'bug', 'billing', 'legal'],
    ],
  ])('%j', async (text, categories) => {
    expect((await language.categorize(text)).categories).toEqual(categories);
  });

  test.each([
    'I felt helpless.',
    'An airbus flew over the debugger ladybugs.',
    'A priceless smile in a costume.',
    'Bill and Sue say hello.',
    'In terms of taste, an exceptional meal.',
    'It sits securely on my ear.',
    'My son in law was delegated.',
    'I lean back fasting.',
    'Terror, and humbugs.',
    'Goodbye.',
    '',
    '  ',
    '👍',
    '价格太贵了',
    'constructor __proto__ toString',
  ])('%j is general, and nothing else', async (text) => {
    const analysis = await language.categorize(text);
    expect(analysis).toEqual({ categories: ['general'], evidence: {} });
  });

  test.each([
    'The battery was charged every night.',
    'They take great care.',
    'A defective headset.',
  ])('%j brings in nobody', async (text) => {
    const { categories } = await language.categorize(text);
    expect(categories.filter((category) => critical.includes(category))).toEqual([]);
  });

  test('the evidence quotes the words of each category', async () => {
    const analysis = await language.categorize('It CRASHES; I’d like my money back. Crash, crash.');
    expect(analysis.evidence).toEqual({
      performance: ['CRASHES', 'Crash', 'crash'],
      bug: ['CRASHES', 'Crash', 'crash'],
      billing: ['money back'],
      pricing: ['my money'],
    });
  });

  test('few of 1,000 review sentences bring in a person, and most are about something', async () => {
    const found = await Promise.all(
      labelled('amazon').map(({ text }) => language.categorize(text)),
    );
    for (const analysis of found) CategoryAnalysis.parse(analysis);
    const share = (wanted: (category: Category) => boolean) =>
      found.filter(({ categories }) => categories.some(wanted)).length / found.length;
    expect(share((category) => critical.includes(category))).toBeLessThan(0.03);
    expect(share((category) => category === 'general')).toBeLessThan(0.35);
    expect(share((category) => category === 'product')).toBeGreaterThan(0.5);
  });

  test('100 KB take less than 3 s, with few quotes', async () => {
    const start = performance.now();
    const { evidence } = await language.categorize(
      'It crashed and Crashed, slow price. '.repeat(2800),
    );
    expect(performance.now() - start).toBeLessThan(3000);
    expect(evidence.bug).toEqual(['crashed', 'Crashed']);
  });

  test('an aborted signal is cancelled', async () => {
    const call = language.categorize('good', AbortSignal.abort());
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
  });
});
