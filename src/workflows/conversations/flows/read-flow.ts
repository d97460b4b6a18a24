import { readFile } from 'node:fs/promises';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { GraphwrightError } from '../../../errors.ts';
import type { CompiledFlow } from '../flow.ts';
import { compileFlow, type CompileFlowOptions } from './compile-flow.ts';

/** No flow is larger; in characters. */
const most = 1_000_000;

/**
 * Reads a flow from YAML or JSON text.
 * @throws GraphwrightError `invalid_configuration` with the file, the line, and all that is wrong.
 */
export function parseFlow(
  text: string,
  file: string,
  options: CompileFlowOptions = {},
): CompiledFlow {
  if (text.length > most) throw refused(`${file} is larger than ${most} characters`);
  let value: unknown;
  try {
    // Aliases could make a small file a large flow.
    value = parseYaml(text, { maxAliasCount: 100 });
  } catch (cause) {
    const { line, col } = (cause instanceof YAMLParseError && cause.linePos?.[0]) || {};
    const place = line === undefined ? file : `${file}:${line}:${col}`;
    throw refused(`${place}: ${(cause as Error).message}`, cause);
  }
  try {
    return compileFlow(value, options);
  } catch (thrown) {
    const { code, message, problems } = GraphwrightError.from(thrown);
    throw new GraphwrightError(code, `${file}: ${message}`, { problems, cause: thrown });
  }
}

/** Reads a flow from a file. */
export async function readFlow(file: string, options?: CompileFlowOptions): Promise<CompiledFlow> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw refused(`${file} cannot be read: ${(cause as Error).message}`, cause);
  }
  return parseFlow(text, file, options);
}

const refused = (message: string, cause?: unknown) =>
  new GraphwrightError('invalid_configuration', message, { cause });
