/**
 * A value as canonical JSON (RFC 8785): keys sorted, no spaces, so that equal values are the same text.
 * @returns undefined for what JSON does not hold, such as undefined or a function.
 */
export function canonicalJson(value: unknown): string | undefined {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : written(JSON.parse(text));
}

function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${written(member)}`);
  return `{${members.join(',')}}`;
}
