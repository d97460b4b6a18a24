import type { Json, JsonObject } from '../json.ts';

const place = /\{\{|\}\}|\{([A-Za-z_]\w*(?:\.\w+)*)\}/g;

/** How much of one value goes into a text, in characters. */
const most = 10_000;

/** The keys that a template reads, such as `customer` of `{customer.name}` (row V6). */
export function keysOf(template: string): string[] {
  const paths = [...template.matchAll(place)].flatMap(([, path]) => (path ? [path] : []));
  return [...new Set(paths.map((path) => path.split('.')[0]!))];
}

/**
 * Puts values in their places: `{name}`, `{order.status}`; `{{` and `}}` are braces. A list of objects becomes a line
 * for each, and what is not there nothing. Values are text: they are never read as templates (row 32 of the threats).
 */
export function render(template: string, scope: JsonObject): string {
  return template.replace(place, (found, path: string | undefined) => {
    if (path === undefined) return found[0]!;
    return inWords(valueAt(path, scope)).slice(0, most);
  });
}

/** Parameters with their templates filled in; a text that is one place alone becomes the value itself. */
export function fillIn(parameters: Json, scope: JsonObject): Json {
  if (typeof parameters === 'string') {
    const [, path] = /^\{([A-Za-z_]\w*(?:\.\w+)*)\}$/.exec(parameters) ?? [];
    return path ? (valueAt(path, scope) ?? null) : render(parameters, scope);
  }
  if (Array.isArray(parameters)) return parameters.map((each: Json) => fillIn(each, scope));
  if (typeof parameters !== 'object' || parameters === null) return parameters;
  const filled = Object.entries(parameters).map(([key, value]) => [
    key,
    fillIn(value as Json, scope),
  ]);
  return Object.fromEntries(filled) as JsonObject;
}

/** All keys that parameters read. */
export function keysOfAll(parameters: Json): string[] {
  if (typeof parameters === 'string') return keysOf(parameters);
  if (typeof parameters !== 'object' || parameters === null) return [];
  return Object.values(parameters).flatMap((each) => keysOfAll(each as Json));
}

/** What stands at a path, such as `order.rows.0.status`; 0, false and the empty text are there. */
export function valueAt(path: string, scope: JsonObject): Json | undefined {
  let value: Json | undefined = scope;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, Json>>)[key];
  }
  return value;
}

function inWords(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  if (!Array.isArray(value)) return pairs(value as JsonObject);
  const items = value as readonly Json[];
  const isTable = items.some((item) => typeof item === 'object' && item !== null);
  return isTable
    ? items.map((item) => `- ${inWords(item)}`).join('\n')
    : items.map(inWords).join(', ');
}

const pairs = (value: JsonObject) =>
  Object.entries(value)
    .filter(([, part]) => part !== null && part !== undefined)
    .map(([key, part]) => `${key}: ${inWords(part)}`)
    .join(', ');
