import { z } from 'zod';
import type { OntologyStore } from '../../../../ontology/store.ts';
import { Workflow, type Run } from '../../../workflow.ts';
import { Profile, profileIri, writeProfile } from './profile-graph.ts';

const Result = z.object({
  profileId: z.string(),
  iri: z.string().describe('The IRI of the profile in the graph'),
});

/** Writes a profile to the graph. The same one again changes nothing. */
export class CreateProfile extends Workflow<{ store: OntologyStore }> {
  readonly name = 'create_profile';
  readonly description = 'Record when and where a person was born, with coordinates and time zone.';
  readonly parameters = Profile;
  readonly result = Result;
  override readonly hints = { idempotent: true };

  async run(profile: Profile, run: Run) {
    const { store } = this.configuration;
    const now = run.now();
    await run.step('write_profile', () => writeProfile(store, profile, now, run.signal));
    const { profileId } = profile;
    return { profileId, iri: profileIri(profileId).value };
  }
}
