import { namespace, type Quad } from '../../ontology/terms.ts';
import { prefixes as usual } from '../expose/mcp/turtle-of.ts';

const vann = namespace('http://purl.org/vocab/vann/');

/** The prefixes that a graph's callers may write without declaring them, with their namespaces. */
export class Prefixes {
  readonly #namespaces = new Map<string, Set<string>>();

  /** The usual ones, and those that ontologies prefer for themselves (VANN). */
  constructor(ontologies: readonly Quad[]) {
    for (const [prefix, base] of Object.entries(usual)) this.#add(prefix, base);
    for (const { subject, predicate, object } of ontologies) {
      if (!predicate.equals(vann('preferredNamespacePrefix'))) continue;
      const base = ontologies.find(
        (quad) =>
          quad.subject.equals(subject) && quad.predicate.equals(vann('preferredNamespaceUri')),
      );
      if (base && /^[A-Za-z][\w-]*$/.test(object.value)) this.#add(object.value, base.object.value);
    }
  }

  get names(): string[] {
    return [...this.#namespaces.keys()].toSorted();
  }

  /** Those that stand for one namespace alone. */
  get clear(): Record<string, string> {
    return Object.fromEntries(
      [...this.#namespaces].flatMap(([prefix, [only, ...more]]) =>
        more.length === 0 ? [[prefix, only!]] : [],
      ),
    );
  }

  /** Every namespace that a prefix may stand for. */
  namespacesOf(prefix: string): string[] {
    return [...(this.#namespaces.get(prefix) ?? [])];
  }

  /** An IRI as queries write it: `gw:Customer`, or in angle brackets. */
  shorten(value: string): string {
    for (const [prefix, base] of Object.entries(this.clear))
      if (value.startsWith(base) && /^\w+$/.test(value.slice(base.length)))
        return `${prefix}:${value.slice(base.length)}`;
    return `<${value}>`;
  }

  /** What was shortened, or an IRI with or without angle brackets, as an IRI; else the text itself. */
  expand(text: string): string {
    const [, prefix, local] = /^([A-Za-z][\w-]*):(\w+)$/.exec(text) ?? [];
    const base = prefix === undefined ? undefined : this.clear[prefix];
    return base === undefined ? text.replace(/^<(.*)>$/s, '$1') : base + local;
  }

  #add(prefix: string, base: string): void {
    this.#namespaces.set(prefix, (this.#namespaces.get(prefix) ?? new Set()).add(base));
  }
}
