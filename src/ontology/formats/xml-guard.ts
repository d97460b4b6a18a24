import { GraphwrightError } from '../../errors.ts';
import { mistake } from './reader.ts';

/** How many characters a document's entities may become together. */
const expandedAtMost = 16 * 1024 * 1024;

/** What an RDF/XML document tells before it is read. */
export interface XmlFacts {
  /** Language tags as they were written, by their lower case. */
  languages: ReadonlyMap<string, string>;
}

/**
 * Refuses entities that multiply: those that refer to others, and those that become too much text
 * together. Ordinary ones, which abbreviate namespaces, pass.
 * @throws GraphwrightError `invalid_data` naming the place, `too_large`.
 */
export function guardXml(text: string, name: string): XmlFacts {
  const entities = declared(text, name);
  let expanded = 0;
  if (entities.size > 0)
    for (const [, entity] of text.matchAll(/&([^\s&;<>]+);/g)) {
      expanded += entities.get(entity!) ?? 0;
      if (expanded > expandedAtMost)
        throw new GraphwrightError(
          'too_large',
          `${name}: its entities become over ${expandedAtMost / 2 ** 20} Mi characters`,
        );
    }
  const languages = new Map<string, string>();
  for (const [, , language] of text.matchAll(/xml:lang\s*=\s*(["'])([A-Za-z\d-]*)\1/g))
    languages.set(language!.toLowerCase(), language!);
  return { languages };
}

const declaration = /<!ENTITY\s+([^\s%&"'<>]+)\s+(?:"([^"]*)"|'([^']*)')\s*>/y;

/** The entities' lengths by their names. */
function declared(text: string, name: string): Map<string, number> {
  const entities = new Map<string, number>();
  for (let at = text.indexOf('<!ENTITY'); at >= 0; at = text.indexOf('<!ENTITY', at + 1)) {
    declaration.lastIndex = at;
    const found = declaration.exec(text);
    const value = found?.[2] ?? found?.[3];
    if (value === undefined)
      throw refused(text, at, name, 'An entity is declared by a name and a quoted value');
    if (value.includes('&'))
      throw refused(
        text,
        at,
        name,
        `The entity ${found![1]} refers to another; write its value out`,
      );
    const known = entities.get(found![1]!) ?? 0;
    // Which of two declarations counts is for the parser to say; the longer one is feared.
    entities.set(found![1]!, Math.max(known, value.length));
  }
  return entities;
}

function refused(text: string, at: number, name: string, said: string): GraphwrightError {
  const before = text.slice(0, at).split('\n');
  return mistake(name, before.length, before.at(-1)!.length + 1, said, '');
}
