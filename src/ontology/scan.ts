import { GraphwrightError } from '../errors.ts';
import { placeAt } from './parse-place.ts';

/** What kind of text it is, by its first keyword after the prologue. */
export type Form = 'SELECT' | 'ASK' | 'CONSTRUCT' | 'DESCRIBE' | 'update' | undefined;

const maxQueryLength = 64 * 1024;
const maxUpdateLength = 64 * 1024 * 1024;
const maxDepth = 64;
const maxOperators = 256;

/**
 * Looks over a query in one linear pass, before any parser: what the engine or the parser would
 * choke on is refused early.
 * @throws GraphwrightError `invalid_query` for text too long, deep or wide; `forbidden` for SERVICE.
 */
export const scanQuery = (text: string): Form => scan(text, maxQueryLength);

/** The same for an update, whose data may be long and holds no operators. */
export const scanUpdate = (text: string): Form => scan(text, maxUpdateLength);

function scan(text: string, maxLength: number): Form {
  if (text.length > maxLength) refuse(`is longer than ${maxLength} characters`);
  const decoded = decode(text);
  // Parsers differ in when they decode \u007B, so neither reading may be too much.
  const form = new Scan(text).run();
  if (decoded !== text) new Scan(decoded).run();
  return form;
}

const decode = (text: string): string =>
  text.includes('\\')
    ? text.replace(/\\u([\da-f]{4})|\\U([\da-f]{8})/gi, (escape, short?: string, long?: string) => {
        const code = parseInt(short ?? long!, 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : escape;
      })
    : text;

const iri = /<[^\s<>"{}|^`\\]*>/y;
const space = /\s+/y;
// What may hold characters that are operators elsewhere: variables, labels, prefixed names, language tags.
const name =
  /[?$][\p{L}\p{N}_]+|_:[\p{L}\p{N}_.-]*|(?:\p{L}[\p{L}\p{N}_.-]*)?:(?:[\p{L}\p{N}_.:%-]|\\\S)*|@[a-z]+(?:-[a-z\d]+)*/iuy;
const word = /\p{L}[\p{L}\p{N}_]*/uy;

const queryForms = new Set(['SELECT', 'ASK', 'CONSTRUCT', 'DESCRIBE']);
const updateForms = new Set('INSERT DELETE WITH LOAD CLEAR DROP CREATE COPY MOVE ADD'.split(' '));
const operators = new Set(
  'UNION OPTIONAL MINUS BIND FILTER VALUES GRAPH EXISTS SELECT IN HAVING'.split(' '),
);

class Scan {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #operators = 0;
  #form: Form;
  /** The depth of the block of data that we are in, where signs belong to numbers. */
  #data?: number;
  #dataNext = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Form {
    while (this.#at < this.#text.length) this.#token();
    return this.#form;
  }

  #token(): void {
    const character = this.#text[this.#at]!;
    if (this.#skip(space)) return;
    if (character === '#') return this.#comment();
    if (character === '"' || character === "'") return this.#string(character);
    if (character === '<' && this.#skip(iri)) return;
    if (this.#skip(name)) return;
    const found = this.#match(word);
    if (found) return this.#word(found.toUpperCase());
    this.#at += 1;
    this.#symbol(character);
  }

  #symbol(character: string): void {
    if ('{(['.includes(character)) return this.#open(character);
    if ('})]'.includes(character)) return this.#close();
    // ^^ stands before a datatype.
    if (character === '^' && this.#text[this.#at] === '^') this.#at += 1;
    else if ('+-*/|&!^=<>?'.includes(character)) this.#count();
  }

  #open(character: string): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) this.#refuse(`is nested more than ${maxDepth} deep`);
    if (character !== '{') return;
    if (this.#dataNext) this.#data ??= this.#depth;
    this.#dataNext = false;
    this.#count();
  }

  #close(): void {
    if (this.#data === this.#depth) this.#data = undefined;
    this.#depth -= 1;
  }

  #word(keyword: string): void {
    if (keyword === 'SERVICE')
      throw new GraphwrightError(
        'forbidden',
        'SERVICE is not offered: the store opens no connection',
      );
    if (keyword === 'DATA' || keyword === 'VALUES') this.#dataNext = true;
    if (operators.has(keyword)) this.#count();
    if (queryForms.has(keyword)) this.#form ??= keyword as Form;
    else if (updateForms.has(keyword)) this.#form ??= 'update';
  }

  #count(): void {
    if (this.#data !== undefined && this.#depth >= this.#data) return;
    this.#operators += 1;
    if (this.#operators > maxOperators) this.#refuse(`has more than ${maxOperators} operators`);
  }

  /** Of text behind escapes the place is as it reads without them. */
  #refuse(what: string): never {
    refuse(`${what}, at ${placeAt(this.#text, this.#at - 1)}`);
  }

  #comment(): void {
    const end = this.#text.slice(this.#at).search(/[\n\r]/);
    this.#at = end < 0 ? this.#text.length : this.#at + end;
  }

  #string(quote: string): void {
    const long = this.#text.startsWith(quote.repeat(3), this.#at);
    const end = long ? quote.repeat(3) : quote;
    this.#at += end.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(end, this.#at))
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    this.#at += end.length;
  }

  #skip(pattern: RegExp): boolean {
    return this.#match(pattern) !== undefined;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found) this.#at += found.length;
    return found;
  }
}

function refuse(what: string): never {
  const detail = `The SPARQL text ${what}`;
  throw new GraphwrightError('invalid_query', detail, { problems: [{ pointer: '', detail }] });
}
