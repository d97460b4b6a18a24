import { resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { Configuration } from '../configuration-schema.ts';
import { GraphwrightError } from '../errors.ts';
import { configuredShapes } from '../ontology/shapes/configured-shapes.ts';
import { assertGuarded } from '../server/api-key.ts';
import { openApplication, type Application, type Warn } from '../server/application.ts';
import { server } from '../server/server.ts';
import { conclude, configurationOf, type CommonFlags } from './common.ts';
import { announceServer } from './running-server.ts';

/** `graphwright serve`: serves until it is told to stop, then finishes what is under way. */
export async function serve({
  port,
  host,
  ...common
}: CommonFlags & { port?: string; host?: string }): Promise<void> {
  await conclude(common, async () => {
    const configuration = configurationOf(common, { 'server.port': port, 'server.host': host });
    const { host: address, apiKey, keys = [] } = configuration.server;
    assertGuarded(address, apiKey, keys.length);
    const log = pino({ level: common.quiet ? 'warn' : 'info' }, pino.destination(2));
    const warn: Warn = (error) => log.warn(error, error.message);
    const application = await openApplication(configuration, warn);
    const { url, stop } = await start(application, configuration);
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void conclude(common, stop));
    const resumed = await application.start();
    const { data } = configuration;
    log.info(
      { url, docs: `${url}/docs`, openapi: `${url}/openapi.json`, data, resumed },
      `Graphwright listens on ${url}`,
    );
  });
}

/** Listens, or lets go of everything that is open. */
async function start(
  application: Application,
  { data, server: { apiKey, keys, mcpHosts, mcpOrigins, ...address }, store }: Configuration,
): Promise<{ url: string; stop(): Promise<void> }> {
  try {
    const logger = { level: 'warn', stream: pino.destination(2) };
    const app = await server({
      ...application,
      apiKey,
      keys,
      queryTimeout: store.timeout,
      shapes: await configuredShapes(store.shapes),
      mcp: { hosts: mcpHosts, origins: mcpOrigins },
      uploads: resolve(data),
      logger,
    });
    const url = await listen(app, address);
    const withdraw = await announceServer(data, url);
    const stop = async () => {
      await app.close();
      await withdraw();
      await application.close();
    };
    return { url, stop };
  } catch (thrown) {
    await application.close();
    throw thrown;
  }
}

async function listen(
  app: FastifyInstance,
  { host, port }: { host: string; port: number },
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    throw new GraphwrightError(
      'unavailable',
      `Cannot listen on ${host}, port ${port}: ${(cause as Error).message}; choose another with --port or --host`,
      { cause },
    );
  }
}
