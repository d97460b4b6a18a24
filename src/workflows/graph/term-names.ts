import type { GraphTerms } from './graph-terms.ts';

/** A property, and what it leads to where that is not just text: `gw:providedBy -> gw:Customer`. */
export function rangeOf(property: string, { vocabulary, prefixes }: GraphTerms): string {
  const name = prefixes.shorten(property);
  const known = vocabulary.properties.find(({ iri }) => iri.value === property);
  const range = known?.range && prefixes.shorten(known.range.value);
  if (!range || range === 'xsd:string') return name;
  return known.kind === 'object' ? `${name} -> ${range}` : `${name} ${range}`;
}

/** The prefixes that were used in what is told, with their namespaces. */
export function prefixesOf(told: unknown, { prefixes }: GraphTerms): Record<string, string> {
  const text = JSON.stringify(told);
  return Object.fromEntries(
    Object.entries(prefixes.clear).filter(([prefix]) =>
      new RegExp(String.raw`(^|[^\w:])${prefix}:\w`).test(text),
    ),
  );
}
