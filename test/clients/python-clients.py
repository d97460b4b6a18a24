"""Uses SPARQLWrapper and rdflib's SPARQLUpdateStore against the server at the address given."""

import sys
from rdflib import RDF, XSD, Dataset, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore
from SPARQLWrapper import CSV, GET, JSON, N3, POST, RDFXML, TURTLE, XML, SPARQLExceptions, SPARQLWrapper

origin = sys.argv[1]
graph, s, p = URIRef("urn:py"), URIRef("urn:s"), URIRef("urn:p")


def wrapper(query, path="/query", method=GET, answer=JSON):
    client = SPARQLWrapper(origin + path)
    client.setQuery(query)
    client.setMethod(method)
    client.setReturnFormat(answer)
    return client


update = 'INSERT DATA { GRAPH <urn:wrapper> { <urn:s> <urn:p> "Grüße"@de , 2 } }'
wrapper(update, "/update", POST).query()
table = "SELECT ?o { GRAPH <urn:wrapper> { ?s ?p ?o } } ORDER BY ?o"
for method in (GET, POST):
    rows = wrapper(table, method=method).query().convert()["results"]["bindings"]
    assert sorted(row["o"]["value"] for row in rows) == ["2", "Grüße"], rows
assert "Grüße" in wrapper(table, answer=XML).query().convert().toxml()
assert "Grüße" in wrapper(table, answer=CSV).query().convert().decode("utf-8")
assert wrapper("ASK {}").query().convert()["boolean"] is True
construct = "CONSTRUCT { ?s ?p ?o } { GRAPH <urn:wrapper> { ?s ?p ?o } }"
assert len(wrapper(construct, answer=RDFXML).query().convert()) == 2
turtle = wrapper(construct, answer=TURTLE).query().convert()
assert len(Graph().parse(data=turtle, format="turtle")) == 2
scoped = wrapper("SELECT ?o { ?s ?p ?o }")
scoped.addDefaultGraph("urn:wrapper")
assert len(scoped.query().convert()["results"]["bindings"]) == 2
try:
    wrapper("SELECT {").query()
    raise SystemExit("A broken query was answered")
except SPARQLExceptions.QueryBadFormed as error:
    assert "invalid_query" in str(error), error

for encoded in (True, False):
    store = SPARQLUpdateStore(origin + "/query", origin + "/update", postAsEncoded=encoded)
    named = Graph(store, identifier=graph)
    named.remove((None, None, None))
    named.add((s, p, Literal("Grüße\n\"x\"", lang="de")))
    named.add((s, p, Literal(5, datatype=XSD.integer)))
    named.add((s, RDF.type, URIRef("urn:C")))
    assert len(named) == 3, len(named)
    assert set(named.objects(s, RDF.type)) == {URIRef("urn:C")}
    assert Literal("Grüße\n\"x\"", lang="de") in set(named.objects(s, p))
    found = named.query("SELECT ?o WHERE { ?s a ?o }")
    assert [row.o for row in found] == [URIRef("urn:C")]
    named.update("DELETE { ?s ?p 5 } INSERT { ?s ?p 6 } WHERE { ?s ?p 5 }")
    assert Literal(6) in set(named.objects(s, p))
    named.remove((s, p, Literal(6)))
    assert len(named) == 2
    assert graph in {each.identifier for each in Dataset(store).graphs()}

print("All is well")
