import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { GraphwrightError } from '../../../errors.ts';

/**
 * Throws what was caught as an error of the protocol: bad input as -32602, all else as -32603, with our
 * error, as clients may see it, as its data.
 */
export function protocolError(thrown: unknown): never {
  if (thrown instanceof ProtocolError) throw thrown;
  const error = GraphwrightError.from(thrown);
  const data = error.toPublic();
  const { InvalidParams, InternalError } = ProtocolErrorCode;
  throw new ProtocolError(
    error.kind === 'validation' ? InvalidParams : InternalError,
    data.message,
    data,
  );
}
