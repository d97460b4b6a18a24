import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { GraphwrightError } from '../../../../errors.ts';

/** Bytes of a key, of the name of one, of a nonce and of a tag (NIST SP 800-38D). */
const [keyLength, nameLength, nonceLength, tagLength] = [32, 8, 12, 16];

interface NamedKey {
  /** The beginning of a hash of the key, by which a record tells with which key it was encrypted. */
  name: Buffer;
  key: Buffer;
}

/** The keys that records are encrypted with: the newest first, and older ones that still decrypt. */
export class RecordKeys {
  readonly #keys: readonly NamedKey[];

  constructor(keys: readonly (string | Uint8Array)[]) {
    this.#keys = keys.map((given, at) => {
      const key = bytesOf(given);
      if (key?.length !== keyLength)
        throw new GraphwrightError(
          'invalid_configuration',
          `Key ${at + 1} for conversations is not ${keyLength} bytes: give it as base64 or hexadecimal text, as openssl rand -base64 32 makes one`,
        );
      const hash = createHash('sha256').update('graphwright record key').update(key).digest();
      return { name: hash.subarray(0, nameLength), key };
    });
  }

  /** @returns The key's name, a nonce, the text and its tag. */
  encrypt(text: Buffer, bound: Buffer): Buffer {
    const [newest] = this.#keys;
    if (!newest)
      throw new GraphwrightError(
        'invalid_configuration',
        'The flow asks for its records to be encrypted, and there is no key: set conversations.encryptionKey',
      );
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', newest.key, nonce).setAAD(bound);
    return Buffer.concat([
      newest.name,
      nonce,
      cipher.update(text),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
  }

  /** The text; undefined when no key is the right one, or anything was altered. */
  decrypt(record: Buffer, bound: Buffer): Buffer | undefined {
    const name = record.subarray(0, nameLength);
    const used = this.#keys.find((key) => key.name.equals(name));
    const start = nameLength + nonceLength;
    if (!used || record.length < start + tagLength) return undefined;
    const nonce = record.subarray(nameLength, start);
    const decipher = createDecipheriv('aes-256-gcm', used.key, nonce, { authTagLength: tagLength });
    decipher.setAAD(bound).setAuthTag(record.subarray(-tagLength));
    try {
      const text = decipher.update(record.subarray(start, -tagLength));
      return Buffer.concat([text, decipher.final()]);
    } catch {
      // A tag that does not fit is told by the caller, who knows what the record is.
      return undefined;
    }
  }
}

function bytesOf(given: string | Uint8Array): Buffer | undefined {
  if (typeof given !== 'string') return Buffer.from(given);
  if (/^[0-9a-f]{64}$/i.test(given)) return Buffer.from(given, 'hex');
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(given) ? Buffer.from(given, 'base64') : undefined;
}
