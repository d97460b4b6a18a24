import { GraphwrightError } from '../../errors.ts';
import { suggest } from '../../nearest.ts';
import type { AnyWorkflow } from '../workflow.ts';

/**
 * The workflows that belong to one of these groups; all of them when no group is asked for.
 * @throws GraphwrightError `invalid_parameters` for a group that none belongs to, naming the nearest.
 */
export function inGroups<W extends AnyWorkflow>(
  workflows: readonly W[],
  groups: readonly string[] | undefined,
): readonly W[] {
  if (!groups) return workflows;
  const known = [...new Set(workflows.flatMap(({ group }) => group ?? []))];
  for (const group of groups)
    if (!known.includes(group)) {
      const detail =
        known.length > 0 ? suggest(group, known) : 'no workflow says which it belongs to';
      throw new GraphwrightError(
        'invalid_parameters',
        `No group ${JSON.stringify(group)}; ${detail}`,
        {
          problems: [{ pointer: '/groups', detail: 'Not a group of any workflow' }],
        },
      );
    }
  return workflows.filter(({ group }) => group !== undefined && groups.includes(group));
}

/** The groups that a text names, with commas between them; undefined when it names none. */
export function groupsIn(text: string | undefined): string[] | undefined {
  const groups = text
    ?.split(',')
    .map((word) => word.trim())
    .filter(Boolean);
  return groups?.length ? groups : undefined;
}

/**
 * The workflows that an assistant is offered: all but those that are for people.
 * @param decides Whether it is one that may decide on calls that wait.
 */
export const forAssistants = <W extends AnyWorkflow>(
  workflows: readonly W[],
  { decides = false }: { decides?: boolean } = {},
): W[] => workflows.filter(({ hints }) => !hints.forPeople && (decides || !hints.forApprovers));
