import { z } from 'zod';
import { GraphwrightError, type ErrorCode } from '../../errors.ts';
import type { Mailbox } from './email.ts';

// Control characters, line breaks, and what turns the direction of writing and so shows another name.
const controls = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/**
 * Checks that a mailbox is one person's, and cannot become more in a header.
 * @param key Names the mailbox in the pointer: `recipient`.
 * @throws GraphwrightError with `code` at `/<key>/address` or `/<key>/name`.
 */
export function checkMailbox(
  { name = '', address }: Mailbox,
  key: string,
  code: ErrorCode = 'invalid_parameters',
): { name: string; address: string } {
  if (
    controls.test(address) ||
    /[\s,;:()<>"[\]\\]/.test(address) ||
    !z.email().max(254).safeParse(address).success
  )
    throw refuse(
      `/${key}/address`,
      `Expected one e-mail address such as ada@example.org, not ${JSON.stringify(address)}`,
      code,
    );
  if (controls.test(name) || name.length > 200)
    throw refuse(
      `/${key}/name`,
      'Expected a name of at most 200 characters without control characters',
      code,
    );
  return { name, address };
}

/** @throws GraphwrightError `invalid_parameters` when a subject is empty, too long or more than one line. */
export function checkSubject(subject: string): string {
  if (!subject.trim() || subject.length > 500 || controls.test(subject))
    throw refuse('/subject', 'Expected one line of 1 to 500 characters');
  return subject;
}

const refuse = (pointer: string, detail: string, code: ErrorCode = 'invalid_parameters') =>
  new GraphwrightError(code, `${pointer}: ${detail}`, {
    problems: [{ pointer, detail }],
  });
