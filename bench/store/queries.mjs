// The selective queries of the measurements: each touches a handful of statements.
const prologue = 'PREFIX v: <http://example.org/vocabulary#>\n';
const product = (n) => `<http://example.org/product/${n}>`;

export const point = (n) => `SELECT ?p ?o { ${product(n)} ?p ?o }`;

export const selective = [
  point,
  (n) =>
    `${prologue}SELECT ?label ?price ?stock { ${product(n)} v:label ?label ; v:price ?price ; v:stock ?stock }`,
  (n) =>
    `${prologue}SELECT ?label { ${product(n)} v:similar/v:similar ?other . ?other v:label ?label }`,
  (n) =>
    `${prologue}SELECT ?maker ?comment { ${product(n)} v:maker ?maker OPTIONAL { ${product(n)} v:comment ?comment } }`,
];

/** Runs until it is ended: a product of four times the whole graph. */
export const endless = 'SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }';
