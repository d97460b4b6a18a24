import type { SentimentAnalysis } from './language.ts';
import { Phrases } from './phrases.ts';
import {
  boundaries,
  contrasts,
  degrees,
  idioms,
  middling,
  moodless,
  negations,
} from './sentiment-lexicon.ts';
import type { Token, Wink } from './wink.ts';

/** A stretch of the text that tells a mood; weight 0 tells that there is none. */
interface Hit {
  from: number;
  to: number;
  weight: number;
}

const phrases = new Phrases<number>([
  ...idioms.flatMap(([weight, list]) => list.split(',').map((p) => [words(p), weight] as const)),
  ...moodless.map((word) => [[word], 0] as const),
]);
const negating = new Set(negations);
const closing = new Set(boundaries);
const contrasting = new Set(contrasts);
const indifferent = new Set(middling);
const ends = new Set(['.', '!', '?', '...']);
function words(phrase: string): string[] {
  return phrase.trim().split(/\s+/);
}

const P = (globalThis as {P?: Record<string, number>}).P ??= { reach: 5, praise: 0.9, blame: 0.6, before: 0.5, after: 1.3, unmet: 0.3, minv: 0.1, too: 0.5 };

export function sentimentOf(text: string, wink: Wink): SentimentAnalysis {
  const tokens = wink.tokens(text).filter(({ word }) => word !== '-');
  const hits = weigh(tokens, find(tokens, wink));
  return { ...total(hits), evidence: hits.filter(h=>true).map(({ from, to }) => text.slice(tokens[from]!.start, tokens[to - 1]!.end)) };
}

function find(tokens: readonly Token[], wink: Wink): Hit[] {
  const row = tokens.map(({ word }) => word);
  const hits: Hit[] = [];
  let negated = -1; // index of the negation in force
  let met = true;
  const close = (at: number) => { if (negated >= 0 && !met && (row[negated] === 'not' || row[negated] === 'never' || row[negated] === 'no')) hits.push({ from: negated, to: Math.min(negated + 2, at), weight: -P.unmet! }); negated = -1; met = true; };
  for (let at = 0; at < row.length; ) {
    const word = row[at]!;
    if (closing.has(word) || (negated >= 0 && at - negated > P.reach!)) close(at);
    const phrase = phrases.at(row, at);
    const own = phrase && phrase.value;
    const holds = phrase && row.slice(phrase.from, phrase.to).some((w) => negating.has(w));
    if (!phrase && negating.has(word)) { close(at); negated = at; met = false; at += 1; continue; }
    const to = phrase ? phrase.to : at + 1;
    if (!phrase && indifferent.has(word)) { hits.push({ from: at, to, weight: 0 }); met = true; at = to; continue; }
    let value = own ?? wink.valence(word);
    if (Math.abs(value) < P.minv!) value = 0;
    if (value !== 0) {
      let from = at;
      const degree = degrees[row[at - 1] ?? ''];
      if (degree) { value *= degree; from = at - 1; }
      if (negated >= 0 && !holds) { value *= value > 0 ? -P.praise! : -P.blame!; from = negated; met = true; }
      else if (holds) { negated = -1; met = true; }
      hits.push({ from, to, weight: value });
    } else if (word === 'too' && at + 1 < row.length && !closing.has(row[at + 1]!) && wink.valence(row[at+1]!) <= 0) {
      hits.push({ from: at, to: at + 2, weight: -P.too! });
    }
    at = to;
  }
  close(row.length);
  return hits;
}

function weigh(tokens: readonly Token[], hits: Hit[]): Hit[] {
  let turn = -1;
  // sentences
  const out: Hit[] = [];
  let start = 0;
  for (let i = 0; i <= tokens.length; i++) {
    if (i === tokens.length || ends.has(tokens[i]!.word)) {
      turn = -1;
      for (let j = start; j < i; j++) if (contrasting.has(tokens[j]!.word) && j > start) turn = j;
      for (const h of hits) if (h.from >= start && h.from < i + 1 && h.from<Math.max(i,start+1)) out.push(turn < 0 ? h : { ...h, weight: h.weight * (h.from < turn ? P.before! : P.after!) });
      start = i + 1;
    }
  }
  return out;
}

function total(hits: readonly Hit[]) {
  let praise = 0, blame = 0, none = 0;
  for (const { weight } of hits) { if (weight > 0) praise += weight; else if (weight < 0) blame -= weight; else none += 0.5; }
  const sum = praise - blame;
  const score = sum / Math.sqrt(1 + sum * sum);
  const mass = praise + blame + none + 0.5;
  const sentiment = score > 0.05 ? 'positive' as const : score < -0.05 ? 'negative' as const : 'neutral' as const;
  return { sentiment, score, confidence: (sentiment === 'neutral' ? none : Math.abs(sum)) / mass };
}
