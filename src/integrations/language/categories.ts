import { Category, type CategoryAnalysis } from './language.ts';
import { subjects } from './category-lexicon.ts';
import { Phrases, phrasesOf } from './phrases.ts';
import type { Token, Wink } from './wink.ts';

/** What a phrase tells of: "crash" is a bug and a matter of performance. */
type Index = Phrases<Category[]>;
type Evidence = Partial<Record<Category, string[]>>;

/** Makes the function that tells what an English text is about, by the lexicon's words and stems. */
export function categorizer({ tokens }: Wink): (text: string) => CategoryAnalysis {
  const stemsOf = (words: string[]) => tokens(words.join(' ')).map(({ stem }) => stem);
  const anyForm = index((subject) => phrasesOf(subject.anyForm ?? '').map(stemsOf));
  const asWritten = index((subject) => phrasesOf(subject.asWritten ?? ''));
  return (text) => {
    const read = tokens(text).filter(({ word }) => word !== '-');
    const evidence: Evidence = {};
    collect(evidence, text, read, anyForm, ({ stem }) => stem);
    collect(evidence, text, read, asWritten, ({ word }) => word);
    const categories = Category.options.filter((category) => evidence[category]);
    return { categories: categories.length > 0 ? categories : ['general'], evidence };
  };
}

function index(phrases: (subject: (typeof subjects)[keyof typeof subjects]) => string[][]): Index {
  const meanings = new Map<string, Category[]>();
  for (const category of Category.options.filter((option) => option !== 'general'))
    for (const words of phrases(subjects[category])) {
      const key = words.join(' ');
      meanings.set(key, [...(meanings.get(key) ?? []), category]);
    }
  return new Phrases([...meanings].map(([key, categories]) => [key.split(' '), categories]));
}

function collect(
  evidence: Evidence,
  text: string,
  tokens: readonly Token[],
  phrases: Index,
  form: (token: Token) => string,
): void {
  const row = tokens.map(form);
  for (let at = 0; at < row.length; at += 1) {
    const match = phrases.at(row, at);
    if (!match) continue;
    const words = text.slice(tokens[at]!.start, tokens[match.to - 1]!.end);
    for (const category of match.value) note((evidence[category] ??= []), words);
  }
}

function note(words: string[], found: string): void {
  if (words.length < mostEvidence && !words.includes(found)) words.push(found);
}

/** A long text says the same many times over; nobody reads more than this. */
const mostEvidence = 20;
