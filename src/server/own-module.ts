import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Configuration } from '../configuration-schema.ts';
import { GraphwrightError } from '../errors.ts';
import type { CompiledFlow } from '../workflows/conversations/flow.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';
import type { ApplicationParts } from './application.ts';

/** What a module of one's own workflows exports as `workflows`: a list, or what makes one. */
export type WorkflowModule =
  readonly AnyWorkflow[] | ((application: ApplicationParts) => readonly AnyWorkflow[]);

/** What the same module may export as `flows`: a list of what `compileSteps` and `compileFlow` give, or what makes one. */
export type FlowModule =
  readonly CompiledFlow[] | ((application: ApplicationParts) => readonly CompiledFlow[]);

/**
 * Loads the configured module of one's own workflows and flows.
 * @throws GraphwrightError `invalid_configuration` for one that cannot be loaded, or exports something else.
 */
export async function ownModule(
  { workflows }: Configuration,
  parts: ApplicationParts,
): Promise<{ workflows: readonly AnyWorkflow[]; flows: readonly CompiledFlow[] }> {
  if (!workflows) return { workflows: [], flows: [] };
  const path = resolve(workflows);
  const module = (await import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw new GraphwrightError(
      'invalid_configuration',
      `workflows: ${path} cannot be loaded: ${String(cause)}`,
      { cause },
    );
  })) as { workflows?: WorkflowModule; flows?: FlowModule };
  const made = <T>(exported: T | ((given: ApplicationParts) => T) | undefined): T | undefined =>
    typeof exported === 'function' ? (exported as (given: ApplicationParts) => T)(parts) : exported;
  const exported = made(module.workflows) ?? (module.flows ? [] : undefined);
  const flows = made(module.flows) ?? [];
  if (!Array.isArray(exported) || !exported.every(isWorkflow))
    throw new GraphwrightError(
      'invalid_configuration',
      `workflows: ${path} must export \`workflows\`, a list of workflows or a function that makes one`,
    );
  if (!Array.isArray(flows) || !flows.every(isFlow))
    throw new GraphwrightError(
      'invalid_configuration',
      `workflows: \`flows\` of ${path} must be a list of what compileSteps or compileFlow gives, or a function that makes one`,
    );
  return { workflows: exported, flows };
}

/** By its shape, as with workflows. */
const isFlow = (value: unknown): value is CompiledFlow =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  'start' in value &&
  'settings' in value &&
  'steps' in value &&
  Array.isArray(value.steps);

/** By its shape: the module may have a copy of the package of its own. */
const isWorkflow = (value: unknown): value is AnyWorkflow =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  'parameters' in value &&
  'run' in value;
