import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Configuration } from '../configuration-schema.ts';
import { CityPlaces } from '../integrations/places/city-places.ts';
import type { OntologyStore } from '../ontology/store.ts';
import { profileFlow } from '../workflows/conversations/examples/profile/profile-flow.ts';
import type { CompiledFlow } from '../workflows/conversations/flow.ts';
import type { FlowSettings } from '../workflows/conversations/flow-settings.ts';
import type { FlowSurroundings } from '../workflows/conversations/flows/check-definition.ts';
import { loadFlows } from '../workflows/conversations/flows/load-flows.ts';

/** What the flows of an application are made ready with. */
export interface ConfiguredFlowsParts extends FlowSurroundings {
  /** Where the example writes its profiles. */
  readonly store: OntologyStore;
  /** Flows besides those of the configured directory. */
  readonly own?: readonly CompiledFlow[];
  /** What holds for flows that say nothing themselves. */
  readonly settings?: Partial<FlowSettings>;
}

/**
 * The flows that conversations may follow: those of the configured module and directory, and as long as there
 * are none, the example that makes a profile.
 * @throws GraphwrightError `invalid_configuration` with all that is wrong with the flows, by file and line.
 */
export async function configuredFlows(
  configuration: Configuration,
  { store, own = [], settings = {}, ...around }: ConfiguredFlowsParts,
): Promise<CompiledFlow[]> {
  const directory = directoryOf(configuration);
  const others = own.map(({ id }) => id);
  const read = directory ? await loadFlows(directory, { ...around, settings, others }) : [];
  const flows = [...own, ...read];
  if (flows.length > 0) return flows;
  return [profileFlow({ store, places: new CityPlaces(), settings })];
}

/** The directory of flows: what is configured, else the one beside the configuration, when there is one. */
function directoryOf({ flows }: Configuration): string | undefined {
  if (flows !== undefined) return resolve(flows);
  const usual = resolve('flows');
  // Any other directory may have flows of something else.
  return existsSync('graphwright.config.yaml') && existsSync(usual) ? usual : undefined;
}
