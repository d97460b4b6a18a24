import { createHash } from 'node:crypto';
import { factory, type NamedNode, type Quad, type Term } from './terms.ts';

/**
 * Gives blank nodes IRIs (RDF 1.1 Concepts, section 3.5) that follow from what is said of them, so that
 * an edit elsewhere in the same file leaves them as they are. Two that say the same stay two.
 * @param name Makes the IRI of a digest, which is unique within the quads.
 */
export function skolemize(quads: readonly Quad[], name: (digest: string) => NamedNode): Quad[] {
  const iris = new Map([...digests(quads)].map(([label, digest]) => [label, name(digest)]));
  const rename = <T extends Term>(term: T): T | NamedNode | Quad => {
    if (term.termType === 'BlankNode') return iris.get(term.value) ?? name(term.value);
    return term.termType === 'Quad' ? renameIn(term as unknown as Quad) : term;
  };
  const renameIn = ({ subject, predicate, object }: Quad): Quad =>
    factory.quad(rename(subject) as Quad['subject'], predicate, rename(object) as Quad['object']);
  return quads.map(renameIn);
}

/** A digest for each blank node that is a subject: its own statements, and those of the nodes it holds. */
function digests(quads: readonly Quad[]): Map<string, string> {
  const statements = statementsOf(quads);
  const known = new Map<string, string>();
  const repeats = new Map<string, number>();
  const settle = (label: string) => {
    if (known.has(label)) return;
    const lines = statements.get(label)!.map((quad) => line(quad, known));
    const digest = createHash('sha256').update(lines.toSorted().join('\n')).digest('hex');
    const count = (repeats.get(digest) ?? 0) + 1;
    repeats.set(digest, count);
    known.set(label, count === 1 ? digest : `${digest}-${count}`);
  };
  for (const label of statements.keys()) for (const each of inside(label, statements)) settle(each);
  return known;
}

function statementsOf(quads: readonly Quad[]): Map<string, Quad[]> {
  const statements = new Map<string, Quad[]>();
  for (const quad of quads) {
    if (quad.subject.termType !== 'BlankNode') continue;
    const list = statements.get(quad.subject.value);
    if (list) list.push(quad);
    else statements.set(quad.subject.value, [quad]);
  }
  return statements;
}

/** A node and those it holds, the innermost first; without recursion, as a list may be long. */
function inside(label: string, statements: ReadonlyMap<string, Quad[]>): string[] {
  const found = new Set<string>();
  const open = [label];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    // A node that comes up again is held by a later one too and must precede both.
    found.delete(next);
    found.add(next);
    for (const { object } of statements.get(next)!)
      if (statements.has(object.value) && !found.has(object.value)) open.push(object.value);
  }
  return [...found].toReversed();
}

/** A statement without its subject; of a node in a loop nothing is known yet. */
function line({ predicate, object }: Quad, known: ReadonlyMap<string, string>): string {
  const held = object.termType === 'BlankNode' ? (known.get(object.value) ?? 'loop') : object;
  return JSON.stringify([predicate, held]);
}
