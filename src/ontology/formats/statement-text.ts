import { GraphwrightError } from '../../errors.ts';

/** One line of N-Quads, its terms as they are written there. */
export interface StatementText {
  subject: string;
  predicate: string;
  object: string;
  /** Without the angle brackets; empty for the default graph. */
  graph: string;
}

const statement = /^(\S+) (\S+) (.*?)(?: <([^<>\s]*)>)? \.$/s;

/** The statements of a page; comments are left out. */
export function* statementsOf(page: string): Generator<StatementText> {
  for (const line of page.split('\n')) {
    if (!line || line.startsWith('#')) continue;
    const found = statement.exec(line);
    if (!found) throw new GraphwrightError('internal', `Not a statement: ${line.slice(0, 200)}`);
    const [, subject = '', predicate = '', object = '', graph = ''] = found;
    yield { subject, predicate, object, graph };
  }
}
