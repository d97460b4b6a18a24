import { createRequire } from 'node:module';
import { z } from 'zod';

const Package = z.looseObject({ version: z.string() });

/** The version of this package. */
export const { version } = Package.parse(createRequire(import.meta.url)('../../package.json'));
