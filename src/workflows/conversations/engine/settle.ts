import { GraphwrightError } from '../../../errors.ts';
import type { Json, JsonObject } from '../json.ts';

const settled = new WeakSet<object>();
const deepest = 100;

/**
 * A value as JSON would give it back, frozen. What has been settled before is taken as it is, so that a large
 * state of which little changes costs little.
 * @throws GraphwrightError `invalid_result` for what JSON cannot hold.
 */
export function settle(value: unknown, path = '', depth = 0): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw unfit(path, `the number ${value}`);
  }
  if (typeof value !== 'object') throw unfit(path, `a ${typeof value}`);
  if (settled.has(value)) return value as Json;
  if (depth === deepest) throw unfit(path, 'something nested too deep');
  if (hasJsonForm(value)) return settle(value.toJSON(), path, depth + 1);
  const below = (key: string | number, each: unknown) => settle(each, `${path}/${key}`, depth + 1);
  const copy = Array.isArray(value)
    ? value.map((each, index) => below(index, each))
    : fromEntries(value, below);
  settled.add(copy);
  return Object.freeze(copy);
}

/** Settles an object; a key whose value is undefined stays out of it. */
export const settleObject = (value: object, path = ''): JsonObject =>
  settle(value, path) as JsonObject;

function fromEntries(value: object, below: (key: string, each: unknown) => Json): JsonObject {
  const copy: Record<string, Json> = {};
  for (const [key, each] of Object.entries(value)) {
    if (each === undefined) continue;
    // By an assignment it would be the prototype, and here it is data like any other.
    if (key === '__proto__') define(copy, key, below(key, each));
    else copy[key] = below(key, each);
  }
  return copy;
}

const define = (object: object, key: string, value: Json) =>
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });

const hasJsonForm = (value: object): value is { toJSON(): unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function';

const unfit = (path: string, what: string) =>
  new GraphwrightError('invalid_result', `The state at ${path || '/'} holds ${what}, not JSON`);
