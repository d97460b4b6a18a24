import { setFlagsFromString } from 'node:v8';

/** Bytes that one engine may use, graph and query together; WebAssembly would allow 4 GiB. */
const largest = 3 * 2 ** 30;
const pageSize = 65_536;

// Before the engine is imported. A query that wants more is ended by its own error instead of taking what
// the rest of the process needs.
setFlagsFromString(`--wasm-max-mem-pages=${largest / pageSize}`);
