import type { AddressInfo, Socket } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as the server took it: whom the envelope named, and what the text says. */
export interface TakenMail {
  from: string;
  to: string[];
  parsed: Email;
}

/** What the server does once it has the whole text of the mail with this number, from 1. */
export type Behaviour = (number: number) => 'take' | 'drop' | 'silence' | number;

const answer = (code: number) =>
  Object.assign(new Error('As the test says'), { responseCode: code });

/** A real SMTP server on loopback; it counts connections, and keeps each text that it was handed. */
export async function mailServer(
  behaviour: Behaviour = () => 'take',
  options: SMTPServerOptions = { authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] },
) {
  const taken: TakenMail[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = new SMTPServer({
    closeTimeout: 10,
    ...options,
    async onData(stream, { envelope }, done) {
      const raw = Buffer.concat(await stream.toArray());
      taken.push({
        from: envelope.mailFrom ? envelope.mailFrom.address : '',
        to: envelope.rcptTo.map(({ address }) => address),
        parsed: await PostalMime.parse(raw),
      });
      const what = behaviour(taken.length);
      if (what === 'drop') for (const socket of sockets) socket.destroy();
      else if (what !== 'silence') done(what === 'take' ? null : answer(what));
    },
  });
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return {
    port,
    url: `smtp://localhost:${port}`,
    taken,
    connections: () => connections,
    [Symbol.asyncDispose]: close,
  };
}
