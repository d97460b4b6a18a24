import { endStep, type CompiledFlow, type CompiledStep } from '../flow.ts';

/** The shapes of kinds of steps, as Mermaid writes them. */
const shapes: Readonly<Record<string, readonly [string, string]>> = {
  user_input: ['[/', '/]'],
  approval: ['[/', '/]'],
  decision: ['{', '}'],
  database_query: ['[(', ')]'],
  workflow: ['[[', ']]'],
  wait_for_event: ['>', ']'],
};

/**
 * A flow as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html).
 * @example
 * console.log(mermaidOf(flow)); // flowchart TD ...
 */
export function mermaidOf(flow: CompiledFlow): string {
  const id = (name: string) => `s${flow.steps.findIndex((step) => step.name === name)}`;
  const lines = ['flowchart TD', `  start([${text(flow.name)}]) --> ${id(flow.start)}`];
  for (const step of flow.steps) lines.push(`  ${id(step.name)}${node(step)}`);
  const called = new Set<string>();
  for (const { name, transitions } of flow.steps)
    for (const { to, label, flow: calls } of transitions) {
      if (calls) called.add(to);
      const target = calls ? `f_${to.replace(/\W/g, '_')}` : to === endStep ? 'stop' : id(to);
      const arrow = label === undefined ? '-->' : `-->|${text(label)}|`;
      lines.push(`  ${id(name)} ${arrow} ${target}`);
    }
  for (const name of flow.ends) lines.push(`  ${id(name)} --> stop`);
  for (const name of called) lines.push(`  f_${name.replace(/\W/g, '_')}[[${text(name)}]]`);
  if (lines.some((line) => line.endsWith(' stop'))) lines.push('  stop(["end"])');
  return `${[...new Set(lines)].join('\n')}\n`;
}

function node({ kind, name }: CompiledStep): string {
  const [open, close] = shapes[kind] ?? ['[', ']'];
  return `${open}${text(name)}${close}`;
}

/** In quotes, with what Mermaid would read as its own written as entities. */
const text = (words: string): string =>
  `"${words.replace(/[#"<>&;\n\r|]/g, (sign) => `#${sign.charCodeAt(0)};`)}"`;
