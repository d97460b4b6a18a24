import { GraphwrightError } from '../../errors.ts';
import { suggest } from '../../nearest.ts';

/** A way to write RDF down. */
export interface RdfFormat {
  /** As `--format` names it. */
  name: string;
  /** The registered media type first, then what else it is sent as. */
  mediaTypes: readonly [string, ...string[]];
  /** Of files, without the dot; the usual one first. */
  extensions: readonly [string, ...string[]];
  /** Whether a document can hold more than one graph. */
  quads: boolean;
  /** Whether it is read as well as written. */
  readable: boolean;
}

/** Every format that is read or written; reading this list is reading what is supported. */
export const formats = [
  {
    name: 'turtle',
    mediaTypes: ['text/turtle', 'application/x-turtle'],
    extensions: ['ttl', 'turtle'],
    quads: false,
    readable: true,
  },
  {
    name: 'trig',
    mediaTypes: ['application/trig', 'application/x-trig'],
    extensions: ['trig'],
    quads: true,
    readable: true,
  },
  {
    name: 'ntriples',
    mediaTypes: ['application/n-triples', 'text/plain'],
    extensions: ['nt'],
    quads: false,
    readable: true,
  },
  {
    name: 'nquads',
    mediaTypes: ['application/n-quads', 'text/x-nquads'],
    extensions: ['nq'],
    quads: true,
    readable: true,
  },
  {
    name: 'rdfxml',
    mediaTypes: ['application/rdf+xml', 'application/xml', 'text/xml'],
    extensions: ['rdf', 'owl', 'xml'],
    quads: false,
    readable: true,
  },
  {
    name: 'jsonld',
    mediaTypes: ['application/ld+json', 'application/json'],
    extensions: ['jsonld', 'json'],
    quads: true,
    readable: true,
  },
  { name: 'csv', mediaTypes: ['text/csv'], extensions: ['csv'], quads: true, readable: false },
] as const satisfies readonly RdfFormat[];

/** The name of one of the {@link formats}. */
export type FormatName = (typeof formats)[number]['name'];

/** A format by its name: `turtle`, `nquads`. @throws GraphwrightError `invalid_parameters` naming those there are. */
export function formatNamed(name: string): RdfFormat & { name: FormatName } {
  const found = formats.find((format) => format.name === name);
  if (found) return found;
  const names = formats.map((format) => format.name);
  throw new GraphwrightError(
    'invalid_parameters',
    `Unknown format ${name}; ${suggest(name, names)}`,
  );
}

/** The name of a media type's format; parameters such as charset and profile are let be. */
export function formatOfMediaType(mediaType: string): FormatName | undefined {
  const bare = mediaType.split(';', 1)[0]!.trim().toLowerCase();
  return formats.find(({ mediaTypes }) => (mediaTypes as readonly string[]).includes(bare))?.name;
}

/** The name of a file's format by its extension, below `.gz` if it has one. */
export function formatOfFile(path: string): FormatName | undefined {
  const extension = /\.([^./\\]+?)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return formats.find(({ extensions }) => (extensions as readonly string[]).includes(extension))
    ?.name;
}
