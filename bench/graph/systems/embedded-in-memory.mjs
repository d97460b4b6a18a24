import { open } from './embedded.mjs';

/** The same store without a directory: what syncing to the disk costs. @type {import('./system.mjs').System} */
export const system = { named: true, open: (_, limit) => open({}, limit) };
