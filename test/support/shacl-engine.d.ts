/** The part of shacl-engine that tests use; the package has no types of its own. */
declare module 'shacl-engine' {
  interface Result {
    path: { predicates: { value: string }[] }[];
    message: { value: string }[];
  }

  export class Validator {
    constructor(shapes: object, options: { factory: object });
    validate(data: { dataset: object }): Promise<{ conforms: boolean; results: Result[] }>;
  }
}
