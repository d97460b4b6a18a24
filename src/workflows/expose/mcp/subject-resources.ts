import { z } from 'zod';
import type { OntologyStore } from '../../../ontology/store.ts';
import { parse } from '../../../parse.ts';
import { namedThing } from '../named-thing.ts';
import type { ResourceSource } from './resources.ts';
import { turtleOf } from './turtle-of.ts';

/** Statements of one resource; a model's context takes no more. */
const limit = 1_000;

const Asked = z.strictObject({ iri: z.string(), depth: z.coerce.number().int().min(1).max(8) });

const mimeType = 'text/turtle';

/** What the graph says of one thing as `graph://subject?iri=<IRI>&depth=<n>`, in Turtle. */
export function subjectResources(store: OntologyStore): ResourceSource {
  return {
    scheme: 'graph:',
    template: {
      uriTemplate: 'graph://subject{?iri,depth}',
      name: 'subject',
      description:
        'What the graph says of one thing, by its IRI (percent-encoded), and with depth 2 and more of what it points to',
      mimeType,
    },
    async read({ hostname, searchParams }) {
      if (hostname !== 'subject') return undefined;
      const given = { depth: '1', ...Object.fromEntries(searchParams) };
      const { iri: name, depth } = parse(Asked, given, 'invalid_parameters', 'graph://subject');
      const quads = await store.subject(namedThing(name), { depth, limit });
      return quads.length === 0 ? undefined : { mimeType, text: await turtleOf(quads) };
    },
  };
}
