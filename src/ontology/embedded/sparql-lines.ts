/** Up to so many statements go one by one, which then is quicker than to put them into such words. */
export const few = 16;

/** Subject and predicate, object, and graph if there is one; such terms are the same in SPARQL. */
const plain = /^([^_\s]\S* \S+) ([^_].*?)(?: <([^<>\s]*)>)? \.$/s;

/** A statement in the words of SPARQL. */
export interface SparqlLine {
  /** Subject, predicate and object. */
  triple: string;
  /** The name of the graph; none stands for the default graph. */
  graph: string | undefined;
}

/** Reads a line of N-Quads; undefined for one with a blank node or a triple term, which have no such words. */
export function sparqlLine(line: string): SparqlLine | undefined {
  const [, start, object, graph] = (!line.includes('<<') && plain.exec(line)) || [];
  return start === undefined ? undefined : { triple: `${start} ${object}`, graph };
}
