import { GraphwrightError } from '../../errors.ts';
import { AffectedNodes } from '../shapes/affected.ts';
import { Evaluation } from '../shapes/evaluate.ts';
import { shapeViolation } from '../shapes/shape-violation.ts';
import type { Shapes } from '../shapes/shape.ts';
import { sh } from '../shapes/vocabulary.ts';
import { asData, type Violation } from '../shapes/violations.ts';
import type { Changes, Copy } from './changes.ts';
import { statementOf, WrittenGraph } from './written-graph.ts';

/** Severities that are worth knowing of, and no reason to refuse a write. */
const tolerated = [sh('Warning'), sh('Info')];

/** Checks each write before it is committed: the focus nodes that it touches, and no others. */
export class WriteCheck {
  readonly #affected: AffectedNodes;

  constructor(shapes: Shapes) {
    this.#affected = new AffectedNodes(shapes);
  }

  /**
   * @param isDiscreet Keeps the report back, as it may tell of graphs that the writer cannot read.
   * @throws GraphwrightError `shape_violation` with the report of what the change makes wrong.
   */
  assert(copy: Copy, changes: Pick<Changes, 'statements'>, isDiscreet = false): void {
    const { inserted, removed } = changes.statements;
    const graph = new WrittenGraph(copy);
    const affected = this.#affected.of(graph, [...inserted, ...removed].map(statementOf));
    const evaluation = new Evaluation(graph);
    const found: Violation[] = [];
    for (const [shape, nodes] of affected)
      evaluation.nodes(shape, nodes, (result) => {
        if (!tolerated.includes(result.shape.severity)) found.push(asData(result));
      });
    if (found.length === 0) return;
    if (!isDiscreet) throw shapeViolation(found);
    throw new GraphwrightError(
      'shape_violation',
      'The write breaks a shape of the graph; the report is for callers who may read every graph',
    );
  }
}
