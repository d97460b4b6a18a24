import { fileURLToPath } from 'node:url';

/** The path of a file that comes with the package below `flows/`. */
export const shippedFlow = (file: string): string =>
  fileURLToPath(new URL(`../../../../flows/${file}`, import.meta.url));
