import { suggest } from '../../../nearest.ts';
import {
  Conditions,
  FieldDefinition,
  FlowDefinition,
  InputDefinition,
  Rule,
  SettingsDefinition,
  StepDefinition,
} from './definition.ts';

/** Names the key that was meant, by the place in a flow where an unknown one is. */
export function nearestKey(path: readonly PropertyKey[], key: string, flow: unknown): string {
  return suggest(key, keysAt(path, flow));
}

function keysAt(path: readonly PropertyKey[], flow: unknown): string[] {
  const [part, , below, inner, field] = path;
  if (part === 'settings') return Object.keys(SettingsDefinition.shape);
  if (part !== 'steps') return Object.keys(FlowDefinition.shape);
  if (below === 'conditions') return Object.keys((inner === 'rules' ? Rule : Conditions).shape);
  if (below === 'input' && inner === 'fields' && field !== undefined)
    return Object.keys(FieldDefinition.shape);
  const value = path.reduce<unknown>(
    (whole, name) => (whole as Record<PropertyKey, unknown> | undefined)?.[name],
    flow,
  );
  const type = (value as { type?: unknown } | undefined)?.type;
  const union = below === 'input' ? InputDefinition : StepDefinition;
  const options: readonly { shape: Record<string, unknown> }[] = union.options;
  const chosen = options.filter(({ shape }) => typeIn(shape) === type);
  return [
    ...new Set((chosen.length ? chosen : options).flatMap(({ shape }) => Object.keys(shape))),
  ];
}

const typeIn = (shape: Record<string, unknown>) =>
  (shape['type'] as { value?: unknown } | undefined)?.value;
