/**
 * A term as a client sees it; `datatype` is an IRI.
 * @typedef {{ value: string, datatype?: string, language?: string }} Term
 */

/** @typedef {Map<string, Term>} Row One solution, by the names of its variables. */

/**
 * A graph store that is up. `query` resolves when the whole answer is in this process, in the form that its
 * client gives it; `rows` reads such an answer, which no clock measures.
 * @typedef {object} Running
 * @property {boolean} loaded Whether it came up with its data.
 * @property {(file: string) => Promise<void>} load Takes in a file of N-Triples.
 * @property {() => Promise<void>} [settle] Lets it end what a load leaves to do in the background.
 * @property {(text: string) => Promise<unknown>} query
 * @property {(text: string) => Promise<unknown>} update
 * @property {(answer: any) => Row[]} rows
 * @property {() => number} memory Bytes of the process that holds the data.
 * @property {() => Promise<void>} close
 */

/**
 * @typedef {object} System
 * @property {boolean} named Whether its data is in a named graph.
 * @property {(directory: string, limit: number) => Promise<Running>} open With files of its own in the
 * directory, if it keeps any; `limit` is in milliseconds.
 */

export const ownMemory = () => process.memoryUsage.rss();
