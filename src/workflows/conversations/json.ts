/** A value that JSON can hold, unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object; a key whose value is undefined counts as absent. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}
