/** What `postgres.mjs` offers to the tests. */
export interface Postgres {
  database(name: string, template?: string): string;
  close(): Promise<void>;
}

export function postgresPrograms(): string | undefined;
export function startPostgres(settings?: readonly string[]): Promise<Postgres>;
