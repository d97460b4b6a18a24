import { GraphwrightError } from '../../errors.ts';
import type { Term } from '../terms.ts';
import { ValidationReport, type ValidationResult } from './report.ts';
import { textOf } from './term-text.ts';
import type { Violation } from './violations.ts';

/** An answer that names a hundred is as clear as one that names a million. */
const resultsAtMost = 100;

/** The error of a write that was refused; it carries the report, of at most 100 results. */
export function shapeViolation(violations: readonly Violation[]): GraphwrightError {
  const report = new ValidationReport(violations.slice(0, resultsAtMost));
  const problems = report.results.map((result, index) => ({
    pointer: `/report/results/${index}`,
    detail: inWords(result),
  }));
  const count = violations.length;
  const others = count > 1 ? ` (and ${count - 1} more)` : '';
  return new GraphwrightError('shape_violation', `${problems[0]!.detail}${others}`, {
    problems,
    details: { report: report.toJSON() },
  });
}

/** A result in a line: whose value of what is wrong, and why. */
export function inWords({ focusNode, path, value, message }: ValidationResult): string {
  const place = path === undefined ? '' : ` ${path}`;
  const given = value === undefined || value.equals(focusNode) ? '' : ` ${shown(value)}`;
  return `${shown(focusNode)}${place}${given}: ${message}`;
}

/** As N-Triples has it, but IRIs without angle brackets and long texts shortened. */
function shown(term: Term): string {
  const text = term.termType === 'NamedNode' ? term.value : textOf(term);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
