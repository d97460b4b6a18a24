import { GraphwrightError } from '../../errors.ts';
import { Integration } from '../integration.ts';
import { readCustomerFile } from './customer-file.ts';
import type { CustomerRecord, CustomerRequest, CustomerSource } from './customers.ts';

/** What {@link CsvCustomers} is given. */
export interface CsvCustomersConfiguration {
  path: string;
}

/**
 * Customers of a CSV file: UTF-8, commas, quotes where needed (RFC 4180), and a header with the
 * columns `id`, `name`, `email` and, if wanted, `segment` (standard, premium, enterprise; standard
 * when empty) and `lifetimeValue` (a number such as 1250.50; 0 when empty), in any order.
 *
 * The file is read at the first call and kept. Everything that is wrong with it is told at once, by
 * file, line and column: `customers.csv line 17, column email: Invalid email address`.
 */
export class CsvCustomers extends Integration<CsvCustomersConfiguration> implements CustomerSource {
  #customers?: Promise<ReadonlyMap<string, CustomerRecord>>;

  async getCustomer(
    id: string,
    { signal }: CustomerRequest = {},
  ): Promise<CustomerRecord | undefined> {
    const customers = await this.#load();
    stopIfAborted(signal);
    return customers.get(id);
  }

  async *listCustomers({ signal }: CustomerRequest = {}): AsyncGenerator<CustomerRecord> {
    for (const customer of (await this.#load()).values()) {
      stopIfAborted(signal);
      yield customer;
    }
  }

  /** Shared by all callers, so no one caller's signal ends it; a failure is not kept. */
  #load(): Promise<ReadonlyMap<string, CustomerRecord>> {
    return (this.#customers ??= readCustomerFile(this.configuration.path).catch(
      (thrown: unknown) => {
        this.#customers = undefined;
        throw thrown;
      },
    ));
  }
}

function stopIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted)
    throw new GraphwrightError('cancelled', 'Reading customers was cancelled', {
      cause: signal.reason,
    });
}
