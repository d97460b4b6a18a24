/*
 * A statement whose line is certain to be what canonical N-Quads would say, told by one expression: of IRIs
 * and language tags it knows the common forms only, so that whatever it accepts is valid (RFC 3987, BCP 47).
 */
const characters = String.raw`(?:[\w\-.~!$&'()*+,;=:@/?]|%[\dA-Fa-f]{2})*`;
const address = String.raw`[A-Za-z][A-Za-z\d+.\-]*:(?:\/\/[A-Za-z\d._\-]+(?::\d{1,5})?(?=[/?#>])|(?!\/\/))${characters}(?:#${characters})?`;
const iri = `<${address}>`;
const blank = String.raw`_:[A-Za-z\d]+(?:-[A-Za-z\d]+)?`;
// oxlint-disable-next-line no-control-regex -- those are what must be escaped
const text = /"(?:[^"\\\u0000-\u001f\u007f]|\\[btnfr"\\])*"/.source;
const implied = String.raw`http:\/\/www\.w3\.org\/(?:2001\/XMLSchema#string|1999\/02\/22-rdf-syntax-ns#(?:dirLangString|langString))>`;
const literal = String.raw`${text}(?:@[A-Za-z]{2,3}(?:-[A-Z]{2})?|\^\^<(?!${implied})${address}>)?`;

/** Groups: the blank nodes' labels as subject, object and graph; the graph's name; where the graph begins. */
const line = new RegExp(
  `^(?:${iri}|(${blank})) ${iri} (?:${iri}|(${blank})|${literal})(?: <(${address})>)? \\.$`,
);

/** What {@link plainStatement} tells of a line. */
export interface PlainStatement {
  /** With the `_:` before them. */
  blankSubject?: string;
  blankObject?: string;
  graph?: string;
}

/** Reads a line of N-Quads that is as plain and canonical as can be; undefined for every other, valid or not. */
export function plainStatement(statement: string): PlainStatement | undefined {
  const found = line.exec(statement);
  if (!found) return undefined;
  const [, blankSubject, blankObject, graph] = found;
  return { blankSubject, blankObject, graph };
}
