import { AsyncLocalStorage } from 'node:async_hooks';

/** Who asked for an activity. */
export interface Agent {
  /** Where the call came in: `http`, `command`, `langchain`, `mcp`, `program`. */
  surface: string;
  /** The user or the name of the key, where it is known. */
  name?: string;
}

/** The activity on whose behalf the graph is written: a run of a workflow, or one operation such as an update. */
export interface Attribution {
  /** The run's id; for an operation, one that is never used again. */
  id: string;
  /** The workflow of a run; absent for an operation. */
  workflow?: string;
  /** The operation: `sparql_update`, `graph_store`, `load_ontologies`; absent for a run. */
  operation?: string;
  agent: Agent;
  /** What the caller gave, as JSON has it. */
  parameters?: unknown;
  startedAt: Date;
}

const current = new AsyncLocalStorage<Attribution>();

/**
 * Runs an action so that every write to a store within it, however deep, is attributed.
 *
 * It follows promises; what the action hands out to be called later, a generator or a listener, is
 * outside of it.
 * @example
 * await attributed({ id: runId, workflow: 'import', agent, startedAt: new Date() }, () => run());
 */
export function attributed<Result>(attribution: Attribution, action: () => Result): Result {
  const end = () => void ends.set(attribution, new Date());
  const result = current.run(attribution, action);
  if (result instanceof Promise) result.then(end, end);
  else end();
  return result;
}

const ends = new WeakMap<Attribution, Date>();

/** When what was {@link attributed} ended; undefined while it goes on. */
export const endedAt = (attribution: Attribution): Date | undefined => ends.get(attribution);

/** What the code that calls this is attributed to; undefined outside of {@link attributed}. */
export const currentAttribution = (): Attribution | undefined => current.getStore();
