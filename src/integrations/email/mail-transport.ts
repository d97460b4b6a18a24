import { createTransport, type SendMailOptions } from 'nodemailer';

/** A mail ready to leave. */
export interface ComposedMail {
  /** Without angle brackets. */
  messageId: string;
  from: { name: string; address: string };
  to: { name: string; address: string };
  subject: string;
  html: string;
  text: string;
  date: Date;
}

/** How mail leaves: to a server, to a folder, to memory. */
export interface MailTransport {
  /**
   * Hands a mail over.
   * @returns False when this very mail had been handed over before and was not again.
   */
  send(mail: ComposedMail, signal?: AbortSignal): Promise<boolean>;
  /** Whether a mail was handed over; undefined when the transport cannot know. */
  wasSent(messageId: string): Promise<boolean | undefined>;
}

/** The mail as nodemailer takes it: addresses as objects, an envelope of our own, nothing read from disk or web. */
export const messageOptions = ({
  messageId,
  from,
  to,
  subject,
  html,
  text,
  date,
}: ComposedMail): SendMailOptions => ({
  // Named one by one: whatever else the object carries is not nodemailer's business.
  from,
  to,
  subject,
  html,
  text,
  date,
  messageId: `<${messageId}>`,
  envelope: { from: from.address, to: [to.address] },
  // RFC 3834: tells other robots not to answer this one.
  headers: { 'Auto-Submitted': 'auto-replied' },
  disableFileAccess: true,
  disableUrlAccess: true,
});

const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

/** The mail as it goes over the wire (RFC 5322). */
export async function rawMessage(mail: ComposedMail): Promise<Buffer> {
  const { message } = await composer.sendMail(messageOptions(mail));
  return message as Buffer;
}
