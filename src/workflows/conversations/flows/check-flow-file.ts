import { readFile } from 'node:fs/promises';
import { isCollection, isMap, LineCounter, parseDocument, type Node } from 'yaml';
import { GraphwrightError, type Problem } from '../../../errors.ts';
import type { CompiledFlow } from '../flow.ts';
import type { CompileFlowOptions } from './compile-flow.ts';
import { lintFlow } from './lint-flow.ts';
import { parseFlow } from './read-flow.ts';

/** A file of a flow: the flow, or what is wrong with it. */
export interface FlowFile {
  readonly path: string;
  /** Its id, as far as that can be told of a broken one. */
  readonly id?: string;
  readonly flow?: CompiledFlow;
  /** The details begin with file and line. */
  readonly problems: readonly Problem[];
  readonly text: string;
}

/** Reads a file of a flow; what is wrong with it is given back, all at once. Where its steps lead to is for {@link lintFlowFile}. */
export async function readFlowFile(path: string, options?: CompileFlowOptions): Promise<FlowFile> {
  let text = '';
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const detail = `${path} cannot be read: ${(cause as Error).message}`;
    return { path, text, problems: [{ pointer: '', detail }] };
  }
  try {
    const flow = parseFlow(text, path, options);
    return { path, text, flow, id: flow.id, problems: [] };
  } catch (thrown) {
    const { message, problems } = GraphwrightError.from(thrown);
    const found = problems.length > 0 ? placed(path, text, problems) : [];
    if (found.length > 0) return { path, text, id: idIn(text), problems: found };
    return { path, text, problems: [{ pointer: '', detail: message }] };
  }
}

/** What is wrong with the ways of a flow that was read. @param others The ids of the flows that it may call. */
export const lintFlowFile = (
  { path, text, flow }: FlowFile,
  others: readonly string[],
): Problem[] => (flow ? placed(path, text, lintFlow(flow, others)) : []);

/** Problems with the file and the line that each is about. */
function placed(path: string, text: string, problems: readonly Problem[]): Problem[] {
  const lines = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: lines });
  return problems.map(({ pointer, detail }) => {
    const offset = offsetOf(contents, pointer.split('/').slice(1));
    return { pointer, detail: `${path}:${lines.linePos(offset).line}: ${detail}` };
  });
}

/** Where the part begins that a pointer leads to, as far as it can be followed. */
function offsetOf(root: Node | null, keys: readonly string[]): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const key of keys) {
    if (!isCollection(node)) break;
    const pair = isMap(node)
      ? node.items.find((each) => String(each.key) === key || sameKey(String(each.key), key))
      : undefined;
    const next: unknown = pair ? pair.value : node.get(Number(key), true);
    const place = (pair?.key ?? next) as Node | undefined;
    if (!place) break;
    offset = place.range?.[0] ?? offset;
    node = next;
  }
  return offset;
}

/** The other spelling of a key: `input_schema` is `input`, `step_id` is `id`. */
const sameKey = (given: string, own: string): boolean =>
  given.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) === own ||
  given.startsWith(`${own}_`);

function idIn(text: string): string | undefined {
  const { contents } = parseDocument(text);
  const id = isMap(contents) ? (contents.get('id') ?? contents.get('workflow_id')) : undefined;
  return typeof id === 'string' ? id : undefined;
}
