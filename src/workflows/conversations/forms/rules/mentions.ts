import type { Field } from '../field.ts';
import { namesOf } from './commands.ts';

/** A field that is named in a text, with what is said of it. */
export interface Mention {
  readonly field: Field;
  readonly start: number;
  readonly end: number;
  /** What follows the name, up to the next name or the end of the sentence. */
  readonly said: string;
  /** Where that begins in the text. */
  readonly from: number;
  /** Whether a word such as `is` joins the two. */
  readonly joined: boolean;
}

const joint =
  /^\s*(?:(?:is|was|are|were|be|should be|should have been|will be|would be)\s+(?:actually\s+|really\s+|not\s+)?|[:=]\s*|to\s+|as\s+|['’]s\s+|,?\s*it['’]?s\s+|,?\s*it is\s+)/i;
const sentence =
  /[;\n]|[.!?](?=\s+\p{Lu})|,?\s+(?:and|but)\s+(?=(?:my|the|i|i['’]m)\b)|,\s+(?=(?:my|the|i|i['’]m)\b)/iu;

/** Finds the fields that a text names, in order; of two names in one place the longer counts. */
export function mentionsIn(text: string, fields: readonly Field[]): readonly Mention[] {
  const found = fields
    .flatMap((field) => namesOf(field).flatMap((name) => places(text, name, field)))
    .toSorted((a, b) => a.start - b.start || b.end - a.end);
  const apart = found.filter(
    ({ start, end }, index) =>
      !found.some((other, at) => at !== index && covers(other, { start, end }, at < index)),
  );
  return apart.map((mention, index) => {
    const rest = text.slice(mention.end, apart[index + 1]?.start ?? text.length);
    const [joining = ''] = joint.exec(rest) ?? [];
    const said = rest.slice(joining.length);
    const stop = sentence.exec(said)?.index ?? said.length;
    return {
      ...mention,
      said: said.slice(0, stop),
      from: mention.end + joining.length,
      joined: joining !== '',
    };
  });
}

const covers = (
  other: { start: number; end: number },
  { start, end }: { start: number; end: number },
  first: boolean,
) => other.start <= start && other.end >= end && (other.end - other.start > end - start || first);

function places(text: string, name: string, field: Field) {
  const words = name
    .split(/\s+/)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`));
  const pattern = new RegExp(
    String.raw`(?<![\p{L}\p{N}_])${words.join(String.raw`\s+`)}(?![\p{L}\p{N}_])`,
    'giu',
  );
  return [...text.matchAll(pattern)].map(({ index, 0: { length } }) => ({
    field,
    start: index,
    end: index + length,
  }));
}
