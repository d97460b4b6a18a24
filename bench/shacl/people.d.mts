/** The N-Triples of `count` people; every `wrongEvery`th has an age below zero. */
export function people(count: number, wrongEvery?: number): string;
/** Turtle. */
export const shapes: string;
