import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Place, placeInWords } from '../../../../integrations/places/places.ts';
import { GraphBuilder } from '../../../../ontology/graph-builder.ts';
import { sparql } from '../../../../ontology/sparql.ts';
import type { OntologyStore } from '../../../../ontology/store.ts';
import { graphName, gw, thing, type NamedNode } from '../../../../ontology/terms.ts';
import { Vocabulary } from '../../../../ontology/vocabulary.ts';
import { Id } from '../../message.ts';

/** Where profiles are kept. */
export const profileGraph = graphName('profile_data');

/** A profile as it is written. */
export const Profile = z.object({
  profileId: Id.describe('Identifier of the profile; the same one again replaces it'),
  userId: z.string().min(1).max(200).optional().describe('Whose profile it is'),
  name: z.string().trim().min(2).max(100),
  birthDate: z.iso.date().describe('YYYY-MM-DD'),
  birthTime: z.iso.time().describe('HH:MM by 24 hours, by the clocks of the place'),
  birthPlace: Place,
});
export type Profile = z.output<typeof Profile>;

/** The IRI of a profile. */
export const profileIri = (profileId: string): NamedNode => thing('profile', profileId);

/** Writes a profile; all that the graph said of it before is replaced, but for when it was created. */
export async function writeProfile(
  store: OntologyStore,
  profile: Profile,
  now: Date,
  signal?: AbortSignal,
): Promise<void> {
  const [row] = await store.select(
    sparql`SELECT ?at WHERE {
      GRAPH ${profileGraph} { ${profileIri(profile.profileId)} ${gw('profileCreatedAt')} ?at }
    }`,
    { signal },
  );
  const created = row ? new Date(row['at']!.value) : now;
  await store.replaceSubjects(profileGraph, describeProfile(profile, created), { signal });
}

function describeProfile(profile: Profile, created: Date): GraphBuilder {
  const { profileId, userId, name, birthDate, birthTime, birthPlace } = profile;
  const builder = new GraphBuilder(vocabulary());
  builder.createEntity('Profile', {
    identifier: profileId,
    fullName: name,
    birthDate,
    // xsd:time has seconds (XML Schema Part 2, 3.3.8).
    birthTime: birthTime.length === 5 ? `${birthTime}:00` : birthTime,
    birthPlace: placeInWords(birthPlace),
    birthLatitude: birthPlace.latitude,
    birthLongitude: birthPlace.longitude,
    birthTimeZone: birthPlace.timeZone,
    profileOf: userId,
    profileCreatedAt: created,
  });
  return builder;
}

let known: Vocabulary | undefined;

const vocabulary = (): Vocabulary =>
  (known ??= Vocabulary.fromTurtle(turtle('core'), turtle('profiles')));

const turtle = (file: string): string =>
  readFileSync(new URL(`../../../../../ontologies/${file}.ttl`, import.meta.url), 'utf8');
