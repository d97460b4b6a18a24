import { AsyncResource } from 'node:async_hooks';
import type { DBOS as Dbos } from '@dbos-inc/dbos-sdk';
import type { Pool } from 'pg';
import { GraphwrightError } from '../../../errors.ts';
import { dbosWorkflow } from './cluster-rows.ts';
import { postgresFailure } from '../../postgres-failure.ts';

/** Milliseconds between two looks into a queue. */
const minPollingIntervalMs = 50;

/** How often a run is taken up at most; a run that waits for long is taken up with every stop. */
const maxRecoveryAttempts = 1_000_000;

/** What DBOS works with. */
export interface DbosConfiguration {
  url: string;
  pool: Pool;
  /** The name of this process among the others. */
  executor: string;
  /** Carries out a run; what it never settles stays as it is. */
  carryOut: (id: string) => Promise<unknown>;
}

/** Where and how a run begins. */
export interface Beginning {
  id: string;
  parameters: unknown;
  attributes: object;
  /** Without one it begins here and at once. */
  queue?: string;
  /** Milliseconds. */
  delay?: number;
}

/** What hinders a run from beginning: its id, or its idempotency key, stands for another one. */
export type Begun = 'begun' | 'id_taken' | 'key_taken';

// DBOS lives in static state, so that there is one in a process, which knows its workflows before it starts.
let carryOut: DbosConfiguration['carryOut'] | undefined;
let workflow: ((parameters: unknown) => Promise<unknown>) | undefined;

const silent = () => undefined;

/** The packages that an installation without a cluster does not need. */
export async function loadPackages() {
  try {
    const [dbos, inside, pg] = await Promise.all([
      import('@dbos-inc/dbos-sdk'),
      import('@dbos-inc/dbos-sdk/internal/dbos-executor'),
      import('pg'),
    ]);
    return { dbos, DBOSExecutor: inside.DBOSExecutor, pg: pg.default };
  } catch (cause) {
    throw new GraphwrightError(
      'invalid_configuration',
      'Runs in Postgres need two more packages: npm install @dbos-inc/dbos-sdk pg',
      { cause },
    );
  }
}

type Packages = Awaited<ReturnType<typeof loadPackages>>;

/** DBOS as runs use it. */
export class DbosEngine {
  readonly #packages: Packages;
  readonly #apart = new AsyncResource('DbosEngine');
  #listening?: Promise<void>;

  private constructor(packages: Packages) {
    this.#packages = packages;
  }

  get #dbos(): typeof Dbos {
    return this.#packages.dbos.DBOS;
  }

  /**
   * Starts DBOS, which takes nothing from queues before {@link listen}.
   * @throws GraphwrightError `conflict` when there is one in this process already.
   */
  static async launch(packages: Packages, configuration: DbosConfiguration): Promise<DbosEngine> {
    const { DBOS } = packages.dbos;
    if (carryOut || DBOS.isInitialized())
      throw new GraphwrightError(
        'conflict',
        'DBOS runs in this process already, and there can be one; close the other runs first',
      );
    ({ carryOut } = configuration);
    workflow ??= DBOS.registerWorkflow(async () => carryOut!(DBOS.workflowID!), {
      name: dbosWorkflow,
      serialization: 'portable',
      maxRecoveryAttempts,
    });
    DBOS.setConfig({
      name: 'graphwright',
      systemDatabaseUrl: configuration.url,
      systemDatabasePool: configuration.pool,
      executorID: configuration.executor,
      // What a workflow does is not DBOS's to compare: each run is held to what it recorded.
      applicationVersion: 'graphwright',
      listenQueues: [],
      logger: { info: silent, debug: silent, warn: silent, error: silent },
    });
    try {
      await DBOS.launch();
    } catch (thrown) {
      carryOut = undefined;
      throw thrown;
    }
    return new DbosEngine(packages);
  }

  /** Takes runs from all queues from now on. */
  listen(): Promise<void> {
    return (this.#listening ??= this.outside(() => this.#listen()));
  }

  /** DBOS takes the names of queues only when its receivers begin, so they begin anew. */
  async #listen(): Promise<void> {
    const executor = this.#packages.DBOSExecutor.globalInstance!;
    await executor.deactivateEventReceivers();
    await executor.stopWorkflowTimeoutSweep();
    await executor.initEventReceivers(null);
  }

  /** Makes a queue, or changes its limits: over all processes, and within each. */
  async queue(name: string, limits: { all?: number; each?: number }): Promise<void> {
    await this.#dbos.registerQueue(name, {
      globalConcurrency: limits.all,
      workerConcurrency: limits.each,
      minPollingIntervalMs,
      onConflict: 'always_update',
    });
  }

  /**
   * Resolves once the run is on disk; to be called {@link outside}.
   * @param onEnd Told when its end is on disk, if it begins here.
   */
  async begin(
    { id, parameters, attributes, queue, delay = 0 }: Beginning,
    onEnd: () => void,
  ): Promise<Begun> {
    const { DBOSQueueDuplicatedError, DBOSWorkflowIDInUseError } = this.#packages.dbos.Error;
    try {
      const handle = await this.#dbos.startWorkflow(workflow!, {
        workflowID: id,
        workflowIDReusePolicy: 'reject',
        workflowAttributes: { ...attributes },
        queueName: queue,
        enqueueOptions: delay > 0 ? { delaySeconds: delay / 1000 } : undefined,
      })(parameters);
      if (queue === undefined) void handle.getResult().then(onEnd, onEnd);
      return 'begun';
    } catch (thrown) {
      if (thrown instanceof DBOSWorkflowIDInUseError) return 'id_taken';
      // The one unique index besides that of the id.
      if (thrown instanceof DBOSQueueDuplicatedError) return 'key_taken';
      throw thrown;
    }
  }

  /** Keeps a message for a run; the same `key` again changes nothing. */
  send(id: string, message: object, topic: string, key: string): Promise<void> {
    const options = { serializationType: 'portable' } as const;
    return this.outside(() => this.#dbos.send(id, message, topic, key, options));
  }

  cancel(id: string): Promise<void> {
    return this.outside(() => this.#dbos.cancelWorkflow(id));
  }

  delete(ids: readonly string[]): Promise<void> {
    return this.outside(() => this.#dbos.deleteWorkflows([...ids]));
  }

  /**
   * Takes a run off the list of those that DBOS counts as running here, without an end: its function never
   * returns, which is how DBOS leaves a run alone.
   */
  letGo(id: string): void {
    const { systemDatabase } = this.#packages.DBOSExecutor.globalInstance ?? {};
    // The first, as a newer execution may have begun meanwhile.
    systemDatabase?.runningWorkflowMap.get(id)?.[0]?.release();
  }

  /** The error of a run, as DBOS and its tools show it. */
  failure({ message, code, ...rest }: ReturnType<GraphwrightError['toJSON']>): Error {
    const { PortableWorkflowError } = this.#packages.dbos;
    const data = JSON.parse(JSON.stringify({ code, message, ...rest }));
    return new PortableWorkflowError(message, 'GraphwrightError', code, data);
  }

  async close(): Promise<void> {
    // What begins while it shuts down would go on for ever.
    await this.#listening?.catch(() => undefined);
    await this.#dbos.shutdown();
    carryOut = undefined;
  }

  /** Calls DBOS as if nobody had called; what it finds in the context of its caller is not meant for it. */
  async outside<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#apart.runInAsyncScope(action);
    } catch (thrown) {
      throw postgresFailure(thrown);
    }
  }
}
