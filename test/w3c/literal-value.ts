import type { Literal } from '../../src/ontology/terms.ts';

const xsd = 'http://www.w3.org/2001/XMLSchema#';

/** Lexical forms that stand for the same value, by datatype; the suites let a store choose among them. */
const canonical: Record<string, (form: string) => string> = {
  integer: (form) => (/^[+-]?\d+$/.test(form) ? String(BigInt(form.replace('+', ''))) : form),
  decimal: (form) => {
    const [, sign, whole, fraction = ''] = /^([+-]?)0*(\d*)\.?(\d*?)0*$/.exec(form) ?? [];
    if (whole === undefined || (whole === '' && !/\d/.test(form))) return form;
    return `${sign === '-' ? '-' : ''}${whole || '0'}${fraction && `.${fraction}`}`;
  },
  double: float,
  float,
  boolean: (form) => (form === '1' ? 'true' : form === '0' ? 'false' : form),
  dateTime: zone,
  date: zone,
  time: zone,
};

function float(form: string): string {
  const number = Number(form.replace('INF', 'Infinity'));
  return form.trim() === '' || Number.isNaN(number) ? form : String(number);
}

function zone(form: string): string {
  return form.replace(/\.0+(?=[Z+-]|$)/, '').replace(/[+-]00:00$/, 'Z');
}

/** One text for all literals of the same datatype and value. */
export function literalKey(term: Literal): string {
  const { value, datatype, language } = term;
  const form = datatype.value.startsWith(xsd) && canonical[datatype.value.slice(xsd.length)];
  // Language tags are the same in upper and lower case.
  return JSON.stringify([
    form ? form(value) : value,
    datatype.value,
    language.toLowerCase(),
    ('direction' in term && term.direction) || '',
  ]);
}
