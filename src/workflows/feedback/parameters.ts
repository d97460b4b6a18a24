import { z } from 'zod';
import { Category, Sentiment } from '../../integrations/language/language.ts';

/** An id that fits a path segment. */
export const FeedbackId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'Expected 1 to 64 letters, digits, hyphens and underscores')
  .describe('Unique identifier for the feedback: letters, digits, hyphens and underscores');

/** What process_customer_feedback is given. */
export const CustomerFeedbackParameters = z.object({
  feedbackId: FeedbackId,
  customerId: z.string().min(1).max(200).describe('ID of the customer providing feedback'),
  subject: z
    .string()
    .trim()
    .min(1)
    .max(200)
    // oxlint-disable-next-line no-control-regex -- a line break here would become one in a mail header
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'Expected one line without control characters')
    .describe('Email subject or feedback topic'),
  feedbackText: z.string().trim().min(1).max(20_000).describe('The actual feedback text'),
  sentiment: Sentiment.optional().describe('Pre-analyzed sentiment; analyzed when it is left out'),
  categories: z
    .array(Category)
    .default([])
    .describe('Feedback categories; found from the text when the list is empty'),
  sendResponse: z.boolean().default(true).describe('Whether to answer the customer by mail'),
});
export type CustomerFeedbackParameters = z.output<typeof CustomerFeedbackParameters>;

/** What is done about a piece of feedback. */
export const Action = z.enum(['auto_respond', 'escalate', 'no_action']);
export type Action = z.output<typeof Action>;

/** The text that sentiment and categories are found from. */
export const FeedbackText = z.object({
  text: z.string().trim().min(1).max(20_000).describe('The feedback text to analyze'),
});
export type FeedbackText = z.output<typeof FeedbackText>;
