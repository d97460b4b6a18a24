import { GraphwrightError } from './errors.ts';

/** What kinds of work those who watch are told of. */
export type WorkKind = 'request' | 'start' | 'run' | 'step' | 'agent' | 'tool' | 'query' | 'model';

/** What is said of some work, by the names of OpenTelemetry's semantic conventions where they have one. */
export type Attributes = Record<string, string | number | boolean | undefined>;

/** A place in a trace, as headers carry it (W3C Trace Context). */
export type TraceContext = Readonly<Record<string, string>>;

/** The place that somebody gives along with a request; undefined where there is none. */
export function placeIn({ traceparent, tracestate }: Readonly<Record<string, unknown>>) {
  if (typeof traceparent !== 'string') return undefined;
  const place: TraceContext = { traceparent };
  return typeof tracestate === 'string' ? { ...place, tracestate } : place;
}

/** Some work that begins. */
export interface Work {
  kind: WorkKind;
  /** One of few: with no ids, no parameters. */
  name: string;
  /** Nothing that somebody wrote. */
  attributes: Attributes;
  /** What somebody wrote: parameters, queries, messages. Told only to those who are to know it. */
  content?: () => Attributes;
  /** What this is a part of, where it is not what the calling code is a part of. */
  parent?: TraceContext;
  /** What this goes on with; it is then a part of nothing. */
  follows?: TraceContext;
}

/** Some work that is under way. */
export interface Observation {
  /** Does a part of the work, so that what it begins is seen to belong to it. */
  within<Result>(action: () => Result): Result;
  /** Adds to what is known of it. */
  set(attributes: Attributes): void;
  /** Tells of something that happened in its course. */
  note(event: string, attributes: Attributes): void;
  /** It is over; only the first call counts. */
  end(error?: GraphwrightError): void;
}

/** What hears of all work in this process. */
export interface Observer {
  begin(work: Work): Observation;
  /** Where the calling code is in a trace. */
  place?(): TraceContext | undefined;
}

let observers: readonly Observer[] = [];

/** Has an observer hear of all work that begins from now on, until the function it returns is called. */
export function observe(observer: Observer): () => void {
  observers = [...observers, observer];
  return () => void (observers = observers.filter((other) => other !== observer));
}

/** Where the calling code is in a trace; undefined where nobody traces. */
export function currentPlace(): TraceContext | undefined {
  for (const observer of observers) {
    const place = observer.place?.();
    if (place) return place;
  }
  return undefined;
}

/** Tells the observers of work that begins; undefined, and `describe` is not called, where there is none. */
export function begin(describe: () => Work): Observation | undefined {
  if (observers.length === 0) return undefined;
  const work = describe();
  const begun = observers.map((observer) => observer.begin(work));
  return begun.length === 1 ? begun[0] : together(begun);
}

/**
 * Does some work and tells the observers of it. The action gets its observation, where anybody watches; it
 * may end it with an error that it does not throw.
 */
export function observed<Result>(
  describe: () => Work,
  action: (seen?: Observation) => Promise<Result>,
): Promise<Result> {
  const seen = begin(describe);
  return seen ? watched(seen, action) : action();
}

async function watched<Result>(
  seen: Observation,
  action: (seen: Observation) => Promise<Result>,
): Promise<Result> {
  try {
    const result = await seen.within(() => action(seen));
    seen.end();
    return result;
  } catch (thrown) {
    seen.end(GraphwrightError.from(thrown));
    throw thrown;
  }
}

const together = (all: readonly Observation[]): Observation => ({
  within: (action) =>
    all.reduceRight<typeof action>((inner, one) => () => one.within(inner), action)(),
  set: (attributes) => all.forEach((one) => one.set(attributes)),
  note: (event, attributes) => all.forEach((one) => one.note(event, attributes)),
  end: (error) => all.forEach((one) => one.end(error)),
});
