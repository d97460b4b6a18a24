import { convertToOpenAITool } from '@langchain/core/utils/function_calling';
import { Tiktoken } from 'js-tiktoken/lite';
import o200k from 'js-tiktoken/ranks/o200k_base';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { Client } from '@modelcontextprotocol/client';
import { asTools } from '../../dist/workflows/expose/langchain.js';
import { mcpServer } from '../../dist/workflows/expose/mcp/index.js';
import { PlanOrder } from './workflow.mjs';

/** A workflow like the others under another name, as a program has many. */
class Numbered extends PlanOrder {
  /** @param {number} number */
  constructor(number) {
    super({});
    this.name = `plan_order_${number}`;
    this.description = `Plan an order of kind ${number}.`;
  }
}

/** @typedef {{ characters: number, tokens: number }} Size */

/**
 * What a list of tools costs an agent, and what the names, descriptions and schemas in it cost by themselves.
 * @param {number} count
 * @returns {Promise<Record<string, Size>>}
 */
export async function listCosts(count) {
  const workflows = Array.from({ length: count }, (_, number) => new Numbered(number));
  const encoder = new Tiktoken(o200k);
  const size = (/** @type {unknown} */ value) => {
    const text = JSON.stringify(value);
    return { characters: text.length, tokens: encoder.encode(text).length };
  };
  const [here, there] = InMemoryTransport.createLinkedPair();
  await mcpServer(workflows).connect(there);
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(here);
  const { tools } = await client.listTools();
  await client.close();
  const bare = (/** @type {readonly string[]} */ keys) =>
    tools.map((tool) => keys.map((key) => /** @type {any} */ (tool)[key]));
  const asked = ['name', 'description', 'inputSchema'];
  return {
    'LangChain, as a model gets them': size(
      asTools(workflows).map((tool) => convertToOpenAITool(tool)),
    ),
    'names, descriptions and input schemas': size(bare(asked)),
    'MCP, tools/list': size(tools),
    'names, descriptions, input and output schemas': size(bare([...asked, 'outputSchema'])),
  };
}
