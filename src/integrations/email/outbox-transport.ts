import { access, mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphwrightError } from '../../errors.ts';
import { rawMessage, type ComposedMail, type MailTransport } from './mail-transport.ts';

/**
 * Writes mail to a folder, one .eml file each, named by its Message-ID. A mail that is there is on disk and
 * whole; the same mail is never written twice.
 */
export function outboxTransport(directory: string): MailTransport {
  const writing = new Map<string, Promise<boolean>>();
  const fileOf = (messageId: string) =>
    join(directory, `${messageId.replaceAll(/[^A-Za-z0-9@._-]/g, '_')}.eml`);
  return {
    async send(mail, signal) {
      if (signal?.aborted)
        throw new GraphwrightError('cancelled', 'Sending was cancelled', { cause: signal.reason });
      const file = fileOf(mail.messageId);
      // Two at once would write over each other's draft.
      const before = writing.get(file);
      if (before) return before.then(() => false);
      const written = writeOnce(directory, file, mail).finally(() => writing.delete(file));
      writing.set(file, written);
      return written;
    },
    wasSent: (messageId) => exists(fileOf(messageId)),
  };
}

async function writeOnce(directory: string, file: string, mail: ComposedMail): Promise<boolean> {
  if (await exists(file)) return false;
  await writeWhole(directory, file, await rawMessage(mail));
  return true;
}

/** A crash leaves the whole file or none: its bytes are on disk before it gets its name, and the name after. */
async function writeWhole(directory: string, file: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    const draft = `${file}.draft`;
    await synced(draft, 'w', (handle) => handle.writeFile(bytes));
    await rename(draft, file);
    await synced(directory, 'r');
  } catch (cause) {
    const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    const message = `The outbox ${directory} cannot be written: ${(cause as Error).message}`;
    throw new GraphwrightError(full ? 'store_full' : 'integration_failed', message, { cause });
  }
}

type Handle = Awaited<ReturnType<typeof open>>;

async function synced(
  path: string,
  flags: string,
  action?: (handle: Handle) => Promise<void>,
): Promise<void> {
  const handle = await open(path, flags);
  try {
    await action?.(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A folder that cannot be read says nothing of what is in it. */
async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    const message = `The outbox cannot be read: ${(cause as Error).message}`;
    throw new GraphwrightError('integration_failed', message, { cause });
  }
}
