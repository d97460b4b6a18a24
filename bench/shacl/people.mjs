// What both benchmarks of shapes measure with: people with five properties, and a shape for these.

/** The N-Triples of `count` people; every `wrongEvery`th has an age below zero. */
export function people(count, wrongEvery = Infinity) {
  const lines = [];
  for (let n = 0; n < count; n += 1) {
    const person = `<https://example.org/person/${n}>`;
    const age = n % wrongEvery === wrongEvery - 1 ? -1 : n % 90;
    lines.push(
      `${person} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/Person> .`,
      `${person} <https://example.org/name> "Person ${n}" .`,
      `${person} <https://example.org/age> "${age}"^^<http://www.w3.org/2001/XMLSchema#integer> .`,
      `${person} <https://example.org/email> "person${n}@example.org" .`,
      `${person} <https://example.org/segment> "${n % 3 ? 'standard' : 'premium'}" .`,
      `${person} <https://example.org/knows> <https://example.org/person/${(n * 7) % count}> .`,
    );
  }
  return `${lines.join('\n')}\n`;
}

export const shapes = `
@prefix ex: <https://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

ex:PersonShape a sh:NodeShape ;
  sh:targetClass ex:Person ;
  sh:property [ sh:path ex:name ; sh:datatype xsd:string ; sh:minCount 1 ; sh:maxCount 1 ] ;
  sh:property [ sh:path ex:age ; sh:datatype xsd:integer ; sh:minInclusive 0 ; sh:maxCount 1 ] ;
  sh:property [ sh:path ex:email ; sh:pattern "^[^@]+@[^@]+$" ; sh:minCount 1 ] ;
  sh:property [ sh:path ex:segment ; sh:in ( "standard" "premium" ) ] ;
  sh:property [ sh:path ex:knows ; sh:class ex:Person ; sh:nodeKind sh:IRI ] .
`;
