import type { Query } from 'sparqljs';
import type { Argument } from './argument.ts';

/** A SPARQL query that callers give arguments to. */
export interface QueryTemplate {
  name: string;
  description: string;
  arguments: readonly Argument[];
  query: Query;
}

/** Something that is wrong with a template's file. */
export interface TemplateProblem {
  /** From 1. */
  line: number;
  detail: string;
}

/** What one file says, as far as it could be read, and what is wrong with it. */
export interface TemplateReading {
  template?: QueryTemplate;
  problems: readonly TemplateProblem[];
}

/** An argument, and where it is declared. */
export interface Declaration {
  argument: Argument;
  line: number;
}

/** Notes what is wrong; reading goes on, so that all mistakes are told at once. */
export type Report = (line: number, detail: string) => void;
