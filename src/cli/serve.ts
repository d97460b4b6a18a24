import { pino } from 'pino';
import { configurationOf, conclude, type CommonFlags } from './common.ts';
import { assertGuarded } from '../server/api-key.ts';
import { openApplication } from '../server/application.ts';
import { server } from '../server/server.ts';

/** `graphwright serve`: serves until it is told to stop, then finishes what is under way. */
export async function serve({
  port,
  host,
  ...common
}: CommonFlags & { port?: string; host?: string }): Promise<void> {
  await conclude(common, async () => {
    const configuration = configurationOf(common, { 'server.port': port, 'server.host': host });
    const { apiKey, ...address } = configuration.server;
    assertGuarded(address.host, apiKey);
    const log = pino({ level: common.quiet ? 'warn' : 'info' }, pino.destination(2));
    const application = await openApplication(configuration, (error) =>
      log.warn(error, error.message),
    );
    const app = await server({
      ...application,
      apiKey,
      logger: { level: 'warn', stream: pino.destination(2) },
    });
    const stop = () => app.close().then(() => application.close());
    process.once('SIGINT', () => void stop());
    process.once('SIGTERM', () => void stop());
    const url = await app.listen(address);
    const resumed = await application.runs.resume();
    log.info(
      {
        url,
        docs: `${url}/docs`,
        openapi: `${url}/openapi.json`,
        data: configuration.data,
        resumed,
      },
      `Graphwright listens on ${url}`,
    );
  });
}
