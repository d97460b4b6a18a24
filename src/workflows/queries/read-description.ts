import { Store } from 'n3';
import { GraphwrightError } from '../../errors.ts';
import {
  gw,
  namespace,
  rdf,
  rdfs,
  xsd,
  type Literal,
  type NamedNode,
  type Term,
} from '../../ontology/terms.ts';
import { parseTurtle } from '../../ontology/turtle.ts';
import type { Argument, ArgumentType } from './argument.ts';
import { checkedArgument, typeOf } from './argument-declaration.ts';
import { jsonValue } from './json-value.ts';
import { readParts } from './read-template.ts';
import type { Declaration, Report, TemplateProblem, TemplateReading } from './template.ts';

const sh = namespace('http://www.w3.org/ns/shacl#');

/** Reads the query templates that a Turtle file describes, in the terms of SHACL and ontologies/queries.ttl. */
export function readDescriptions(text: string): TemplateReading[] {
  let store: Store;
  try {
    store = new Store(parseTurtle(text, 'the file'));
  } catch (thrown) {
    const { message } = GraphwrightError.from(thrown);
    const [, line = '1', detail = message] = /^the file:(\d+):\d+: (.*)$/s.exec(message) ?? [];
    return [{ problems: [{ line: Number(line), detail }] }];
  }
  const templates = store.getSubjects(rdf('type'), gw('QueryTemplate'), null);
  if (templates.length === 0)
    return [{ problems: [{ line: 1, detail: 'There is no gw:QueryTemplate in it' }] }];
  return templates.map((template) => new Description(store, template, text).read());
}

const forms = ['select', 'ask', 'construct'];

/** One template in a graph. */
class Description {
  readonly #store: Store;
  readonly #template: Term;
  readonly #text: string;
  readonly #problems: TemplateProblem[] = [];

  constructor(store: Store, template: Term, text: string) {
    this.#store = store;
    this.#template = template;
    this.#text = text;
  }

  read(): TemplateReading {
    const name = this.#one(this.#template, rdfs('label'))?.value ?? '';
    const description = this.#one(this.#template, rdfs('comment'))?.value ?? '';
    const queryLine = this.#lineOf(name);
    const report: Report = (line, detail) => this.#problems.push({ line, detail });
    if (!description) report(queryLine, `${name}: rdfs:comment must say what the query answers`);
    const texts = forms.flatMap((form) => this.#all(this.#template, sh(form)));
    if (texts.length !== 1)
      report(
        queryLine,
        `${name}: Expected one query by sh:select, sh:ask or sh:construct, not ${texts.length}`,
      );
    const declarations = this.#all(this.#template, sh('parameter')).flatMap((parameter) =>
      this.#declaration(parameter, report),
    );
    if (texts.length !== 1) return { problems: this.#problems };
    const text = texts[0]!.value;
    return readParts({ name, description, declarations, text, queryLine }, this.#problems);
  }

  #declaration(parameter: Term, report: Report): Declaration[] {
    const name = this.#one(parameter, sh('name'))?.value ?? '';
    const line = this.#lineOf(name);
    try {
      return [{ argument: checkedArgument(this.#argument(parameter, name)), line }];
    } catch (thrown) {
      report(line, `${name || 'parameter'}: ${GraphwrightError.from(thrown).message}`);
      return [];
    }
  }

  #argument(parameter: Term, name: string): Argument {
    const description = this.#one(parameter, sh('description'))?.value;
    if (!/^[A-Za-z]\w*$/.test(name) || !description)
      throw misdescribed('A parameter needs a sh:name of letters and digits, and a sh:description');
    const isTrue = (property: NamedNode) => this.#one(parameter, property)?.value === 'true';
    const numberOf = (...properties: NamedNode[]) => {
      const given = properties.flatMap((property) => this.#all(parameter, property))[0];
      return given && Number(given.value);
    };
    const isList = isTrue(gw('isList'));
    const values = this.#all(parameter, sh('defaultValue')).map(jsonValue);
    return {
      name,
      description,
      type: this.#type(parameter),
      values: this.#choices(parameter),
      least: numberOf(sh('minInclusive'), sh('minLength')),
      most: numberOf(sh('maxInclusive'), sh('maxLength')),
      beginning: this.#one(parameter, gw('beginsWith'))?.value,
      isOptional: isTrue(sh('optional')),
      isList,
      default: values.length === 0 ? undefined : isList ? values : values[0],
    };
  }

  #type(parameter: Term): ArgumentType {
    if (this.#one(parameter, sh('nodeKind'))?.equals(sh('IRI'))) return 'iri';
    const { value } = this.#one(parameter, sh('datatype')) ?? xsd('string');
    if (value.startsWith(xsd('').value)) return typeOf(value.slice(xsd('').value.length));
    throw misdescribed(
      `The sh:datatype <${value}> is none that a caller can give, such as xsd:string`,
    );
  }

  #choices(parameter: Term): string[] | undefined {
    const list = this.#one(parameter, sh('in'));
    if (!list) return undefined;
    const items = this.#store.extractLists()[list.value] ?? [];
    const isText = items.every((item) => (item as Literal).datatype?.equals(xsd('string')));
    if (items.length === 0 || !isText)
      throw misdescribed('sh:in must list the texts that may be given');
    return items.map(({ value }) => value);
  }

  #all = (subject: Term, property: NamedNode) =>
    this.#store.getObjects(subject as NamedNode, property, null);

  #one = (subject: Term, property: NamedNode): Term | undefined => this.#all(subject, property)[0];

  /** Quads do not know their lines; a name usually stands where its thing is described. */
  #lineOf(name: string): number {
    const at = this.#text.indexOf(JSON.stringify(name));
    return at < 0 ? 1 : this.#text.slice(0, at).split('\n').length;
  }
}

const misdescribed = (detail: string) => new GraphwrightError('invalid_configuration', detail);
