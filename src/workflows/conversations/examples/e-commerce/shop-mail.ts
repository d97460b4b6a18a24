import { join } from 'node:path';
import { z } from 'zod';
import { EmailIntegration } from '../../../../integrations/email/email-integration.ts';
import type { EmailSender } from '../../../../integrations/email/email.ts';
import { memoryTransport } from '../../../../integrations/email/memory-transport.ts';
import { outboxTransport } from '../../../../integrations/email/outbox-transport.ts';
import { smtpTransport } from '../../../../integrations/email/smtp-transport.ts';
import type { MailTemplate } from '../../../../integrations/email/templates.ts';

/** How the shop sends mail. */
export interface ShopMail {
  /** The address that it comes from. */
  readonly from: string;
  /** The name that it comes from; "Customer care" by default. */
  readonly fromName?: string;
  /** The mail server, such as `smtp://user:password@host:587`; without it mail goes to `outbox` below the directory. */
  readonly smtpUrl?: string;
}

/** The name of the template of {@link shopTemplates}. */
export const returnConfirmation = 'return_confirmation';

const shopTemplates: Readonly<Record<string, MailTemplate>> = {
  [returnConfirmation]: {
    data: z.object({
      customerName: z.string().min(1),
      returnId: z.string(),
      product: z.string(),
      pieces: z.int(),
      refundInWords: z.string(),
    }),
    html: `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Your return <%= it.returnId %></title></head>
  <body style="font-family:sans-serif;font-size:15px;line-height:1.6;color:#1f2937">
    <h1 style="font-size:20px">Your return is requested</h1>
    <p>Dear <%= it.customerName %>,</p>
    <p>Please send <%= it.pieces %> × <%= it.product %> back within 14 days, with the number <strong><%= it.returnId %></strong> on the parcel.</p>
    <p>You get <%= it.refundInWords %> back as soon as it is here.</p>
    <p>This mail was written automatically.</p>
  </body>
</html>
`,
  },
};

/** Mail with the shop's templates, and what closes it. */
export function shopMail(
  { from, fromName = 'Customer care', smtpUrl }: ShopMail,
  directory: string | undefined,
): { email: EmailSender; close(): Promise<void> } {
  // Nobody waits for the answer of a mail server longer than a customer waits for theirs.
  const smtp = smtpUrl === undefined ? undefined : smtpTransport({ url: smtpUrl, timeout: 10_000 });
  const kept = () =>
    directory === undefined ? memoryTransport() : outboxTransport(join(directory, 'outbox'));
  const email = new EmailIntegration({
    from: { name: fromName, address: from },
    transport: smtp ?? kept(),
    templates: shopTemplates,
  });
  return { email, close: async () => smtp?.close() };
}
