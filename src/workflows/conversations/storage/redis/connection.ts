import { GraphwrightError } from '../../../../errors.ts';
import type { Script } from './scripts.ts';

type Client = Awaited<ReturnType<typeof connect>>;

/** A connection to Redis whose failures are the errors that callers know. */
export class RedisConnection {
  readonly #client: Client;

  /** @throws GraphwrightError `unavailable`, or `invalid_configuration` when `@redis/client` is not installed. */
  static async open(url: string): Promise<RedisConnection> {
    return new RedisConnection(await connect(url));
  }

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Carries out a script, which Redis is sent only when it does not know it yet. */
  run(script: Script, keys: string[], values: string[]): Promise<unknown> {
    const options = { keys, arguments: values };
    return this.command(async (client) => {
      try {
        return await client.evalSha(script.sha, options);
      } catch (thrown) {
        if (!(thrown as Error).message.startsWith('NOSCRIPT')) throw thrown;
        return client.eval(script.text, options);
      }
    });
  }

  async command<T>(action: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await action(this.#client);
    } catch (thrown) {
      throw failure(thrown);
    }
  }

  async close(): Promise<void> {
    if (this.#client.isOpen) await this.#client.close();
  }
}

async function connect(url: string) {
  const { createClient } = await loadRedis();
  const client = createClient({ url, disableOfflineQueue: true });
  let connected = false;
  // Commands say what went wrong by themselves; a lost connection is made anew, a first one that fails is told.
  client.on('error', () => {
    if (!connected) client.destroy();
  });
  try {
    await client.connect();
  } catch (thrown) {
    throw failure(thrown);
  }
  connected = true;
  return client;
}

function failure(thrown: unknown): GraphwrightError {
  if (thrown instanceof GraphwrightError) return thrown;
  const { name, message } = thrown as Error;
  if (/^(OOM|MISCONF)/.test(message))
    return new GraphwrightError('store_full', `Redis takes nothing more: ${message}`, {
      cause: thrown,
    });
  // What the server itself refuses is an error of ours; everything else is the connection.
  if (
    /^(ErrorReply|SimpleError|BlobError)$/.test(name) &&
    !/^(LOADING|READONLY|NOAUTH|WRONGPASS)/.test(message)
  )
    return GraphwrightError.from(thrown);
  return new GraphwrightError('unavailable', `Redis cannot be reached: ${message}`, {
    cause: thrown,
  });
}

async function loadRedis() {
  try {
    return await import('@redis/client');
  } catch (cause) {
    const text = 'Conversations in Redis need one more package: npm install @redis/client';
    throw new GraphwrightError('invalid_configuration', text, { cause });
  }
}
