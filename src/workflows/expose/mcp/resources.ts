import {
  ResourceNotFoundError,
  type Resource,
  type ResourceTemplateType,
  type Server,
  type TextResourceContents,
} from '@modelcontextprotocol/server';
import { protocolError } from './protocol-error.ts';

/** Resources of one scheme. */
export interface ResourceSource {
  /** With its colon, as `URL` has it: `query:`. */
  scheme: string;
  /** Those that can be listed. */
  list?(): Promise<Resource[]>;
  /** How the URIs of all of them look, as an RFC 6570 template. */
  template?: ResourceTemplateType;
  /** The text of one, without its URI; undefined when there is none by this URI. */
  read(uri: URL): Promise<Omit<TextResourceContents, 'uri'> | undefined>;
}

/** Offers resources of several schemes. */
export function addResources(server: Server, sources: readonly ResourceSource[]): void {
  server.setRequestHandler('resources/list', async () => {
    const lists = await Promise.all(sources.map((source) => source.list?.() ?? []));
    return { resources: lists.flat() };
  });
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: sources.flatMap(({ template }) => template ?? []),
  }));
  server.setRequestHandler('resources/read', async ({ params: { uri } }) => {
    const url = URL.canParse(uri) ? new URL(uri) : undefined;
    const source = sources.find(({ scheme }) => scheme === url?.protocol);
    const contents = url && (await source?.read(url).catch(protocolError));
    if (!contents) throw new ResourceNotFoundError(uri, `No resource ${uri}`);
    return { contents: [{ uri, ...contents }] };
  });
}
