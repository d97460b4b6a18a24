import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphwrightError, type Problem } from '../../../errors.ts';
import type { CompiledFlow } from '../flow.ts';
import { lintFlowFile, readFlowFile, type FlowFile } from './check-flow-file.ts';
import type { CompileFlowOptions } from './compile-flow.ts';

/** What flows of a directory are made ready with. */
export interface LoadFlowsOptions extends CompileFlowOptions {
  /** The ids of other flows, which these may call. */
  readonly others?: readonly string[];
}

/**
 * Reads all flows of a directory: its files named `.yaml`, `.yml` or `.json`, in order of their names.
 * @throws GraphwrightError `invalid_configuration` with all that is wrong in all of them, each by file and line.
 * @example
 * const flows = await loadFlows('flows', { workflows });
 */
export async function loadFlows(
  directory: string,
  { others = [], ...options }: LoadFlowsOptions = {},
): Promise<CompiledFlow[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    const message = `flows: ${directory} cannot be read: ${(cause as Error).message}`;
    throw new GraphwrightError('invalid_configuration', message, { cause });
  });
  const paths = names.filter((name) => /\.(ya?ml|json)$/.test(name)).toSorted();
  const files = await Promise.all(
    paths.map((name) => readFlowFile(join(directory, name), options)),
  );
  const problems = problemsIn(files, others);
  if (problems.length > 0)
    throw new GraphwrightError(
      'invalid_configuration',
      `The flows of ${directory} are not right:\n${problems.map(({ detail }) => detail).join('\n')}`,
      { problems },
    );
  return files.flatMap(({ flow }) => flow ?? []);
}

/** What is wrong with files of flows that may call each other, and others. */
export function problemsIn(files: readonly FlowFile[], others: readonly string[]): Problem[] {
  const ids = files.flatMap(({ id }) => id ?? []);
  return files.flatMap((file) => [
    ...file.problems,
    ...lintFlowFile(file, [...ids, ...others]),
    ...([...ids, ...others].filter((id) => id === file.id).length > 1
      ? [{ pointer: '/id', detail: `${file.path}: there is another flow ${file.id}` }]
      : []),
  ]);
}
