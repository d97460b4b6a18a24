import type { CompiledFlow } from '../../flow.ts';
import type { CompileFlowOptions } from '../../flows/compile-flow.ts';
import { readFlow } from '../../flows/read-flow.ts';
import { shippedFlow } from '../shipped-flows.ts';

/**
 * The comprehensive customer service flow, whole (row V25): from the welcome over the need, its analysis, details for
 * a specialist and a solution to feedback, questions in a loop, and the end. It calls the agents `primary`, who
 * decides `request_complexity` and `satisfaction_level`, and `specialist`; `ruleBasedAgents()` needs no model.
 * As it encrypts what it keeps, the engine needs a codec with a key.
 */
export const comprehensiveFlow = (
  options: Pick<CompileFlowOptions, 'settings' | 'reader'> = {},
): Promise<CompiledFlow> =>
  readFlow(shippedFlow('comprehensive.yaml'), { ...options, agents: ['primary', 'specialist'] });
