import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { GraphwrightError } from '../../../errors.ts';
import type { ApprovalDecision } from '../../approval/run-approval.ts';
import type { AnyWorkflow, ParametersOf } from '../../workflow.ts';
import { Closing } from '../closing.ts';
import { KnownWorkflows } from '../known-workflows.ts';
import { parseFilter } from '../run-list.ts';
import { RunLookup } from '../run-lookup.ts';
import {
  hasEnded,
  type FollowOptions,
  type Retention,
  type RunEvent,
  type RunFilter,
  type RunPage,
  type RunRecord,
  type Runs,
  type Signal,
  type StartOptions,
} from '../runs.ts';
import { longestTimer } from '../../../time-limit.ts';
import { Carriers } from './carriers.ts';
import type { ClusterRunsConfiguration } from './cluster-configuration.ts';
import { ClusterExecutor } from './cluster-executor.ts';
import { assertStorable, cursorOf, numbers, pageCondition } from './cluster-list.ts';
import { ClusterReader } from './cluster-reader.ts';
import { ClusterStarter, ifConflict, sharedQueue } from './cluster-starter.ts';
import { countReady } from './cluster-statements.ts';
import { postgresFailure } from '../../postgres-failure.ts';
import { outliveConnections } from '../../postgres-package.ts';
import { Database } from './database.ts';
import { DbosEngine, loadPackages } from './dbos.ts';
import { decideRun } from '../decide-run.ts';
import { EndWatch } from './end-watch.ts';
import { followRun } from './follow-run.ts';
import { Peers } from './peers.ts';
import { prepareIndexes } from './prepare-indexes.ts';
import { assertSignal, ended } from '../refusals.ts';
import { reopenRun } from './reopen-run.ts';
import { sendSignal } from './send-signal.ts';
import { sweepRuns } from './sweep-runs.ts';

/**
 * Runs that many processes share, kept in Postgres by DBOS. There can be one in a process.
 *
 * A run begins in the process that accepted it, or when that is busy in any other. What a process that dies
 * leaves is taken up by the others. A process that never resumes them only asks: it leaves its runs to those that
 * do, and carries out what it starts only where there are none.
 * @example
 * const runs = await ClusterRuns.open({ databaseUrl: 'postgres://localhost/runs', workflows: [importFeed] });
 * await runs.resume();
 */
export class ClusterRuns implements Runs {
  readonly #configuration: ClusterRunsConfiguration;
  readonly #pool: Pool;
  readonly #database: Database;
  readonly #reader: ClusterReader;
  readonly #executor: ClusterExecutor;
  readonly #carriers: Carriers;
  readonly #ends: EndWatch;
  readonly #peers: Peers;
  readonly #name = `graphwright-${randomUUID()}`;
  #dbos!: DbosEngine;
  readonly #starter: ClusterStarter;
  readonly #closing = new Closing();
  readonly #workflows: KnownWorkflows;
  readonly #lookup: RunLookup;
  readonly #nextNumber = numbers(() => this.#now().getTime());

