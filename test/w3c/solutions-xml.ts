import { factory, type Term } from '../../src/ontology/terms.ts';
import { literalTerm, tripleTerm, type Solutions } from './solution-terms.ts';

interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

/** Reads SPARQL Query Results XML Format. */
export function readXml(text: string): boolean | Solutions {
  const root = elements(text);
  const boolean = child(root, 'boolean');
  if (boolean) return boolean.text.trim() === 'true';
  const rows = child(root, 'results')!.children.map(
    (result) =>
      new Map(
        result.children.map((binding) => [binding.attributes['name']!, term(binding.children[0]!)]),
      ),
  );
  const variables = (child(root, 'head')?.children ?? []).filter(({ name }) => name === 'variable');
  return { variables: variables.map(({ attributes }) => attributes['name']!), rows };
}

const child = ({ children }: Element, name: string): Element | undefined =>
  children.find((element) => element.name === name);

function term({ name, text, attributes, children }: Element): Term {
  switch (name) {
    case 'uri':
      return factory.namedNode(text);
    case 'bnode':
      return factory.blankNode(text);
    case 'literal':
      return literalTerm(text, attributes['datatype'], attributes['lang'], attributes['dir']);
    case 'triple': {
      const part = (role: string) =>
        term(children.find((element) => element.name === role)!.children[0]!);
      return tripleTerm(part('subject'), part('predicate'), part('object'));
    }
    default:
      throw new Error(`No term: <${name}>`);
  }
}

const markup =
  /<!--[\s\S]*?-->|<[?!][^>]*>|<(?<close>\/?)(?<name>[^\s/>]+)(?<attributes>(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(?<empty>\/?)>|(?<text>[^<]+)/g;

/** The elements of a document by their local names; all that these files need of XML. */
function elements(text: string): Element {
  const open: Element[] = [{ name: '', attributes: {}, children: [], text: '' }];
  for (const { groups } of text.matchAll(markup)) {
    const inside = open.at(-1)!;
    if (groups?.['text']) inside.text += unescape(groups['text']);
    else if (groups?.['close']) open.pop();
    else if (groups?.['name']) {
      const element = {
        name: local(groups['name']),
        attributes: attributesOf(groups['attributes']!),
        children: [],
        text: '',
      };
      inside.children.push(element);
      if (!groups['empty']) open.push(element);
    }
  }
  return open[0]!.children[0]!;
}

const attributesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(
      ([, name, double, single]) => [local(name!), unescape(double ?? single!)],
    ),
  );

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const unescape = (text: string): string =>
  text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (_, hex?: string, decimal?: string, name?: string) =>
      name ? entities[name]! : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)),
  );
