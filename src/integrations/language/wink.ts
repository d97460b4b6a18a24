import type { ItsFunction, WinkMethods } from 'wink-nlp';

/** One word, mark or emoji of a text. */
export interface Token {
  /** In lower case, with contractions spelled out: "wouldn’t" gives `would` and `not`. */
  word: string;
  /** Its stem after Porter, which "crashes" and "crashed" share. */
  stem: string;
  /** Where it stands in the text, in UTF-16 units; `end` is exclusive. */
  start: number;
  end: number;
}

/** What the sentiment and the categories need of wink-nlp. */
export interface Wink {
  tokens(text: string): Token[];
  /** How good or bad wink holds this word alone to be, from -1 to 1; 0 when it does not know it. */
  valence(word: string): number;
}

const longestWord = 64;
const knownWords = 20_000;

let loading: Promise<Wink> | undefined;

/** Loads wink-nlp and its English model, once and not before it is needed: it takes about 150 ms. */
export function wink(): Promise<Wink> {
  return (loading ??= load());
}

async function load(): Promise<Wink> {
  const [{ default: winkNLP }, { default: model }] = await Promise.all([
    import('wink-nlp'),
    import('wink-eng-lite-web-model'),
  ]);
  const nlp = winkNLP(model, ['sbd', 'negation', 'sentiment']);
  return { tokens: (text) => tokens(nlp, text), valence: remember((word) => valence(nlp, word)) };
}

function tokens({ readDoc, its }: WinkMethods, text: string): Token[] {
  const readable = bounded(text.replaceAll('’', "'"));
  const all = readDoc(readable).tokens();
  const words = all.out(its.normal);
  const stems = all.out(its.stem as ItsFunction<string>);
  let end = 0;
  return all.out().map((token, index) => {
    const start = readable.indexOf(token, end);
    end = start + token.length;
    return { word: words[index]!, stem: stems[index]!, start, end };
  });
}

/** wink's time grows with the square of a word's length: 7 s for 100 KB without a space. */
function bounded(text: string): string {
  const endless = new RegExp(`[^\\s\\p{Extended_Pictographic}]{${longestWord + 1},}`, 'gu');
  return text.replace(endless, (word) => ' '.repeat(word.length));
}

function valence({ readDoc, its }: WinkMethods, word: string): number {
  return Number(readDoc(word).out(its.sentiment));
}

function remember(ask: (word: string) => number): (word: string) => number {
  const known = new Map<string, number>();
  return (word) => {
    let answer = known.get(word);
    if (answer === undefined) {
      if (known.size >= knownWords) known.clear();
      known.set(word, (answer = ask(word)));
    }
    return answer;
  };
}
