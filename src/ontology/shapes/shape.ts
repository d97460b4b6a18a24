import type { Path } from './path.ts';
import type { TermText } from './term-text.ts';

/** A set of shapes that was read and found sound; plain data, so that a thread can be given it. */
export interface Shapes {
  /** Those with targets. */
  roots: readonly Shape[];
}

/** A node shape, or a property shape if it has a path (SHACL, section 2). */
export interface Shape {
  /** Its node in the shapes graph. */
  id: TermText;
  path?: Path;
  targets: readonly Target[];
  severity: TermText;
  /** Literals; without any, each component has a message of its own. */
  messages: readonly TermText[];
  constraints: readonly Constraint[];
  deactivated: boolean;
}

/** What makes nodes the focus of a shape (SHACL, section 2.1.3). */
export interface Target {
  kind: 'class' | 'node' | 'subjectsOf' | 'objectsOf';
  term: TermText;
}

/** One constraint of a shape; `component` is the name of SHACL's constraint component without its ending. */
export type Constraint =
  | { component: 'Class' | 'Datatype' | 'HasValue'; term: TermText }
  | { component: 'NodeKind'; term: TermText; kinds: readonly string[] }
  | { component: 'MinCount' | 'MaxCount' | 'MinLength' | 'MaxLength'; count: number }
  | {
      component: 'MinExclusive' | 'MinInclusive' | 'MaxExclusive' | 'MaxInclusive';
      term: TermText;
    }
  | { component: 'Pattern'; pattern: string; flags: string }
  | { component: 'LanguageIn'; languages: readonly string[] }
  | { component: 'UniqueLang' }
  | { component: 'Equals' | 'Disjoint' | 'LessThan' | 'LessThanOrEquals'; property: TermText }
  | { component: 'Not' | 'Node' | 'Property'; shape: Shape }
  | { component: 'And' | 'Or' | 'Xone'; shapes: readonly Shape[] }
  | {
      component: 'QualifiedMinCount' | 'QualifiedMaxCount';
      shape: Shape;
      count: number;
      /** Shapes whose values do not count here. */
      siblings: readonly Shape[];
    }
  | { component: 'Closed'; allowed: readonly TermText[] }
  | { component: 'In'; terms: readonly TermText[] };

/** Constraint components by name (SHACL, section 4). */
export type Component = Constraint['component'];

/** The constraint of one component. */
export type ConstraintOf<Name extends Component> = Constraint & { component: Name };
