import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Turn } from '../../../src/workflows/conversations/conversation.ts';
import { CreateProfile } from '../../../src/workflows/conversations/examples/profile/create-profile.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import { execute } from '../../../src/workflows/execute.ts';
import { modelReader, type ModelAnswer } from './forms/form-kit.ts';
import type { Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { profileGraph, profileKit, type ProfileKit } from './profile-kit.ts';

let graph: Embedded;
beforeAll(async () => {
  graph = await profileGraph();
});
afterAll(() => graph.close());

const openKit = (more?: Parameters<typeof profileKit>[1]) => profileKit(graph.store, more);

const said = ({ replies }: Turn) => replies.map(({ content }) => content).join('\n');
const john = {
  type: 'https://w3id.org/graphwright#Profile',
  fullName: 'John Doe',
  birthDate: '1990-01-15',
  birthTime: '14:30:00',
  birthPlace: 'New York, United States of America',
  birthLatitude: '40.75',
  birthLongitude: '-73.98',
  birthTimeZone: 'America/New_York',
};
const fields = (extractedFields: Record<string, unknown>): ModelAnswer => ({ extractedFields });

/** The dialogue of the guide, and what a model makes of each line that needs one. */
const guide: [says: string, hears: string, model?: ModelAnswer][] = [
  ['My name is John Doe', 'What is your birth date?', fields({ name: 'John Doe' })],
  ['15/01/1990', 'What time were you born?', fields({ birthDate: '15/01/1990' })],
  ['14:30', 'Where were you born?', fields({ birthTime: '14:30' })],
  ['New York, USA', 'Birth place: New York', fields({ birthPlace: 'New York, USA' })],
  ["That's correct", 'Profile created.'],
];

describe('L14 the profile conversation of the guide', () => {
  it.each(['rules', 'a model'])('is held to its end by %s', async (way) => {
    const answers = guide.flatMap(([, , model]) => (model ? [model] : []));
    const first = { responseType: 'unknown' };
    const scripted = await modelReader(first, ...answers);
    await using kit = await openKit(way === 'rules' ? {} : { reader: scripted.reader });
    expect(said(await kit.start('I want to create a profile'))).toBe('What is your full name?');
    for (const [says, hears] of guide) expect(said(await kit.say(says))).toContain(hears);
    expect(await kit.profiles()).toEqual([
      expect.objectContaining({ ...john, profileOf: kit.user }),
    ]);
    expect(scripted.fallbacks).toEqual([]);
    const { status, state } = await kit.conversations.status(kit.key);
    expect(status).toBe('completed');
    expect(state).toMatchObject({ profile: { birthDate: '1990-01-15', birthTime: '14:30' } });
  });

  it.each(['rules', 'a model'])('takes all of it from one message by %s', async (way) => {
    const answer = fields({
      name: 'Ada Lovelace',
      birthDate: '1815-12-10',
      birthTime: '13:00',
      birthPlace: 'London, UK',
    });
    const scripted = await modelReader(answer);
    await using kit = await openKit(way === 'rules' ? {} : { reader: scripted.reader });
    const text = "Hi, I'm Ada Lovelace, born on 10 December 1815 at 1 pm in London, UK";
    expect(said(await kit.start(text))).toContain('Is that right?');
    await kit.say('yes');
    expect(await kit.profiles()).toEqual([
      expect.objectContaining({
        fullName: 'Ada Lovelace',
        birthDate: '1815-12-10',
        birthTime: '13:00:00',
        birthTimeZone: 'Europe/London',
      }),
    ]);
  });

  it('tells programs the field that is next and those that are done', async () => {
    await using kit = await openKit();
    await kit.start();
    const { replies } = await kit.say('John Doe');
    expect(replies[0]).toMatchObject({
      expects: { kind: 'text', field: 'birthDate', required: true, attempt: 1 },
      metadata: { nextField: 'birthDate', fieldsCompleted: ['name'] },
    });
  });

  it('asks which of several places is meant', async () => {
    await using kit = await openKit();
    await kit.start("I'm John Doe, born on 15 January 1990 at 14:30");
    const { replies } = await kit.say('London');
    expect(replies[0]!.content).toContain('There is more than one London. Which one do you mean?');
    expect(replies[0]!.expects!.options!.length).toBeGreaterThan(1);
    expect(said(await kit.say('the one in Ontario'))).toContain(
      'London, Ontario, Canada (42.97° N',
    );
    await kit.say('yes');
    expect(await kit.profiles()).toEqual([
      expect.objectContaining({ birthTimeZone: 'America/Toronto' }),
    ]);
  });

  it('takes corrections on the way and after the summary, and writes nothing before the yes', async () => {
    await using kit = await openKit();
    await kit.start("I'm John Doe, born on 15 January 1990 at 2:30 pm");
    expect(said(await kit.say('no, my birthday is 16 January 1990'))).toBe(
      'Where were you born? (City, Country)',
    );
    await kit.say('New York, USA');
    const again = said(await kit.say('no, my birth place is Springfield, Illinois'));
    expect(again).toContain('Birth date: 16 January 1990');
    expect(again).toContain('Birth place: Springfield, Illinois');
    expect(await kit.profiles()).toEqual([]);
    await kit.say('yes');
    expect(await kit.profiles()).toEqual([
      expect.objectContaining({
        birthDate: '1990-01-16',
        birthTime: '14:30:00',
        birthLatitude: '39.82',
      }),
    ]);
  });

  it('says in the graph which run wrote it, and for whom', async () => {
    await using kit = await openKit();
    await kit.start("I'm John Doe, born on 15 January 1990 at 14:30 in Paris, France");
    await kit.say('yes');
    const { state } = await kit.conversations.status(kit.key);
    const rows = await graph.store.select(
      sparql`PREFIX gw: <https://w3id.org/graphwright#> PREFIX prov: <http://www.w3.org/ns/prov#>
        SELECT ?surface {
          GRAPH <urn:graphwright:graph:provenance> {
            ?run gw:workflow "create_profile" ; prov:wasAssociatedWith ?agent .
            ?agent gw:agentName ${kit.user} ; gw:surface ?surface
          }
        }`,
    );
    expect(state['profileId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(rows.map(({ surface }) => surface!.value)).toEqual(['conversation']);
  });

  it('after a rollback the new answer wins, in the state and in the graph', async () => {
    await using kit = await openKit();
    const { version } = await kit.start("I'm John Doe, born on 15 January 1990 at 14:30");
    await kit.say('New York, USA');
    await kit.say('yes');
    expect(await kit.profiles()).toHaveLength(1);
    const back = await kit.conversations.rollback(kit.key, { version });
    expect(said(back)).toContain('Where were you born?');
    await kit.say('Paris, France');
    await kit.say('yes');
    expect(await kit.profiles()).toEqual([
      expect.objectContaining({ birthTimeZone: 'Europe/Paris', fullName: 'John Doe' }),
    ]);
  });

  it.each([
    ['31/02/1990', 'There is no day 31/02/1990 in the calendar.'],
    ['15/01/2999', 'The most is 2026-11-21'],
    ['15 January', 'Please add the year'],
    ['soon', 'I could not read a birth date'],
  ])('the birth date %s is asked for again', async (text, problem) => {
    await using kit = await openKit();
    await kit.start('my name is John Doe');
    const heard = said(await kit.say(text));
    expect(heard).toContain(problem);
    expect(heard).toContain('Attempt 2 of 3: What is your birth date?');
    expect(said(await kit.say('15/01/1990'))).toBe(
      'What time were you born? (Please write it as HH:MM, 24-hour)',
    );
  });

  it('answers a question in between and asks the same again', async () => {
    await using kit = await openKit();
    await kit.start("I'm John Doe, born on 15 January 1990");
    const heard = said(await kit.say('What if nobody knows the time?'));
    expect(heard).toBe(
      'Your birth certificate often has the time; noon is the usual choice when nobody knows it.\nWhat time were you born? (Please write it as HH:MM, 24-hour)',
    );
    expect(said(await kit.say('noon'))).toContain('Where were you born?');
  });

  it('refuses a place that nobody knows, when there is nobody to ask', async () => {
    await using kit = await openKit();
    await kit.start("I'm John Doe, born on 15 January 1990 at 14:30");
    expect(said(await kit.say('Atlantis'))).toContain('I do not know a place called Atlantis.');
  });

  it('writes nothing when the user gives up', async () => {
    await using kit = await openKit();
    await kit.start("I'm John Doe, born on 15 January 1990 at 14:30");
    expect((await kit.say('cancel')).status).toBe('completed');
    expect(await kit.profiles()).toEqual([]);
  });
});

describe('L6 L14 a place that somebody outside resolves', () => {
  const waiting = async () => {
    const requests: { place: string; correlationId: string; key: string }[] = [];
    const kit = await openKit({
      requestLocation: async (request) => void requests.push(request),
    });
    await kit.start("I'm John Doe, born on 15 January 1990 at 14:30 in Little Nowhere");
    const turn = await kit.say('yes');
    return { kit, turn, requests };
  };
  const tell = (kit: ProfileKit, correlationId: string, payload: unknown) =>
    kit.conversations.deliver('tenant-a', {
      type: 'location_resolved',
      correlationId,
      payload: payload as null,
    });

  it('is waited for, and the profile written with it', async () => {
    const { kit, turn, requests } = await waiting();
    await using _ = kit;
    expect(turn.status).toBe('waiting');
    expect(said(turn)).toContain('I am finding out where Little Nowhere is');
    expect(requests).toMatchObject([{ place: 'Little Nowhere' }]);
    const place = {
      name: 'Little Nowhere',
      country: 'Utopia',
      latitude: 1.5,
      longitude: -2.25,
      timeZone: 'Africa/Accra',
    };
    const { outcome, turn: told } = await tell(kit, requests[0]!.correlationId, place);
    expect(outcome).toBe('taken');
    expect(said(told!)).toContain('Profile created.');
    expect(await kit.profiles()).toEqual([
      expect.objectContaining({
        birthPlace: 'Little Nowhere, Utopia',
        birthLatitude: '1.5',
        birthLongitude: '-2.25',
      }),
    ]);
  });

  it.each([null, { latitude: 'x' }, { name: 'N', latitude: 91, longitude: 0 }])(
    'is asked for again when the answer is %o, and nothing else is',
    async (payload) => {
      const { kit, requests } = await waiting();
      await using _ = kit;
      const { turn } = await tell(kit, requests[0]!.correlationId, payload);
      expect(said(turn!)).toContain('Nobody could tell me where that is.');
      expect(said(turn!)).toContain('Where were you born?');
      expect(await kit.profiles()).toEqual([]);
      await kit.say('Paris, France');
      expect(said(await kit.say('yes'))).toContain('Profile created.');
    },
  );

  it('T22 of another tenant is not listened to', async () => {
    const { kit, requests } = await waiting();
    await using _ = kit;
    const { outcome } = await kit.conversations.deliver('tenant-b', {
      type: 'location_resolved',
      correlationId: requests[0]!.correlationId,
      payload: { name: 'X', latitude: 0, longitude: 0 },
    });
    expect(outcome).toBe('kept');
    expect((await kit.conversations.status(kit.key)).status).toBe('waiting');
  });
});

describe('create_profile', () => {
  it('T32 keeps what is written as data, and refuses what does not fit', async () => {
    await using kit = await openKit();
    const name = `"} INSERT <b>{{x}}</b>`;
    const parameters = {
      profileId: 'p-1',
      userId: kit.user,
      name,
      birthDate: '1990-01-15',
      birthTime: '14:30',
      birthPlace: { name: 'X', latitude: 0, longitude: 0 },
    };
    const workflow = new CreateProfile({ store: graph.store });
    const first = await execute(workflow, parameters);
    expect(first).toEqual({ profileId: 'p-1', iri: 'urn:graphwright:profile:p-1' });
    await execute(workflow, parameters);
    expect(await kit.profiles()).toEqual([expect.objectContaining({ fullName: name })]);
    const bad = { ...parameters, birthDate: '31/02/1990' };
    await expect(execute(workflow, bad)).rejects.toMatchObject({ code: 'invalid_parameters' });
  });
});
