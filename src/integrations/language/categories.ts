import { Category, mostEvidence, type CategoryAnalysis } from './language.ts';
import { subjects } from './category-lexicon.ts';
import { Phrases, phrasesOf, type PhraseMatch } from './phrases.ts';
import type { Wink } from './wink.ts';

/** What a phrase tells of: "crash" is a bug and a matter of performance. */
type Index = Phrases<Category[]>;
type Evidence = Partial<Record<Category, string[]>>;
type Match = PhraseMatch<Category[]>;

/** Makes the function that tells what an English text is about, by the lexicon's words and stems. */
export function categorizer({ tokens }: Wink): (text: string) => CategoryAnalysis {
  const stemsOf = (words: string[]) => tokens(words.join(' ')).map(({ stem }) => stem);
  const anyForm = index((subject) => phrasesOf(subject.anyForm).map(stemsOf));
  const asWritten = index((subject) => phrasesOf(subject.asWritten));
  return (text) => {
    const read = tokens(text).filter(({ word }) => word !== '-');
    const stems = read.map(({ stem }) => stem);
    const words = read.map(({ word }) => word);
    const evidence: Evidence = {};
    for (const { value, from, to } of outermost(read.length, (at) => [
      anyForm.at(stems, at),
      asWritten.at(words, at),
    ]))
      note(evidence, value, text.slice(read[from]!.start, read[to - 1]!.end));
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

/** The matches that lie in no longer one: "terms of service" says nothing of service. */
function* outermost(
  length: number,
  matchesAt: (at: number) => (Match | undefined)[],
): Generator<Match> {
  let reached = 0;
  for (let at = 0; at < length; at += 1) {
    const matches = matchesAt(at).filter((match) => match !== undefined);
    const end = Math.max(0, ...matches.map(({ to }) => to));
    if (end <= reached) continue;
    yield* matches.filter(({ to }) => to === end);
    reached = end;
  }
}

function note(evidence: Evidence, categories: readonly Category[], words: string): void {
  for (const category of categories) {
    const known = (evidence[category] ??= []);
    if (known.length < mostEvidence && !known.includes(words)) known.push(words);
  }
}
