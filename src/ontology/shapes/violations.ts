import { Evaluation, type Result } from './evaluate.ts';
import { messageOf } from './messages.ts';
import type { DataGraph } from './data-graph.ts';
import type { Path } from './path.ts';
import type { Component, Shapes } from './shape.ts';
import type { TermText } from './term-text.ts';

/** A validation's result as plain data, as it crosses threads. */
export interface Violation {
  focus: TermText;
  path?: Path;
  value?: TermText;
  severity: TermText;
  component: Component;
  shape: TermText;
  /** Literals. */
  messages: readonly TermText[];
}

/** What is wrong with a graph. */
export function violations(graph: DataGraph, shapes: Shapes): Violation[] {
  const found: Violation[] = [];
  new Evaluation(graph).all(shapes, (result) => found.push(asData(result)));
  return found;
}

/** A result without the shape that it came from. */
export function asData({ focus, path, value, component, constraint, shape }: Result): Violation {
  const messages = shape.messages.length > 0 ? shape.messages : [messageOf(constraint)];
  return { focus, path, value, severity: shape.severity, component, shape: shape.id, messages };
}
