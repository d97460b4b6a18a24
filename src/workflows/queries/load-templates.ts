import { isUtf8 } from 'node:buffer';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphwrightError } from '../../errors.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { QueryWorkflow } from './query-workflow.ts';
import { readDescriptions } from './read-description.ts';
import { readTemplate } from './read-template.ts';
import type { QueryTemplate, TemplateReading } from './template.ts';

/** What the queries of a directory are asked of. */
export interface LoadTemplatesOptions {
  store: OntologyStore;
  /** Milliseconds for each query; the store's own limit by default. */
  timeout?: number;
}

/**
 * Makes one workflow of each query template in some directories: a .rq file, or a description in a .ttl file.
 * @throws GraphwrightError `invalid_configuration` with every mistake in any of them, by file and line.
 * @example
 * const workflows = await loadQueryTemplates(['queries'], { store });
 */
export async function loadQueryTemplates(
  directories: readonly string[],
  options: LoadTemplatesOptions,
): Promise<AnyWorkflow[]> {
  const files = (await Promise.all(directories.map(queryFiles))).flat();
  const mistakes: string[] = [];
  const sources = new Map<string, string>();
  const templates: QueryTemplate[] = [];
  for (const file of files) {
    for (const { template, problems } of await readingsOf(file)) {
      mistakes.push(...problems.map(({ line, detail }) => `${file}:${line}: ${detail}`));
      if (!template) continue;
      const other = sources.get(template.name);
      if (other) mistakes.push(`${file}:1: ${other} is named ${template.name} already`);
      sources.set(template.name, file);
      templates.push(template);
    }
  }
  if (mistakes.length > 0) throw refused(mistakes);
  return templates.map((template) => new QueryWorkflow({ ...options, template }));
}

function refused(mistakes: readonly string[]): GraphwrightError {
  const message = `Not all query templates can be read:\n${mistakes.join('\n')}`;
  const problems = mistakes.map((detail) => ({ pointer: '', detail }));
  return new GraphwrightError('invalid_configuration', message, { problems });
}

async function queryFiles(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => /\.(rq|ttl)$/.test(name))
      .toSorted()
      .map((name) => join(directory, name));
  } catch (cause) {
    throw new GraphwrightError(
      'invalid_configuration',
      `queries: There is no directory ${directory} to read query templates from`,
      { cause },
    );
  }
}

/** A file that cannot be read is told with the mistakes of the others. */
async function readingsOf(file: string): Promise<TemplateReading[]> {
  const bytes = await readFile(file).catch(() => undefined);
  if (!bytes) return [{ problems: [{ line: 1, detail: 'It cannot be read' }] }];
  if (!isUtf8(bytes)) return [{ problems: [{ line: 1, detail: 'It is not UTF-8 text' }] }];
  const text = new TextDecoder().decode(bytes);
  return file.endsWith('.ttl') ? readDescriptions(text) : [readTemplate(text, file)];
}
