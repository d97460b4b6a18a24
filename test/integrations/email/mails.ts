import { EmailIntegration } from '../../../src/integrations/email/email-integration.ts';
import type { TemplatedEmail } from '../../../src/integrations/email/email.ts';
import type { MailTransport } from '../../../src/integrations/email/mail-transport.ts';

/** Sends through this transport, at a time that stands still. */
export const emailThrough = (transport: MailTransport) =>
  new EmailIntegration({
    from: { name: 'Kundendienst Grün', address: 'care@example.org' },
    transport,
    now: () => new Date('2026-03-01T12:00:00Z'),
  });

export const data = {
  customerName: 'Zoë Müller',
  feedbackId: 'f-1',
  feedbackText: 'The lamp is lovely.\nIt shines 🌞',
  categories: ['product', 'service'],
  isPriority: false,
};

/** An answer to praise; what the test is about goes into `changes`. */
export const mail = (changes: Partial<TemplatedEmail> = {}): TemplatedEmail => ({
  key: 'feedback:f-1',
  recipient: { name: 'Zoë Müller', address: 'zoe@example.com' },
  subject: 'RE: Schöne Lampe 🌞',
  template: 'positive_feedback_response',
  data,
  ...changes,
});
