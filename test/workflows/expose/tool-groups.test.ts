import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { asRoutes } from '../../../src/workflows/expose/fastify.ts';
import { asTools } from '../../../src/workflows/expose/langchain.ts';
import { inputSchema, outputSchema } from '../../../src/workflows/expose/schemas.ts';
import { groupsIn } from '../../../src/workflows/expose/tool-groups.ts';
import { Workflow } from '../../../src/workflows/workflow.ts';
import { mcpClient } from '../../support/mcp.ts';

/** One of many tools, each with a schema that no other has. */
class Shelf extends Workflow<number> {
  readonly name = `count_shelf_${this.configuration}`;
  readonly description = `Count what lies on shelf ${this.configuration}.`;
  readonly parameters = z.object({
    [`marker${this.configuration}x`]: z.string().describe('What to count'),
    unit: z.enum(['piece', 'box']).default('piece').describe('What counts as one'),
  });
  readonly result = z.object({ [`counted${this.configuration}x`]: z.number() });
  override readonly group = ['stock', 'returns', 'archive'][this.configuration % 3];
  override readonly hints = { readOnly: true };

  async run() {
    return { [`counted${this.configuration}x`]: 1 };
  }
}

const shelves = [...Array(100).keys()].map((number) => new Shelf(number));
const stock = shelves.filter(({ group }) => group === 'stock').map(({ name }) => name);
const occurrences = (text: string, word: string) => text.split(word).length - 1;

describe('N1 A12 tools by group', () => {
  test('are the same for LangChain, MCP and HTTP', async () => {
    expect(asTools(shelves, { groups: ['stock'] }).map(({ name }) => name)).toEqual(stock);
    await using connected = await mcpClient(shelves, { groups: ['stock'] });
    const { tools } = await connected.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(stock);
    const app = fastify();
    await app.register(asRoutes(shelves));
    const names = async (query: string) =>
      (await app.inject(`/workflows${query}`)).json<{ items: { name: string }[] }>().items.length;
    expect(await names('?group=stock')).toBe(stock.length);
    expect(await names('?group=stock,returns')).toBe(67);
    expect(await names('?group=stock&group=archive')).toBe(67);
    expect(await names('')).toBe(100);
    const wrong = await app.inject('/workflows?group=stok');
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json().detail).toMatch(/did you mean stock/);
    await app.close();
  });

  test('refuse a group that there is not, naming the nearest', () => {
    expect(() => asTools(shelves, { groups: ['retuns'] })).toThrow(/did you mean returns/);
    expect(groupsIn(' stock, returns,')).toEqual(['stock', 'returns']);
    expect(groupsIn('')).toBeUndefined();
  });
});

describe('A12 the list of 100 tools', () => {
  test('holds each schema once, and little besides', async () => {
    await using connected = await mcpClient(shelves);
    const { tools } = await connected.client.listTools();
    const list = JSON.stringify(tools);
    for (const number of shelves.keys()) {
      // As a property and among the required ones.
      expect(occurrences(list, `"marker${number}x"`)).toBe(2);
      expect(occurrences(list, `"counted${number}x"`)).toBe(2);
    }
    const bare = shelves.map((shelf) => [
      shelf.name,
      shelf.description,
      inputSchema(shelf),
      outputSchema(shelf),
    ]);
    const ratio = list.length / JSON.stringify(bare).length;
    process.stdout.write(`MCP list to bare schemas, in characters: ${ratio.toFixed(2)}\n`);
    expect(ratio).toBeLessThan(1.5);
  });

  test('says nothing of results to a model of LangChain, and each schema once', () => {
    const tools = asTools(shelves).map(({ name, description, schema }) => ({
      name,
      description,
      schema,
    }));
    const list = JSON.stringify(tools);
    for (const number of shelves.keys()) expect(occurrences(list, `"marker${number}x"`)).toBe(2);
    const bare = shelves.map((shelf) => [shelf.name, shelf.description, inputSchema(shelf)]);
    expect(list.length / JSON.stringify(bare).length).toBeLessThan(1.2);
  });
});
