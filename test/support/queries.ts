import { expect } from 'vitest';
import type { OntologyStore } from '../../src/ontology/store.ts';
import { execute } from '../../src/workflows/execute.ts';
import { QueryWorkflow } from '../../src/workflows/queries/query-workflow.ts';
import { readTemplate } from '../../src/workflows/queries/read-template.ts';
import type { QueryTemplate } from '../../src/workflows/queries/template.ts';

/** A template of this text, which must be without a mistake. */
export function templateOf(text: string): QueryTemplate {
  const { template, problems } = readTemplate(text, 'find-it.rq');
  expect(problems).toEqual([]);
  return template!;
}

/** What is wrong with this text, as `line: detail`. */
export const mistakesIn = (text: string): string[] =>
  readTemplate(text, 'find-it.rq').problems.map(({ line, detail }) => `${line}: ${detail}`);

/** Runs a template of this text. */
export const ask = (store: OntologyStore, text: string, given: Record<string, unknown> = {}) =>
  execute(new QueryWorkflow({ store, template: templateOf(text) }), given);
