import { GraphwrightError, type ErrorCode } from '../../../../errors.ts';
import type { EmailSender, Mailbox } from '../../../../integrations/email/email.ts';
import { sparql } from '../../../../ontology/sparql.ts';
import type { OntologyStore } from '../../../../ontology/store.ts';
import type { Run } from '../../../workflow.ts';
import { shopGraph } from './assess-return.ts';
import { returnConfirmation } from './shop-mail.ts';

/** What became of the mail that confirms a return; `none` where no mail or no address is known. */
export const confirmations = ['none', 'sent', 'not_sent', 'unknown'] as const;
export type Confirmation = (typeof confirmations)[number];

/** Whom a mail goes to, by name. */
export type Recipient = Mailbox & { readonly name: string };

/** A return as its mail tells it. */
export interface ConfirmedReturn {
  readonly returnId: string;
  readonly product: string;
  readonly pieces: number;
  readonly refundInWords: string;
}

const outcomes: Partial<Record<ErrorCode, Confirmation>> = {
  integration_failed: 'not_sent',
  integration_refused: 'not_sent',
  invalid_parameters: 'not_sent',
  delivery_unknown: 'unknown',
};

/**
 * Tells a customer by mail that a return is requested, at most once for each run: what may have gone out before a
 * crash is not sent again. The return stands whatever becomes of its mail, which the run's steps tell.
 * @param mailbox As the graph has it: nothing that was said decides who gets mail.
 */
export async function confirmReturn(
  email: EmailSender,
  mailbox: Recipient,
  back: ConfirmedReturn,
  run: Run,
): Promise<Confirmation> {
  const { returnId, product, pieces, refundInWords } = back;
  const mail = {
    recipient: mailbox,
    subject: `Your return ${returnId}`,
    template: returnConfirmation,
    data: { customerName: mailbox.name, returnId, product, pieces, refundInWords },
  };
  try {
    return await run.effect(
      'send_confirmation',
      async ({ key, repeated, signal }): Promise<Confirmation> => {
        const before = repeated ? await email.wasSent(key) : false;
        if (before === undefined) return 'unknown';
        if (!before) await email.sendTemplatedEmail({ ...mail, key }, signal);
        return 'sent';
      },
      // The transport knows whether the mail went out, or it is left alone.
      { onUnknown: 'repeat' },
    );
  } catch (thrown) {
    const outcome = outcomes[GraphwrightError.from(thrown).code];
    if (!outcome) throw thrown;
    return outcome;
  }
}

/** The mailbox of a customer of the shop; null when the graph has no address. */
export async function mailboxOf(
  store: OntologyStore,
  customerId: string,
  signal: AbortSignal,
): Promise<Recipient | null> {
  const [row] = await store.select(
    sparql`PREFIX gw: <https://w3id.org/graphwright#>
      SELECT ?name ?address WHERE {
        GRAPH ${shopGraph} { ?customer a gw:Customer ; gw:identifier ${customerId} ; gw:name ?name ; gw:email ?address }
      } ORDER BY ?address LIMIT 1`,
    { signal },
  );
  return row ? { name: row['name']!.value, address: row['address']!.value } : null;
}
