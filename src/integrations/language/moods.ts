import { phrasesOf, Phrases } from './phrases.ts';
import {
  boundaries,
  degrees,
  denials,
  idioms,
  middling,
  moodless,
  negations,
} from './sentiment-lexicon.ts';

/** Words that tell a mood: `weight` is good above 0, bad below, and 0 where they say "neither". */
export interface Mood {
  /** The first word's place in the row, and that after the last. */
  from: number;
  to: number;
  weight: number;
}

/** How many words a negation reaches, where nothing closes it before. */
const reach = 5;
/** "not good" is nearly as bad as "good" is good; "not bad" is good, but less so. */
const deniedPraise = -0.9;
const deniedBlame = -0.6;
const deniedMiddle = -0.4;
const denied = -0.3;
const excess = -0.5;

const negating = new Set(negations);
const denying = new Set(denials);
const closing = new Set(boundaries);

interface Idiom {
  /** Undefined where the phrase tells no mood. */
  weight: number | undefined;
  /** It holds its own negation. */
  negated: boolean;
}

const lexicon = new Phrases<Idiom>(
  [...idioms, [0, middling] as const, [undefined, moodless] as const].flatMap(([weight, list]) =>
    phrasesOf(list).map((words) => {
      const negated = words.some((word) => negating.has(word));
      return [words, { weight, negated }] as const;
    }),
  ),
);

/** Finds the words that tell a mood, each weighed with its negation and degree. */
export function moodsOf(words: readonly string[], valence: (word: string) => number): Mood[] {
  return new Reading(words, valence).moods();
}

/** One reading from left to right, which keeps the negation that is in force. */
class Reading {
  readonly #words: readonly string[];
  readonly #valence: (word: string) => number;
  readonly #moods: Mood[] = [];
  #negation: { at: number; used: boolean } | undefined;

  constructor(words: readonly string[], valence: (word: string) => number) {
    this.#words = words;
    this.#valence = valence;
  }

  moods(): Mood[] {
    for (let at = 0; at < this.#words.length;) at = this.#step(at);
    this.#closeNegation(this.#words.length);
    return this.#moods;
  }

  /** Reads what starts here, and tells where the next begins. */
  #step(at: number): number {
    const word = this.#words[at]!;
    const idiom = lexicon.at(this.#words, at);
    if (closing.has(word) || this.#isOutOfReach(at)) this.#closeNegation(at);
    if (idiom) this.#idiom(idiom.value, at, idiom.to);
    else if (negating.has(word)) this.#openNegation(at);
    else if (this.#isExcess(at)) this.#add(at, at + 2, excess);
    else this.#word(at, this.#valence(word));
    return idiom?.to ?? at + 1;
  }

  #idiom({ weight, negated }: Idiom, from: number, to: number): void {
    if (negated) this.#negation = undefined;
    if (weight !== undefined) this.#add(from, to, weight);
  }

  #word(at: number, weight: number): void {
    if (weight !== 0) this.#add(at, at + 1, weight);
  }

  #add(at: number, to: number, plain: number): void {
    const degree = degrees.get(this.#words[at - 1] ?? '');
    const weight = plain * (degree ?? 1);
    const negation = this.#negation;
    if (!negation) this.#moods.push({ from: degree ? at - 1 : at, to, weight });
    else this.#moods.push({ from: negation.at, to, weight: turned(weight) });
    if (negation) negation.used = true;
  }

  /** "too small"; but not "too good", nor "I like it, too". */
  #isExcess(at: number): boolean {
    const next = this.#words[at + 1];
    if (this.#words[at] !== 'too' || next === undefined || closing.has(next)) return false;
    return this.#valence(next) <= 0;
  }

  #isOutOfReach(at: number): boolean {
    return this.#negation !== undefined && at - this.#negation.at > reach;
  }

  #openNegation(at: number): void {
    this.#closeNegation(at);
    this.#negation = { at, used: false };
  }

  /** A denial that turned nothing around is a complaint of its own: "does not fit", "no cable". */
  #closeNegation(at: number): void {
    const negation = this.#negation;
    this.#negation = undefined;
    if (!negation || negation.used || !denying.has(this.#words[negation.at]!)) return;
    if (at > negation.at + 1)
      this.#moods.push({ from: negation.at, to: negation.at + 2, weight: denied });
  }
}

function turned(weight: number): number {
  if (weight === 0) return deniedMiddle;
  return weight * (weight > 0 ? deniedPraise : deniedBlame);
}
