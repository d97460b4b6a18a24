import { markdown } from '../../shared/markdown.mjs';
import { short } from '../../shared/number.mjs';

/** Milliseconds that a tool may take longer than execute. */
const most = 1;

/** @param {import('./table.mjs').Results} results */
export function goals({ paths: found, lists }) {
  const median = (/** @type {string} */ name) => found[name]?.median ?? NaN;
  const more = (/** @type {string} */ name) => median(name) - median('execute');
  const costs = Object.values(lists);
  const cost = (/** @type {number} */ at) => costs[at]?.tokens ?? NaN;
  /** @type {readonly [what: string, most: number, found: number][]} */
  const wanted = [
    ['LangChain tool, more than execute, ms', most, more('langchain')],
    ['MCP tool in memory, more than execute, ms', most, more('mcp')],
    ['MCP tool over HTTP, more than execute, ms', most, more('mcp http')],
    ['MCP tool over HTTP : by hand', 1.25, median('mcp http') / median('mcp http by hand')],
    ['100 LangChain tools : their schemas, tokens', 1.25, cost(0) / cost(1)],
    ['100 MCP tools : their schemas, tokens', 1.25, cost(2) / cost(3)],
  ];
  const rows = wanted.map(([what, limit, value]) => {
    const held = Number.isNaN(value) ? 'not measured' : value <= limit ? 'yes' : 'no';
    return [what, `at most ${limit}`, Number.isNaN(value) ? '–' : short(value), held];
  });
  return markdown([['', 'wanted', 'measured', 'holds'], ...rows]);
}
