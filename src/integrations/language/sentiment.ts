import { mostEvidence, type SentimentAnalysis } from './language.ts';
import { moodsOf, type Mood } from './moods.ts';
import { contrasts } from './sentiment-lexicon.ts';
import type { Token, Wink } from './wink.ts';

const contrasting = new Set(contrasts);
const ending = new Set(['.', '!', '?', '...']);
const beforeContrast = 0.5;
const afterContrast = 1.3;
const undecided = 0.05;
/** What stands for the unsaid, so that one weak word alone gives little confidence. */
const doubt = 0.5;

/** Tells the mood of an English text by its words; of other languages it says neutral, with confidence 0. */
export function sentimentOf(text: string, { tokens: read, valence }: Wink): SentimentAnalysis {
  const tokens = read(text).filter(({ word }) => word !== '-');
  const words = tokens.map(({ word }) => word);
  const moods = moodsOf(words, valence);
  const quotes = new Set(moods.map((mood) => quote(text, tokens, mood)));
  const evidence = [...quotes].slice(0, mostEvidence);
  return { ...sum(moods, importance(words)), evidence };
}

function sum(moods: readonly Mood[], factors: readonly number[]) {
  const weights = moods.map(({ from, weight }) => weight * factors[from]!);
  const total = add(weights);
  const score = total / Math.sqrt(1 + total * total);
  const neither = doubt * weights.filter((weight) => weight === 0).length;
  const decisive = Math.abs(score) < undecided ? neither : Math.abs(total);
  const confidence = decisive / (add(weights.map(Math.abs)) + neither + doubt);
  return { sentiment: sentimentAt(score), score, confidence };
}

function sentimentAt(score: number): SentimentAnalysis['sentiment'] {
  if (Math.abs(score) < undecided) return 'neutral';
  return score > 0 ? 'positive' : 'negative';
}

/** How much each word counts: in "nice, but it broke", what follows the "but" counts more. */
function importance(words: readonly string[]): number[] {
  const factors: number[] = words.map(() => 1);
  let start = 0;
  let turn = 0;
  words.forEach((word, at) => {
    if (contrasting.has(word)) turn = at;
    if (!ending.has(word) && at < words.length - 1) return;
    if (turn > start) weigh(factors, start, turn, at + 1);
    start = turn = at + 1;
  });
  return factors;
}

function weigh(factors: number[], start: number, turn: number, end: number): void {
  factors.fill(beforeContrast, start, turn);
  factors.fill(afterContrast, turn, end);
}

function quote(text: string, tokens: readonly Token[], { from, to }: Mood): string {
  return text.slice(tokens[from]!.start, tokens[to - 1]!.end);
}

function add(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
