import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { GraphwrightError } from '../../../../errors.ts';
import { RecordKeys } from './record-keys.ts';
import type { Data, RecordCodec, RecordPlace, RecordTreatment } from '../storage.ts';

/** How records are kept; with nothing set, none can be encrypted. */
export interface RecordCodecConfiguration {
  /**
   * Keys of 32 bytes, as bytes or as base64 or hexadecimal text. The first one encrypts; the others only decrypt
   * what was encrypted before they were replaced.
   */
  readonly keys?: readonly (string | Uint8Array)[];
  /** Whether a record that is not encrypted is refused, so that nobody can put plain text in its place. */
  readonly encryptedOnly?: boolean;
}

/** The first byte of a record that is bytes: the format in the upper half, how it was treated in the lower. */
const [format, deflated, encrypted] = [0x10, 0x01, 0x02];

/** Below this, deflating saves nothing worth its time; in characters. */
const least = 200;

/** What one record may become when it is inflated, in bytes. */
const most = 64 * 1024 * 1024;

/**
 * Keeps records as text, compressed (raw DEFLATE, RFC 1951) or encrypted (AES-256-GCM, bound to the tenant,
 * conversation, kind and version by its additional data, so that a record moved elsewhere does not decrypt).
 * @throws GraphwrightError `invalid_configuration` for a key that is not 32 bytes.
 * @example
 * const codec = recordCodec({ keys: [process.env.GRAPHWRIGHT_CONVERSATIONS_KEY ?? ''] });
 */
export function recordCodec({
  keys = [],
  encryptedOnly = false,
}: RecordCodecConfiguration = {}): RecordCodec {
  const ring = new RecordKeys(keys);
  return {
    encode: (text, place, treatment) => encode(text, place, treatment, ring),
    decode(data, place) {
      const open = typeof data === 'string' || !((data[0] ?? 0) & encrypted);
      if (open && encryptedOnly) throw damaged(place, 'it is not encrypted');
      return typeof data === 'string' ? data : decode(Buffer.from(data), place, ring);
    },
  };
}

function encode(
  text: string,
  place: RecordPlace,
  treatment: RecordTreatment,
  keys: RecordKeys,
): Data {
  const compress = treatment.compress && text.length >= least;
  if (!compress && !treatment.encrypt) return text;
  const body = compress ? deflateRawSync(text) : Buffer.from(text);
  const header = Buffer.of(
    format | (compress ? deflated : 0) | (treatment.encrypt ? encrypted : 0),
  );
  if (!treatment.encrypt) return Buffer.concat([header, body]);
  return Buffer.concat([header, keys.encrypt(body, bound(header, place))]);
}

function decode(data: Buffer, place: RecordPlace, keys: RecordKeys): string {
  const header = data.subarray(0, 1);
  const treatment = header[0] ?? 0;
  if ((treatment & 0xf0) !== format || treatment === format)
    throw damaged(place, 'its format is unknown');
  const rest = data.subarray(1);
  const body = treatment & encrypted ? keys.decrypt(rest, bound(header, place)) : rest;
  if (!body) throw damaged(place, 'no key at hand decrypts it at this place');
  if (!(treatment & deflated)) return body.toString();
  try {
    return inflateRawSync(body, { maxOutputLength: most }).toString();
  } catch (cause) {
    throw damaged(place, 'it cannot be inflated', cause);
  }
}

/** What encryption binds a record to. */
const bound = (header: Buffer, { tenant, id, kind, version }: RecordPlace): Buffer =>
  Buffer.concat([header, Buffer.from(JSON.stringify([tenant, id, kind, version]))]);

const damaged = ({ tenant, id, kind, version }: RecordPlace, why: string, cause?: unknown) =>
  new GraphwrightError(
    'store_damaged',
    `The ${kind} of version ${version} of conversation ${id} (tenant ${tenant}) cannot be read: ${why}`,
    { cause },
  );
