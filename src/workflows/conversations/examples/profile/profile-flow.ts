import { Place, type Places } from '../../../../integrations/places/places.ts';
import type { OntologyStore } from '../../../../ontology/store.ts';
import { parse } from '../../../../parse.ts';
import { derivedUuid } from '../../../derived.ts';
import { execute } from '../../../execute.ts';
import type { CompiledFlow, StepContext, StepResult } from '../../flow.ts';
import { defaultFlowSettings, type FlowSettings } from '../../flow-settings.ts';
import { formStep } from '../../forms/form-step.ts';
import type { FormReader } from '../../forms/understanding.ts';
import type { JsonObject } from '../../json.ts';
import type { AcceptedEvent } from '../../message.ts';
import { CreateProfile } from './create-profile.ts';
import { BirthPlace, profileForm, showPlace } from './profile-form.ts';
import { Profile } from './profile-graph.ts';

/** What the profile conversation works with. */
export interface ProfileFlowConfiguration {
  readonly store: OntologyStore;
  readonly places: Places;
  /** Reads what users write; by rules by default. */
  readonly reader?: FormReader;
  /**
   * Asks somebody outside where a place is that `places` does not know. The answer comes as the event
   * `location_resolved` with this correlation id and a {@link Place} as payload, or null when there is no such place.
   */
  readonly requestLocation?: (
    request: { readonly place: string; readonly correlationId: string; readonly key: string },
    signal: AbortSignal,
  ) => Promise<void>;
  /** How long that answer is waited for, in milliseconds; 10 minutes by default. */
  readonly locationTimeout?: number;
  readonly settings?: Partial<FlowSettings>;
}

/** The event by which somebody outside tells where a place is. */
export const locationResolved = 'location_resolved';

/**
 * The conversation that makes a profile (row L14): name, birth date, time and place, the place looked up, and all of
 * it written to the graph once the user has confirmed it.
 */
export function profileFlow(configuration: ProfileFlowConfiguration): CompiledFlow {
  const { places, reader, requestLocation, settings } = configuration;
  return {
    id: 'profile_creation',
    name: 'Profile creation',
    description: 'Create a profile: when and where a person was born.',
    pattern: 'information_gathering',
    start: 'basic_info',
    ends: ['creation'],
    settings: { ...defaultFlowSettings, ...settings },
    variables: {},
    events: [locationResolved],
    steps: [
      formStep({
        name: 'basic_info',
        form: profileForm(places, requestLocation !== undefined),
        leadsTo: ['location_resolution'],
        ...(reader && { reader }),
      }),
      {
        name: 'location_resolution',
        kind: 'code',
        onArrival: true,
        transitions: [
          { to: 'creation', label: 'resolved' },
          { to: 'basic_info', label: 'not found' },
        ],
        execute: (input, context) => {
          if (input.kind === 'event') return resolved(input.event, context);
          if (input.kind === 'timeout')
            return unresolved(context, 'I could not find out in time where that is.');
          return resolve(configuration, context);
        },
      },
      {
        name: 'creation',
        kind: 'code',
        onArrival: true,
        requiredContext: ['profile'],
        transitions: [],
        execute: (_input, context) => create(configuration, context),
      },
    ],
  };
}

const profileOf = ({ state }: StepContext) => state['profile'] as JsonObject;

/** Nothing to do for a place that is known; else somebody is asked, and the conversation waits. */
async function resolve(
  { requestLocation, locationTimeout = 600_000 }: ProfileFlowConfiguration,
  context: StepContext,
): Promise<StepResult> {
  const { birthPlace } = profileOf(context);
  const place = parse(BirthPlace, birthPlace, 'invalid_data', 'The birth place');
  if (!('unresolved' in place)) return { action: 'continue' };
  const correlationId = correlationOf(context, place.unresolved);
  await requestLocation?.(
    { place: place.unresolved, correlationId, key: context.key },
    context.signal,
  );
  return {
    action: 'wait',
    event: { type: locationResolved, correlationId },
    timeout: locationTimeout,
    response: `I am finding out where ${place.unresolved} is; this takes a moment.`,
  };
}

/** Of the place too, so that a late answer about a place that was corrected since is not taken for this one. */
const correlationOf = ({ conversation: { tenant, id } }: StepContext, place: string): string =>
  derivedUuid('location', tenant, id, place);

function resolved({ payload }: AcceptedEvent, context: StepContext): StepResult {
  const place = Place.safeParse(payload);
  if (!place.success) return unresolved(context, 'Nobody could tell me where that is.');
  const profile = { ...profileOf(context), birthPlace: place.data };
  return {
    action: 'continue',
    update: { profile },
    response: `I found it: ${showPlace(place.data)}.`,
  };
}

/** Back to the form, which asks for the place alone, as everything else is kept. */
function unresolved(context: StepContext, why: string): StepResult {
  const { birthPlace: _, ...rest } = profileOf(context);
  return {
    action: 'jump',
    nextStep: 'basic_info',
    update: { profile: rest },
    response: `${why} Please name the nearest larger city, with its country.`,
  };
}

async function create(
  { store }: ProfileFlowConfiguration,
  context: StepContext,
): Promise<StepResult> {
  const { conversation, session, signal } = context;
  // The same conversation has the same profile: after a rollback the new answers replace the old ones.
  const profileId = derivedUuid('profile', conversation.tenant, conversation.id);
  const given = { ...profileOf(context), profileId, userId: session.userId };
  const profile = parse(Profile, given, 'invalid_data', 'The profile');
  const written = await execute(new CreateProfile({ store }), profile, {
    runId: context.key,
    signal,
    now: () => context.now(),
    agent: {
      surface: 'conversation',
      ...(session.userId !== undefined && { name: session.userId }),
    },
  });
  const { name, birthDate, birthTime, birthPlace } = profile;
  return {
    action: 'complete',
    update: { profileId },
    response: {
      content: [
        'Profile created.',
        `• Name: ${name}`,
        `• Birth date: ${birthDate}`,
        `• Birth time: ${birthTime}`,
        `• Birth place: ${showPlace(birthPlace)}`,
      ].join('\n'),
      metadata: { workflowId: 'profile_creation', ...written, status: 'completed' },
    },
  };
}
