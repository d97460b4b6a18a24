import type { Problem } from '../../../errors.ts';
import { suggest } from '../../../nearest.ts';
import { endStep, type CompiledFlow, type StepTransition } from '../flow.ts';

/**
 * Finds what is wrong with a flow before anybody talks to it, all at once: targets that there are not, steps that
 * nothing leads to, and steps from which no way leads to an end.
 * @param others The ids of the flows that it may call.
 */
export function lintFlow(flow: CompiledFlow, others: readonly string[]): Problem[] {
  const names = flow.steps.map(({ name }) => name);
  const problems: Problem[] = [];
  const report = (pointer: string, detail: string) => problems.push({ pointer, detail });
  names.forEach((name, index) => {
    if (names.indexOf(name) !== index) report(`/steps/${index}`, `Step ${name} is there twice`);
    if (name === endStep)
      report(`/steps/${index}`, `${endStep} is no name for a step: it ends a flow`);
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
          `Step ${name} leads to ${calls ? 'the flow' : 'the step'} ${to}, which there is not; ${suggest(to, known)}${calls || !others.includes(to) ? '' : `; the flow of that name is flow:${to}`}`,
        );
    }),
  );
  // Where targets are missing, reachability would only say the same again.
  return problems.length > 0 ? problems : lintWays(flow);
}

function lintWays(flow: CompiledFlow): Problem[] {
  const reached = closure([flow.start], (name) => after(flow, name));
  const ending = new Set(flow.ends);
  const canEnd = closure(
    flow.steps
      .filter(
        ({ name, transitions }) => ending.has(name) || transitions.some(({ to }) => to === endStep),
      )
      .map(({ name }) => name),
    (name) =>
      flow.steps.filter((step) => after(flow, step.name).includes(name)).map((step) => step.name),
  );
  return flow.steps.flatMap(({ name }, index) => {
    if (!reached.has(name))
      return [
        {
          pointer: `/steps/${index}`,
          detail: `Step ${name} is never reached: no step leads to it`,
        },
      ];
    // A step class may complete the flow by itself, which only running it tells.
    if (canEnd.has(name) || flow.steps.some(({ kind }) => kind === 'code')) return [];
    return [{ pointer: `/steps/${index}`, detail: `From step ${name} no way leads to an end` }];
  });
}

/** The steps that one leads to; a call comes back to the next step in order, or to one that is named as well. */
function after({ steps }: CompiledFlow, name: string): string[] {
  const index = steps.findIndex((step) => step.name === name);
  const { transitions = [] } = steps[index] ?? {};
  const comesBack = transitions.some(({ flow }) => flow);
  const next = comesBack ? [steps[index + 1]?.name ?? endStep] : [];
  return [...transitions.filter(isStep).map(({ to }) => to), ...next];
}

const isStep = ({ flow }: StepTransition) => !flow;

function closure(
  from: readonly string[],
  neighbours: (name: string) => readonly string[],
): Set<string> {
  const seen = new Set(from);
  for (const name of seen) for (const next of neighbours(name)) seen.add(next);
  return seen;
}
