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

/** A digest for each blank node: of its own statements and those of the nodes it holds. */
function digests(quads: readonly Quad[]): Map<string, string> {
  const statements = statementsOf(quads);
  const known = new Map<string, string>();
  const repeats = new Map<string, number>();
  for (const label of innermostFirst(statements)) {
    const lines = statements.get(label)!.map((quad) => line(quad, known));
    const digest = createHash('sha256').update(lines.toSorted().join('\n')).digest('hex');
    const count = (repeats.get(digest) ?? 0) + 1;
    repeats.set(digest, count);
    known.set(label, count === 1 ? digest : `${digest}-${count}`);
  }
  return known;
}

function statementsOf(quads: readonly Quad[]): Map<string, Quad[]> {
  const statements = new Map<string, Quad[]>();
  const of = ({ value }: Term) => statements.get(value) ?? statements.set(value, []).get(value)!;
  for (const quad of quads) {
    if (quad.subject.termType === 'BlankNode') of(quad.subject).push(quad);
    if (quad.object.termType === 'BlankNode') of(quad.object);
  }
  return statements;
}

/** The nodes, each after those it holds; without recursion, as a list may be long. */
function innermostFirst(statements: ReadonlyMap<string, Quad[]>): string[] {
  const seen = new Set<string>();
  const done: string[] = [];
  const open = [...statements.keys()].map((label) => ({ label, entered: false }));
  for (let next = open.pop(); next; next = open.pop()) {
    const { label, entered } = next;
    if (entered) done.push(label);
    if (seen.has(label)) continue;
    seen.add(label);
    open.push({ label, entered: true });
    for (const { object } of statements.get(label)!)
      if (object.termType === 'BlankNode') open.push({ label: object.value, entered: false });
  }
  return done;
}

/** A statement without its subject; of a node in a loop nothing is known yet. */
function line({ predicate, object }: Quad, known: ReadonlyMap<string, string>): string {
  const held = object.termType === 'BlankNode' ? (known.get(object.value) ?? 'loop') : object;
  return JSON.stringify([predicate, held]);
}
