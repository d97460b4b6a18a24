import { readFileSync } from 'node:fs';

/** A fenced block of a Markdown file: its language, the words behind that, and its text. */
export interface Block {
  language: string;
  /** From `file=NAME`. */
  file?: string;
  words: string[];
  text: string;
}

/** Every fenced block of a Markdown file, in order. */
export function blocksOf(path: string): Block[] {
  const markdown = readFileSync(path, 'utf8');
  return [...markdown.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)].map(
    ([, language = '', info = '', text = '']) => {
      const words = info.trim().split(/\s+/).filter(Boolean);
      const file = words.find((word) => word.startsWith('file='))?.slice('file='.length);
      return { language, words, text, ...(file && { file }) };
    },
  );
}
