import type { Problem } from '../../../errors.ts';
import { suggest } from '../../../nearest.ts';
import { endStep, type CompiledFlow } from '../flow.ts';

/**
 * Finds what is wrong with a flow before anybody talks to it, all at once.
 * @param others The ids of the flows that it may call.
 */
export function lintFlow(flow: CompiledFlow, others: readonly string[]): Problem[] {
  const names = flow.steps.map(({ name }) => name);
  const problems: Problem[] = [];
  const report = (pointer: string, detail: string) => problems.push({ pointer, detail });
  names.forEach((name, index) => {
    if (names.indexOf(name) !== index) report(`/steps/${index}`, `Step ${name} is there twice`);
  });
  if (!names.includes(flow.start))
    report('/start', `There is no step ${flow.start}; ${suggest(flow.start, names)}`);
  flow.ends.forEach((end, index) => {
    if (!names.includes(end))
      report(`/ends/${index}`, `There is no step ${end}; ${suggest(end, names)}`);
  });
  flow.steps.forEach(({ name, transitions }, index) =>
    transitions.forEach(({ to, flow: calls }, place) => {
      const known = calls ? others : [...names, endStep];
      if (!known.includes(to))
        report(
          `/steps/${index}/transitions/${place}`,
          `Step ${name} leads to ${calls ? 'the flow' : 'the step'} ${to}, which there is not; ${suggest(to, known)}`,
        );
    }),
  );
  return problems;
}
