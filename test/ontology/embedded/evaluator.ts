/** A statement: graph (empty for the default one), subject, predicate, object, as SPARQL writes them. */
export type Statement = readonly [
  graph: string,
  subject: string,
  predicate: string,
  object: string,
];

/** One operation of an update, as data. */
export type Operation =
  | { type: 'insert' | 'delete'; statements: readonly Statement[] }
  | { type: 'swap'; graph: string }
  | { type: 'rename'; graph: string; from: string; to: string }
  | { type: 'deletewhere'; graph: string; predicate: string }
  | { type: 'copy' | 'move' | 'add'; from: string; to: string }
  | { type: 'clear' | 'drop'; graph: string };

const text = (statement: Statement) => statement.join(' ');

/** The operation as SPARQL. */
export function sparqlOf(operation: Operation): string {
  switch (operation.type) {
    case 'insert':
    case 'delete':
      return `${operation.type} DATA { ${operation.statements
        .map(([g, ...triple]) =>
          g ? `GRAPH ${g} { ${triple.join(' ')} }` : `${triple.join(' ')} .`,
        )
        .join('\n')} }`;
    case 'swap':
      return `WITH ${operation.graph} DELETE { ?s ?p ?o } INSERT { ?o ?p ?s } WHERE { ?s ?p ?o FILTER isIRI(?o) }`;
    case 'rename':
      return `WITH ${operation.graph} DELETE { ${operation.from} ?p ?o } INSERT { ${operation.to} ?p ?o } WHERE { ${operation.from} ?p ?o }`;
    case 'deletewhere':
      return `DELETE WHERE { GRAPH ${operation.graph} { ?s ${operation.predicate} ?o } }`;
    case 'copy':
    case 'move':
    case 'add':
      return `${operation.type} SILENT ${operation.from} TO ${operation.to}`;
    default:
      return `${operation.type} SILENT GRAPH ${operation.graph}`;
  }
}

/** SPARQL 1.1 Update on a set of strings: slow and plain, to compare the real one with. */
export class Evaluator {
  #statements = new Map<string, Statement>();
  /** Every graph that came into being; one without statements can still be copied. */
  readonly #graphs = new Set<string>();

  /** All statements, as sorted text. */
  get contents(): string[] {
    return [...this.#statements.keys()].toSorted();
  }

  run(operation: Operation): void {
    switch (operation.type) {
      case 'insert':
        return this.#change([], operation.statements);
      case 'delete':
        return this.#change(operation.statements, []);
      case 'swap': {
        const found = this.#of(operation.graph).filter(([, , , object]) => object.startsWith('<'));
        return this.#change(
          found,
          found.map(([g, s, p, o]) => [g, o, p, s]),
        );
      }
      case 'rename': {
        const found = this.#of(operation.graph).filter(([, s]) => s === operation.from);
        return this.#change(
          found,
          found.map(([g, , p, o]) => [g, operation.to, p, o]),
        );
      }
      case 'deletewhere':
        return this.#change(
          this.#of(operation.graph).filter(([, , p]) => p === operation.predicate),
          [],
        );
      case 'clear':
      case 'drop':
        this.#change(this.#of(operation.graph), []);
        if (operation.type === 'drop') this.#graphs.delete(operation.graph);
        return;
      default:
        return this.#copy(operation);
    }
  }

  #copy({ type, from, to }: { type: 'copy' | 'move' | 'add'; from: string; to: string }): void {
    if (from === to || !this.#graphs.has(from)) return;
    const source = this.#of(from);
    if (type !== 'add') this.#change(this.#of(to), []);
    this.#graphs.add(to);
    this.#change(
      [],
      source.map(([, s, p, o]) => [to, s, p, o]),
    );
    if (type !== 'move') return;
    this.#change(source, []);
    this.#graphs.delete(from);
  }

  #of(graph: string): Statement[] {
    return [...this.#statements.values()].filter(([g]) => g === graph);
  }

  #change(removed: readonly Statement[], inserted: readonly Statement[]): void {
    for (const statement of removed) this.#statements.delete(text(statement));
    for (const statement of inserted) {
      this.#statements.set(text(statement), statement);
      if (statement[0]) this.#graphs.add(statement[0]);
    }
  }
}
