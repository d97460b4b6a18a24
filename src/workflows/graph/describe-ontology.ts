import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { readableStore } from '../../ontology/rights/current-rights.ts';
import { sparql } from '../../ontology/sparql.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { Workflow, type Run } from '../workflow.ts';
import { ClassDescription, describeClass } from './describe-class.ts';
import { countedClasses, findClass, type CountedClass } from './find-class.ts';
import { patience, type GraphToolConfiguration } from './graph-tool.ts';
import { graphTerms, type Looking } from './graph-terms.ts';
import { prefixesOf, rangeOf } from './term-names.ts';

const Parameters = z.object({
  class: z
    .string()
    .min(1)
    .max(2_000)
    .optional()
    .describe('A class, such as gw:Customer, to be told more of it; all classes when left out'),
  offset: z.number().int().min(0).default(0).describe('How many classes to skip'),
  limit: z.number().int().min(1).max(50).default(15).describe('How many classes at most'),
});

const Result = z.object({
  prefixes: z.record(z.string(), z.string()).describe('What query_graph takes without PREFIX'),
  classes: z.array(ClassDescription).describe('Those with the most individuals first'),
  unused: z.array(z.string()).optional().describe('Classes without individuals'),
  more: z.number().int().describe('How many classes are left to tell of'),
});

/** Tells what is in the graph: classes and properties, how often each is used, and examples. */
export class DescribeOntology extends Workflow<GraphToolConfiguration> {
  readonly name = 'describe_ontology';
  readonly description =
    'Tell what the knowledge graph holds: its classes with their properties and how many individuals each has; of one class also values, examples and links. Ask this before query_graph.';
  readonly parameters = Parameters;
  readonly result = Result;
  override readonly hints = { readOnly: true, idempotent: true };

  async run(
    { class: wanted, offset, limit }: z.output<typeof Parameters>,
    { signal }: Run,
  ): Promise<z.input<typeof Result>> {
    const store = readableStore(this.configuration.store);
    const options = { signal, timeout: this.configuration.timeout ?? patience };
    const terms = await graphTerms(store, options);
    const classes = await countedClasses(store, terms, options);
    if (wanted !== undefined) {
      const described = await describeClass(store, findClass(classes, terms, wanted), {
        terms,
        options,
      });
      return { prefixes: prefixesOf([described], terms), classes: [described], more: 0 };
    }
    const used = classes.filter(({ count }) => count > 0);
    const shown = used.slice(offset, offset + limit);
    const told = await overview(store, shown, { terms, options });
    const names = classes
      .filter(({ count }) => count === 0)
      .map(({ iri }) => terms.prefixes.shorten(iri.value));
    const unused = offset === 0 && names.length > 0 ? names.slice(0, 50) : undefined;
    const more = Math.max(0, used.length - offset - shown.length);
    return { prefixes: prefixesOf([told, unused], terms), classes: told, unused, more };
  }
}

/** A few words on each class, and the names of its properties. */
async function overview(
  store: OntologyStore,
  classes: readonly CountedClass[],
  looking: Looking,
): Promise<z.input<typeof ClassDescription>[]> {
  const { vocabulary, prefixes } = looking.terms;
  const used = await usedProperties(store, classes, looking);
  return classes.map(({ iri, count }) => {
    const known = vocabulary.classes.find((term) => term.iri.equals(iri));
    const declared = vocabulary.properties.filter(({ domains }) =>
      [...(known?.ancestors ?? [])].some((ancestor) => domains.has(ancestor)),
    );
    const properties = used?.get(iri.value) ?? declared.map((term) => term.iri.value);
    return {
      class: prefixes.shorten(iri.value),
      ...(known?.comment && { about: known.comment }),
      count,
      properties: properties.map((value) => rangeOf(value, looking.terms)),
    };
  });
}

/** The properties that each class's individuals have; undefined where the graph is too large to tell in time. */
async function usedProperties(
  store: OntologyStore,
  classes: readonly CountedClass[],
  { options }: Looking,
): Promise<Map<string, string[]> | undefined> {
  const list = classes.reduce((all, { iri }) => sparql`${all} ${iri}`, sparql``);
  const query = sparql`SELECT DISTINCT ?class ?property {
    VALUES ?class { ${list} } ?s a ?class ; ?property ?value
    FILTER (?property != <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>) } ORDER BY ?property`;
  try {
    const found = new Map<string, string[]>();
    for (const row of await store.select(query, options)) {
      const name = row['class']!.value;
      found.set(name, [...(found.get(name) ?? []), row['property']!.value]);
    }
    return found;
  } catch (thrown) {
    if (GraphwrightError.from(thrown).code !== 'timeout') throw thrown;
    return undefined;
  }
}
