const shacl = 'http://www.w3.org/ns/shacl#';

/** The text of a term of the SHACL vocabulary. */
export const sh = (name: string): string => `<${shacl}${name}>`;

/** The name of a term of the SHACL vocabulary, and nothing for any other term. */
export const shName = (text: string): string | undefined =>
  text.startsWith(`<${shacl}`) ? text.slice(shacl.length + 1, -1) : undefined;

const rdf = (name: string) => `<http://www.w3.org/1999/02/22-rdf-syntax-ns#${name}>`;
const rdfs = (name: string) => `<http://www.w3.org/2000/01/rdf-schema#${name}>`;

export const type = rdf('type');
export const first = rdf('first');
export const rest = rdf('rest');
export const nil = rdf('nil');
export const subClassOf = rdfs('subClassOf');
export const rdfsClass = rdfs('Class');
export const owlClass = '<http://www.w3.org/2002/07/owl#Class>';
