/** A person who gets mail. */
export interface Mailbox {
  name?: string;
  address: string;
}

/** A mail before it has words: the template and what goes into it. */
export interface TemplatedEmail {
  /** Names the occasion: the same key always makes the same Message-ID, so that nothing goes out twice. */
  key: string;
  recipient: Mailbox;
  subject: string;
  /** The name of a template, without its ending: `positive_feedback_response`. */
  template: string;
  data: Record<string, unknown>;
}

/** What became of a mail. */
export interface Delivery {
  messageId: string;
  /** False when this very mail had gone out before and was not sent again. */
  sent: boolean;
}

/** Mail as workflows use it. */
export interface EmailSender {
  /** The Message-ID, without angle brackets, of the mail with this key. */
  messageId(key: string): string;
  /**
   * Renders and sends.
   * @throws GraphwrightError `invalid_parameters` for a bad recipient, subject or template;
   * `integration_failed` when the server could not be reached (retriable); `integration_refused` when it
   * said no; `delivery_unknown` when the connection broke after the text had been handed over.
   */
  sendTemplatedEmail(email: TemplatedEmail, signal?: AbortSignal): Promise<Delivery>;
  /** Whether the mail with this key went out; undefined where the transport cannot know (SMTP). */
  wasSent(key: string): Promise<boolean | undefined>;
}
