import { GraphwrightError } from '../../../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { PatchOperation } from '../log.ts';

/** What makes one settled value of another, as JSON Patch (RFC 6902): a list that grew costs what was added. */
export function difference(before: JsonObject, after: JsonObject): PatchOperation[] {
  const operations: PatchOperation[] = [];
  compareObjects(before, after, '', operations);
  return operations;
}

function compare(before: Json, after: Json, path: string, out: PatchOperation[]): void {
  if (before === after) return;
  if (isList(before) && isList(after)) return compareLists(before, after, path, out);
  if (isObject(before) && isObject(after)) return compareObjects(before, after, path, out);
  out.push({ op: 'replace', path, value: after });
}

function compareObjects(
  before: JsonObject,
  after: JsonObject,
  path: string,
  out: PatchOperation[],
): void {
  for (const key of Object.keys(before))
    if (has(before, key) && !has(after, key))
      out.push({ op: 'remove', path: `${path}/${token(key)}` });
  for (const key of Object.keys(after)) {
    const value = after[key];
    if (value === undefined || (value === before[key] && has(before, key))) continue;
    const place = `${path}/${token(key)}`;
    if (has(before, key)) compare(before[key]!, value, place, out);
    else out.push({ op: 'add', path: place, value });
  }
}

function compareLists(
  before: readonly Json[],
  after: readonly Json[],
  path: string,
  out: PatchOperation[],
): void {
  const changes: PatchOperation[] = [];
  for (let index = 0; index < Math.min(before.length, after.length); index += 1)
    compare(before[index]!, after[index]!, `${path}/${index}`, changes);
  // A list that was cut, or of which much has changed, is shorter as a whole.
  if (after.length < before.length || changes.length > before.length / 2)
    return void out.push({ op: 'replace', path, value: after });
  for (const value of after.slice(before.length))
    changes.push({ op: 'add', path: `${path}/-`, value });
  out.push(...changes);
}

/** Carries out a patch that {@link difference} made; what it does not touch is shared. */
export function patched(value: JsonObject, operations: readonly PatchOperation[]): JsonObject {
  return operations.reduce(
    (state, operation) => apply(state, tokens(operation.path), operation) as JsonObject,
    value,
  );
}

function apply(value: Json, path: readonly string[], operation: PatchOperation): Json {
  const [key, ...rest] = path;
  if (key === undefined || typeof value !== 'object' || value === null) throw astray(operation);
  if (isList(value)) return applyToList(value, key, rest, operation);
  const object = value as JsonObject;
  if (rest.length > 0) return { ...object, [key]: apply(object[key] ?? null, rest, operation) };
  if (operation.op !== 'remove') return { ...object, [key]: operation.value };
  const { [key]: _, ...others } = object;
  return others;
}

function applyToList(
  list: readonly Json[],
  key: string,
  rest: readonly string[],
  operation: PatchOperation,
): Json {
  if (operation.op === 'add' && key === '-' && rest.length === 0) return [...list, operation.value];
  const index = Number(key);
  if (!(index < list.length)) throw astray(operation);
  if (rest.length > 0) return list.with(index, apply(list[index]!, rest, operation));
  if (operation.op === 'replace') return list.with(index, operation.value);
  throw astray(operation);
}

/** Whether it holds something under a key; what is undefined is not there, as in JSON. */
const has = (object: JsonObject, key: string): boolean =>
  Object.hasOwn(object, key) && object[key] !== undefined;
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !isList(value);
const token = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
const tokens = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map((each) => each.replaceAll('~1', '/').replaceAll('~0', '~'));

const astray = ({ path }: PatchOperation) =>
  new GraphwrightError('store_damaged', `A conversation's log changes ${path}, which is not there`);
