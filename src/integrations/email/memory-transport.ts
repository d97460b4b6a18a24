import { rawMessage, type ComposedMail, type MailTransport } from './mail-transport.ts';

/** Mail that stayed in memory. */
export interface MemoryTransport extends MailTransport {
  /** The mails in the order they were sent; `raw` is the message as it would go over the wire. */
  readonly sent: readonly (ComposedMail & { raw: string })[];
}

/** Keeps mail in memory, for tests. */
export function memoryTransport(): MemoryTransport {
  const sent: (ComposedMail & { raw: string })[] = [];
  const has = (messageId: string) => sent.some((mail) => mail.messageId === messageId);
  return {
    sent,
    async send(mail) {
      const raw = (await rawMessage(mail)).toString('utf8');
      if (has(mail.messageId)) return false;
      sent.push({ ...mail, raw });
      return true;
    },
    wasSent: async (messageId) => has(messageId),
  };
}
