import type { Row } from '../../ontology/store.ts';
import { xsd, type Term } from '../../ontology/terms.ts';

const numbers = new Set(
  [
    'integer decimal double float long int short byte nonNegativeInteger positiveInteger',
    'nonPositiveInteger negativeInteger unsignedLong unsignedInt unsignedShort unsignedByte',
  ]
    .join(' ')
    .split(' ')
    .map((name) => xsd(name).value),
);

/**
 * A term as JSON: a number or a boolean as such where JSON can hold it, an IRI and everything else as its
 * text, a blank node as `_:label`.
 */
export function jsonValue(term: Term): string | number | boolean {
  if (term.termType === 'BlankNode') return `_:${term.value}`;
  if (term.termType === 'Quad')
    return `<<( ${[term.subject, term.predicate, term.object].map(jsonValue).join(' ')} )>>`;
  if (term.termType !== 'Literal') return term.value;
  const { value, datatype } = term;
  if (datatype.equals(xsd('boolean'))) return value === 'true' || value === '1';
  if (!numbers.has(datatype.value) || value.trim() === '') return value;
  const number = Number(value);
  const isExact =
    Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return isExact ? number : value;
}

/** A solution as JSON; what is unbound is not there. */
export const jsonRow = (row: Row): Record<string, string | number | boolean> =>
  Object.fromEntries(Object.entries(row).map(([name, term]) => [name, jsonValue(term)]));
