import { createHash } from 'node:crypto';
import type { Term } from '../../src/ontology/terms.ts';
import { literalKey } from './literal-value.ts';

/** A row of a table or the terms of a quad; what is not bound is undefined. */
export type Tuple = readonly (Term | undefined)[];

type Colours = ReadonlyMap<string, string>;

/**
 * Whether two collections of tuples are equal but for the order of the tuples and the labels of the
 * blank nodes. Colours are refined from each node's neighbourhood; what they leave open is tried out.
 */
export function isomorphic(left: readonly Tuple[], right: readonly Tuple[]): boolean {
  return left.length === right.length && match(left, right, new Map(), new Map());
}

function match(
  left: readonly Tuple[],
  right: readonly Tuple[],
  leftStart: Colours,
  rightStart: Colours,
): boolean {
  const ours = refine(left, leftStart);
  const theirs = refine(right, rightStart);
  if (picture(left, ours) !== picture(right, theirs)) return false;
  const open = ambiguous(ours);
  if (!open) return true;
  const chosen = `chosen ${ours.size} ${open.colour}`;
  const first = new Map(ours).set(open.label, chosen);
  return [...theirs]
    .filter(([, colour]) => colour === open.colour)
    .some(([label]) => match(left, right, first, new Map(theirs).set(label, chosen)));
}

/** A blank node that has the same colour as another one. */
function ambiguous(colours: Colours): { label: string; colour: string } | undefined {
  const seen = new Set<string>();
  for (const [label, colour] of colours) {
    if (seen.has(colour)) return { label, colour };
    seen.add(colour);
  }
  return undefined;
}

const picture = (tuples: readonly Tuple[], colours: Colours): string =>
  tuples
    .map((tuple) => keyOf(tuple, colours))
    .toSorted()
    .join('\n');

function refine(tuples: readonly Tuple[], start: Colours): Colours {
  let colours = start;
  for (let count = -1; ;) {
    colours = repaint(tuples, colours);
    const different = new Set(colours.values()).size;
    if (different === count) return colours;
    count = different;
  }
}

function repaint(tuples: readonly Tuple[], colours: Colours): Colours {
  const surroundings = new Map<string, string[]>();
  for (const tuple of tuples)
    for (const label of labelsOf(tuple)) {
      const keys = surroundings.get(label) ?? [];
      keys.push(keyOf(tuple, new Map(colours).set(label, `self ${colours.get(label) ?? ''}`)));
      surroundings.set(label, keys);
    }
  return new Map(
    [...surroundings].map(([label, keys]) => [label, digest(keys.toSorted().join('\n'))]),
  );
}

const labelsOf = (tuple: Tuple): Set<string> =>
  new Set(
    tuple.flatMap((term): string[] => {
      if (term?.termType === 'BlankNode') return [term.value];
      if (term?.termType !== 'Quad') return [];
      return [...labelsOf([term.subject, term.predicate, term.object])];
    }),
  );

const keyOf = (tuple: Tuple, colours: Colours): string =>
  tuple.map((term) => (term ? termKey(term, colours) : '-')).join(' ');

function termKey(term: Term, colours: Colours): string {
  switch (term.termType) {
    case 'BlankNode':
      return `_:${colours.get(term.value) ?? ''}`;
    case 'Quad':
      return `<<${keyOf([term.subject, term.predicate, term.object], colours)}>>`;
    case 'Literal':
      return literalKey(term);
    default:
      return `<${term.value}>`;
  }
}

const digest = (text: string): string => createHash('sha1').update(text).digest('hex');
