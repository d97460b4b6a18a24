import { createHash } from 'node:crypto';
import { Integration } from '../integration.ts';
import type { Delivery, EmailSender, Mailbox, TemplatedEmail } from './email.ts';
import { feedbackTemplates } from './feedback-templates.ts';
import type { MailTransport } from './mail-transport.ts';
import { checkMailbox, checkSubject } from './mailbox.ts';
import { MailTemplates, type MailTemplate } from './templates.ts';

/** How mail is written and how it leaves. */
export interface EmailConfiguration {
  from: Mailbox;
  transport: MailTransport;
  /** Templates by name, besides or instead of the ones for feedback. */
  templates?: Readonly<Record<string, MailTemplate>>;
  /** The clock behind the Date header. */
  now?: () => Date;
}

/** Writes mail from templates, always with an HTML and a text part, and hands it to a transport. */
export class EmailIntegration extends Integration<EmailConfiguration> implements EmailSender {
  readonly #templates = new MailTemplates({
    ...feedbackTemplates,
    ...this.configuration.templates,
  });
  readonly #from = checkMailbox(this.configuration.from, 'from', 'invalid_configuration');

  messageId(key: string): string {
    const digest = createHash('sha256').update(key).digest('hex').slice(0, 32);
    return `${digest}@${this.#from.address.split('@')[1]}`;
  }

  async sendTemplatedEmail(email: TemplatedEmail, signal?: AbortSignal): Promise<Delivery> {
    const { transport, now = () => new Date() } = this.configuration;
    const messageId = this.messageId(email.key);
    const mail = {
      messageId,
      from: this.#from,
      to: checkMailbox(email.recipient, 'recipient'),
      subject: checkSubject(email.subject),
      ...this.#templates.render(email.template, email.data),
      date: now(),
    };
    return { messageId, sent: await transport.send(mail, signal) };
  }

  wasSent(key: string): Promise<boolean | undefined> {
    return this.configuration.transport.wasSent(this.messageId(key));
  }
}