  private constructor(
    configuration: ClusterRunsConfiguration,
    { pg }: Awaited<ReturnType<typeof loadPackages>>,
  ) {
    const { databaseUrl, patience = 1000, crashLimit = 100 } = configuration;
    const { onError = () => undefined } = configuration;
    const connection = { connectionString: databaseUrl, keepAlive: true };
    this.#configuration = configuration;
    this.#workflows = new KnownWorkflows(configuration.workflows);
    const max = configuration.connections ?? 10;
    this.#pool = outliveConnections(new pg.Pool({ ...connection, max }));
    this.#database = new Database(this.#pool, (ids) => this.#executor.lose(ids));
    this.#reader = new ClusterReader(this.#database);
    this.#carriers = new Carriers(this.#database, onError);
    this.#ends = new EndWatch(this.#database);
    this.#executor = new ClusterExecutor({
      database: this.#database,
      reader: this.#reader,
      executor: this.#name,
      queue: sharedQueue,
      now: () => this.#now(),
      // What is let go of goes on in a process that carries out runs, and there may be none.
      patience: () => (this.#carriers.here ? patience : longestTimer),
      crashLimit,
      workflow: (name) => this.#workflows.find(name),
      startChild: (parent, workflow, parameters, id) =>
        this.#starter.startChild(parent, workflow, parameters, id),
      onEnd: (id, told) => this.#ends.watch(id, told),
      onEnding: () => this.#ends.poke(),
      onLetGo: (id) => this.#dbos.letGo(id),
      onError,
    });
    this.#lookup = new RunLookup(this.#parts);
    this.#starter = new ClusterStarter({
      ...this.#parts,
      workflows: this.#workflows,
      maxParallel: configuration.maxParallel ?? 256,
      now: () => this.#now(),
      dbos: () => this.#dbos,
      ends: this.#ends,
      get: (id) => this.get(id),
      onStarted: configuration.onStarted,
    });
    this.#peers = new Peers({
      connect: () => new pg.Client(connection),
      executor: this.#name,
      queue: sharedQueue,
      crashLimit,
      onSignal: (run) => void this.#executor.deliver(run).catch(() => undefined),
      onCancelled: (run) => void this.#executor.cancel(run).catch(() => undefined),
    });
  }

  /**
   * Opens the runs of a database, and makes what is missing in it. What lies in queues is not carried out here
   * before {@link resume}.
   * @throws GraphwrightError `invalid_configuration` when a package is missing; `unavailable` when Postgres
   * cannot be reached; `conflict` when there are such runs in this process already.
   */
  static async open(configuration: ClusterRunsConfiguration): Promise<ClusterRuns> {
    const packages = await loadPackages();
    const runs = new ClusterRuns(configuration, packages);
    try {
      await runs.#peers.join();
      await runs.#peers.alone(() => runs.#prepare(packages));
    } catch (thrown) {
      await runs.#executor.close(GraphwrightError.from(thrown));
      await runs.#dbos?.close();
      await runs.#peers.close();
      await runs.#pool.end();
      throw postgresFailure(thrown);
    }
    runs.#peers.watch();
    return runs;
  }

  async start<W extends AnyWorkflow>(
    workflow: W,
    input: ParametersOf<W>,
    options: StartOptions = {},
  ): Promise<RunRecord> {
    this.#closing.assertOpen();
    return this.#starter.start(workflow, input, options);
  }

  get(id: string): Promise<RunRecord | undefined> {
    return this.#lookup.get(id);
  }

  async list(filter: RunFilter = {}): Promise<RunPage> {
    const wanted = parseFilter(filter);
    const page = pageCondition(wanted, this.#executor.statuses());
    if (!page) return { items: [] };
    const found = await this.#reader.runs(page.condition, page.values);
    return this.#lookup.page(found, wanted.limit, cursorOf);
  }

  async latest(workflow: string, name: string, value: string): Promise<RunRecord | undefined> {
    const found = await this.#reader.latest(workflow, name, value);
    return found && this.get(found.record.id);
  }

  async wait(id: string, milliseconds: number, signal?: AbortSignal): Promise<RunRecord> {
    // What is in memory may end before it is on disk, where its result is read below.
    const isHere = this.#executor.present(id) !== undefined;
    if (isHere || !hasEnded((await this.#reader.existing(id)).record))
      await this.#ends.ended(id, milliseconds, this.#closing.or(signal));
    return this.#lookup.existing(id);
  }

  async cancel(id: string): Promise<RunRecord> {
    const { record } = await this.#lookup.stored(id);
    if (record.status === 'cancelled') return this.#lookup.existing(id);
    if (!hasEnded(record)) {
      await this.#dbos.cancel(id);
      await this.#executor.cancel(id);
      await this.#peers.tellCancelled(id);
    }
    const now = await this.#reader.existing(id);
    if (now.record.status !== 'cancelled') throw ended(now.record, 'be cancelled');
    for (const child of await this.#reader.childrenOf(id))
      await this.cancel(child).catch(ifConflict);
    return this.#lookup.existing(id);
  }

  async signal(id: string, signal: Signal): Promise<void> {
    this.#closing.assertOpen();
    assertSignal(signal);
    assertStorable('/name', signal.name);
    await this.#lookup.unended(id, 'take a signal');
    await this.#send(id, signal);
  }

  async decide(id: string, decision: ApprovalDecision): Promise<ApprovalDecision> {
    this.#closing.assertOpen();
    return decideRun(decision, {
      read: async () => (await this.#reader.existing(id)).record,
      send: (signal) => this.#send(id, signal),
    });
  }

  #send(id: string, signal: Signal): Promise<void> {
    const parts = { ...this.#parts, dbos: this.#dbos, nextNumber: this.#nextNumber };
    return sendSignal(id, signal, parts);
  }

  resume(): Promise<number>;
  resume(id: string): Promise<RunRecord>;
  resume(id?: string): Promise<number | RunRecord> {
    return id === undefined ? this.#takeUp() : this.#reopen(id);
  }

  async retry(id: string): Promise<RunRecord> {
    const { record, agent } = await this.#lookup.ended(id);
    const { owner, parameters } = record;
    const workflow = this.#workflows.offered(record.workflow);
    this.#closing.assertOpen();
    return this.#starter.start(workflow, parameters, { owner, agent }, id);
  }

  async delete(id: string): Promise<void> {
    await this.#lookup.ended(id);
    await this.#dbos.delete([id]);
  }

  follow(id: string, options: FollowOptions = {}): AsyncGenerator<RunEvent> {
    return followRun(id, options, { ...this.#parts, closing: this.#closing });
  }

  sweep(retention: Retention): Promise<number> {
    const remove = (ids: readonly string[]) => this.#dbos.delete(ids);
    return sweepRuns(this.#database, retention, this.#now().getTime(), remove);
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    await this.#executor.close(this.#closing.begin());
    this.#ends.close();
    await this.#dbos.close();
    // Not before DBOS takes no more; after a failure the others find out by themselves.
    await this.#executor.giveBackAll().catch(() => undefined);
    await this.#peers.close();
    await this.#pool.end();
  }

  /** Starts DBOS, and makes what is missing in the database. */
  async #prepare(packages: Awaited<ReturnType<typeof loadPackages>>): Promise<void> {
    this.#dbos = await DbosEngine.launch(packages, {
      url: this.#configuration.databaseUrl,
      pool: this.#pool,
      executor: this.#name,
      carryOut: (id) => this.#carryOut(id),
    });
    await prepareIndexes(this.#database);
    await this.#starter.queueOf(undefined);
  }

  async #carryOut(id: string): Promise<unknown> {
    const record = await this.#executor.carryOut(id);
    if (!record) return new Promise(() => undefined);
    if (record.error) throw this.#dbos.failure(record.error);
    return { result: record.result };
  }

  async #takeUp(): Promise<number> {
    this.#closing.assertOpen();
    await this.#starter.prepareQueues(this.#configuration.workflows);
    await this.#peers.takeOver();
    const found = await this.#database.rows<{ count: string }>(countReady);
    await this.#peers.carryOut();
    this.#closing.assertOpen();
    this.#carriers.join();
    await this.#dbos.listen();
    return Number(found[0]!.count);
  }

  async #reopen(id: string): Promise<RunRecord> {
    const { record } = await this.#lookup.resumable(id);
    const queueOf = (name: string) => this.#starter.queueOf(this.#workflows.find(name));
    if (hasEnded(record)) await reopenRun(record, { ...this.#parts, queueOf });
    return this.#lookup.existing(id);
  }

  get #parts() {
    return {
      database: this.#database,
      reader: this.#reader,
      executor: this.#executor,
      carriers: this.#carriers,
    };
  }

  #now(): Date {
    return this.#configuration.now?.() ?? new Date();
  }
}
