import { CityPlaces } from '../../../src/integrations/places/city-places.ts';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { loadShapes } from '../../../src/ontology/shapes/load-shapes.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import type { OntologyStore } from '../../../src/ontology/store.ts';
import type { Turn } from '../../../src/workflows/conversations/conversation.ts';
import { Conversations } from '../../../src/workflows/conversations/engine/conversations.ts';
import {
  profileFlow,
  type ProfileFlowConfiguration,
} from '../../../src/workflows/conversations/examples/profile/profile-flow.ts';
import type { Json } from '../../../src/workflows/conversations/json.ts';
import { MemoryConversations } from '../../../src/workflows/conversations/storage/memory.ts';

/** Profile conversations over a real graph with its shapes. */
export interface ProfileKit extends AsyncDisposable {
  readonly conversations: Conversations;
  readonly user: string;
  readonly key: { tenant: string; id: string };
  start(first?: Json): Promise<Turn>;
  say(content: Json): Promise<Turn>;
  /** All the graph says of the user's profiles: property to value, for each one. */
  profiles(): Promise<Record<string, string>[]>;
}

/** The clock of the test; a birth date cannot lie after it. */
export const today = new Date('2026-11-21T12:00:00Z');

/** A graph that holds profiles to their shape, and records who wrote them. */
export const profileGraph = async (): Promise<Embedded> =>
  openEmbedded({
    shapes: await loadShapes(['ontologies/shapes']),
    provenance: { level: 'activity' },
  });

let users = 0;

/** A conversation of a new user over a graph that may hold other profiles. */
export async function profileKit(
  store: OntologyStore,
  more: Partial<ProfileFlowConfiguration> = {},
): Promise<ProfileKit> {
  const user = `u-${(users += 1)}`;
  const storage = new MemoryConversations();
  const conversations = await Conversations.open({
    storage,
    now: () => today,
    flows: [profileFlow({ store, places: new CityPlaces(), ...more })],
  });
  const key = { tenant: 'tenant-a', id: `c-${user}` };
  return {
    conversations,
    user,
    key,
    start: (first) =>
      conversations.start({
        ...key,
        flow: 'profile_creation',
        session: { id: 's1', userId: user },
        ...(first !== undefined && { message: { content: first } }),
      }),
    say: (content) => conversations.send(key, { content }),
    async profiles() {
      const rows = await store.select(
        sparql`PREFIX gw: <https://w3id.org/graphwright#>
          SELECT ?s ?p ?o { GRAPH <urn:graphwright:graph:profile_data> { ?s a gw:Profile ; gw:profileOf ${user} ; ?p ?o } }`,
      );
      const found = new Map<string, Record<string, string>>();
      for (const { s, p, o } of rows) {
        const of = found.get(s!.value) ?? {};
        of[p!.value.replace(/.*[#/]/, '')] = o!.value;
        found.set(s!.value, of);
      }
      return [...found.values()];
    },
    async [Symbol.asyncDispose]() {
      await conversations.close();
      await storage.close();
    },
  };
}
