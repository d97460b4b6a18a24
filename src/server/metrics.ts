import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { GraphwrightError } from '../errors.ts';
import { isMeasured, isObservable, type OntologyStore } from '../ontology/store.ts';
import {
  observe,
  type Attributes,
  type Observation,
  type Observer,
  type Work,
} from '../telemetry.ts';
import { plainName } from '../workflows/work.ts';

/** From a quick query to a long workflow, in seconds. */
const buckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

/** How many names of one kind are told apart; a program that makes up more must not fill the memory. */
const mostNames = 500;

/** Counts and times what happens in this process, as Prometheus reads it. */
export class Metrics implements Observer {
  readonly #registry = new Registry();
  readonly #close: () => void;
  readonly #names = new Map<string, Set<string>>();
  readonly #active = this.#gauge('runs_active', 'Executions of workflows under way', ['workflow']);
  readonly #runs = this.#times('run', 'Executions of workflows', ['workflow', 'status']);
  readonly #steps = this.#times('step', 'Steps, with all their attempts', [
    'workflow',
    'step',
    'status',
  ]);
  readonly #retries = new Counter({
    name: 'graphwright_step_failed_attempts_total',
    help: 'Attempts of steps that failed and were followed by another',
    labelNames: ['workflow', 'step'],
    registers: [this.#registry],
  });
  readonly #queries = this.#times('query', 'Reads and writes of the graph', [
    'operation',
    'status',
  ]);
  readonly #tools = this.#times('tool', 'Calls of tools by models', ['tool', 'surface', 'status']);
  readonly #models = this.#times('model_call', 'Calls of chat models', ['model', 'status']);
  readonly #requests = this.#times('http_request', 'HTTP requests', [
    'method',
    'route',
    'status_code',
  ]);

  constructor(store: OntologyStore) {
    if (isObservable(store))
      this.#read(
        'store_position',
        'Writes that changed the graph, since it was made',
        () => store.position,
      );
    if (isMeasured(store))
      this.#read('store_bytes', 'Size of the state file: the graph, its journal and the runs', () =>
        store.size(),
      );
    this.#close = observe(this);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All there is to tell, of the process too. */
  async text(): Promise<string> {
    const parts = [await this.#registry.metrics(), await processMetrics().metrics()];
    return parts.join('\n');
  }

  /** Stops listening. */
  close(): void {
    this.#close();
  }

  begin({ kind, attributes }: Work): Observation {
    const start = performance.now();
    let known = attributes;
    if (kind === 'run') this.#active.inc(this.#workflow(known));
    let over = false;
    return {
      within: (action) => action(),
      set: (more) => void (known = { ...known, ...more }),
      note: () => {
        if (kind === 'step')
          this.#retries.inc({ ...this.#workflow(known), step: this.#step(known) });
      },
      end: (error) => {
        if (over) return;
        over = true;
        if (kind === 'run') this.#active.dec(this.#workflow(known));
        this.#count(kind, known, { seconds: (performance.now() - start) / 1000, error });
      },
    };
  }

  #count(
    kind: Work['kind'],
    known: Attributes,
    { seconds, error }: { seconds: number; error: GraphwrightError | undefined },
  ): void {
    const status = error ? (error.code === 'cancelled' ? 'cancelled' : 'failed') : 'completed';
    if (kind === 'run')
      this.#runs.observe(
        { ...this.#workflow(known), status: this.#status(known) ?? status },
        seconds,
      );
    else if (kind === 'step')
      this.#steps.observe({ ...this.#workflow(known), step: this.#step(known), status }, seconds);
    else if (kind === 'query')
      this.#queries.observe({ operation: String(known['db.operation.name']), status }, seconds);
    else if (kind === 'tool')
      this.#tools.observe(
        {
          tool: this.#name('tool', known['gen_ai.tool.name']),
          surface: String(known['graphwright.surface']),
          status,
        },
        seconds,
      );
    else if (kind === 'model')
      this.#models.observe(
        { model: this.#name('model', known['gen_ai.request.model']), status },
        seconds,
      );
    else if (kind === 'request')
      this.#requests.observe(
        {
          method: String(known['http.request.method']),
          route: this.#name('route', known['http.route']),
          status_code: String(known['http.response.status_code']),
        },
        seconds,
      );
  }

  /** A run that waits has not ended; what was done of it counts by itself. */
  #status(known: Attributes): string | undefined {
    const status = known['graphwright.run.status'];
    return status === undefined ? undefined : String(status);
  }

  #workflow(known: Attributes): { workflow: string } {
    return { workflow: this.#name('workflow', known['graphwright.workflow']) };
  }

  #step(known: Attributes): string {
    return this.#name('step', plainName(String(known['graphwright.step'])));
  }

  #name(kind: string, value: Attributes[string]): string {
    if (value === undefined) return '';
    const name = String(value);
    const names = this.#names.get(kind) ?? new Set();
    this.#names.set(kind, names);
    if (names.size >= mostNames && !names.has(name)) return 'other';
    names.add(name);
    return name;
  }

  #times(what: string, help: string, labelNames: string[]): Histogram {
    const name = `graphwright_${what}_duration_seconds`;
    return new Histogram({ name, help, labelNames, buckets, registers: [this.#registry] });
  }

  #gauge(what: string, help: string, labelNames: string[]): Gauge {
    const name = `graphwright_${what}`;
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  /** Has a number read whenever somebody asks. */
  #read(what: string, help: string, read: () => number | Promise<number>): Gauge {
    return new Gauge({
      name: `graphwright_${what}`,
      help,
      registers: [this.#registry],
      async collect() {
        this.set(await read());
      },
    });
  }
}

let ofProcess: Registry | undefined;

/** Memory, processor time and the event loop's delay are the process's, however many servers it has. */
function processMetrics(): Registry {
  if (ofProcess) return ofProcess;
  ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  return ofProcess;
}
