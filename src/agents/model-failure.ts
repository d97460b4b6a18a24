import { GraphwrightError } from '../errors.ts';

/** What a chat model's failure is for us. Providers say what happened with an HTTP status, or not at all. */
export function modelFailure(thrown: unknown, model: string): GraphwrightError {
  const known = knownIn(thrown);
  if (known) return known;
  const { status } = thrown as { status?: unknown };
  const reason = (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 500);
  const failed = (code: 'integration_refused' | 'integration_failed' | 'too_many_requests') =>
    new GraphwrightError(code, `The chat model ${model} failed: ${reason}`, { cause: thrown });
  if (status === 401 || status === 403)
    // Some providers repeat parts of the key.
    return new GraphwrightError(
      'integration_refused',
      `The provider of ${model} refused the key; set agents.apiKey (GRAPHWRIGHT_AGENTS_API_KEY)`,
      { cause: thrown },
    );
  if (status === undefined && /api.?key|credentials/i.test(reason))
    return new GraphwrightError(
      'invalid_configuration',
      `${model} needs a key: set agents.apiKey (GRAPHWRIGHT_AGENTS_API_KEY)`,
      { cause: thrown },
    );
  if (status === 429) return failed('too_many_requests');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return failed('integration_refused');
  return failed('integration_failed');
}

/** Our own error, also where a library has wrapped it. */
export function knownIn(thrown: unknown): GraphwrightError | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if (error instanceof GraphwrightError) return error;
  return undefined;
}

/** What an aborted completion failed with. */
export function abortion(signal: AbortSignal, timeout: number): GraphwrightError {
  const reason: unknown = signal.reason;
  if (reason instanceof GraphwrightError) return reason;
  return reason instanceof Error && reason.name === 'TimeoutError'
    ? new GraphwrightError('timeout', `The agent had no answer after ${timeout} ms`)
    : new GraphwrightError('cancelled', 'The call was cancelled', { cause: reason });
}
