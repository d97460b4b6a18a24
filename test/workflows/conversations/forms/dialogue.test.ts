import { describe, expect, it } from 'vitest';
import { defineForm } from '../../../../src/workflows/conversations/forms/form.ts';
import { formKit, modelReader, type ModelAnswer } from './form-kit.ts';

const booking = defineForm({
  name: 'booking',
  help: 'We open at noon.',
  fields: [
    { name: 'guest', type: 'name', prompt: 'Who is coming?' },
    {
      name: 'guests',
      type: 'integer',
      label: 'number of guests',
      min: 0,
      max: 8,
      prompt: 'How many?',
    },
    { name: 'day', type: 'date', min: 'today', prompt: 'Which day?', dateOrder: 'dmy' },
    {
      name: 'room',
      type: 'choice',
      prompt: 'Which room?',
      options: ['Garden', 'Cellar', 'Main hall'],
    },
    { name: 'email', type: 'email', required: false, prompt: 'Your mail address? (optional)' },
  ],
});

/** What is said, and what a model makes of it; plain commands need no model. */
interface Line {
  says: string;
  model?: ModelAnswer;
  /** What must stand in the reply. */
  hears?: string | string[];
  /** What must not. */
  hearsNot?: string;
  /** The values after it. */
  values?: Record<string, unknown>;
}

/** Holds a dialogue by rules and by a model, which must come to the same. */
function bothWays(title: string, lines: readonly Line[], end: string): void {
  for (const way of ['rules', 'a model'])
    it(`${title}, by ${way}`, async () => {
      const answers = lines.flatMap(({ model }) => (model ? [model] : []));
      const scripted = way === 'rules' ? undefined : await modelReader(...answers);
      await using kit = await formKit(booking, {
        fallback: 'fallback',
        ...(scripted && { reader: scripted.reader }),
      });
      expect(await kit.start()).toBe('Who is coming?');
      for (const { says, hears = [], hearsNot = 'undefined', values } of lines) {
        const heard = await kit.say(says);
        for (const each of [hears].flat()) expect(heard).toContain(each);
        expect(heard).not.toContain(hearsNot);
        expect(await kit.values()).toEqual(values ?? (await kit.values()));
      }
      expect(await kit.step()).toBe(end);
      expect(scripted?.fallbacks ?? []).toEqual([]);
      expect(scripted?.calls() ?? answers.length).toBe(answers.length);
    });
}

const fields = (extractedFields: Record<string, unknown>): ModelAnswer => ({ extractedFields });

describe('L9 L10 a form takes what it is told', () => {
  bothWays(
    'one answer after the other',
    [
      { says: 'Ada Lovelace', model: fields({ guest: 'Ada Lovelace' }), hears: 'How many?' },
      { says: 'four', model: fields({ guests: 4 }), hears: 'Which day?' },
      {
        says: '24 December 2026',
        model: fields({ day: '2026-12-24' }),
        hears: ['Which room?', '1. Garden', '3. Main hall'],
      },
      { says: '3', model: fields({ room: 'main_hall' }), hears: 'optional' },
      { says: 'skip', hears: ['Number of guests: 4', 'Day: 24 December 2026', 'Room: Main hall'] },
      { says: 'yes' },
    ],
    'after',
  );

  bothWays(
    'all of it in one message',
    [
      {
        says: "I'm Ada Lovelace, we come on 24/12/2026, the number of guests is 3, the cellar, please; ada@example.org",
        model: fields({
          guest: 'Ada Lovelace',
          guests: 3,
          day: '2026-12-24',
          room: 'cellar',
          email: 'ada@example.org',
        }),
        hears: 'Please check',
        values: {
          guest: 'Ada Lovelace',
          guests: 3,
          day: '2026-12-24',
          room: 'cellar',
          email: 'ada@example.org',
        },
      },
      { says: 'that is right' },
    ],
    'after',
  );

  bothWays(
    'zero as an answer like any other',
    [
      { says: 'Ada Lovelace', model: fields({ guest: 'Ada Lovelace' }) },
      {
        says: '0',
        model: fields({ guests: 0 }),
        hears: 'Which day?',
        values: { guest: 'Ada Lovelace', guests: 0 },
      },
    ],
    'form',
  );

  bothWays(
    'nothing in place of an answer, unless it is a correction',
    [
      { says: 'Ada Lovelace', model: fields({ guest: 'Ada Lovelace' }) },
      {
        says: 'my name is Grace Hopper',
        hears: 'I keep Ada Lovelace as the guest',
        model: fields({ guest: 'Grace Hopper' }),
        values: { guest: 'Ada Lovelace' },
      },
      {
        says: 'no, my name is Grace Hopper',
        model: { responseType: 'correction', ...fields({ guest: 'Grace Hopper' }) },
        hears: 'How many?',
        values: { guest: 'Grace Hopper' },
      },
    ],
    'form',
  );
});

describe('L11 only what was wrong is asked again', () => {
  bothWays(
    'good values stay when others are bad',
    [
      { says: 'Ada Lovelace', model: fields({ guest: 'Ada Lovelace' }) },
      {
        says: 'number of guests: 12, day: 31/02/2027, room: garden',
        model: fields({ guests: 12, day: '31/02/2027', room: 'garden' }),
        hears: [
          'Number of guests: The most is 8',
          'Day: There is no day 31/02/2027',
          'Attempt 2 of 3: How many?',
        ],
        values: { guest: 'Ada Lovelace', room: 'garden' },
      },
      {
        says: '6',
        model: fields({ guests: 6 }),
        hears: 'Attempt 2 of 3: Which day?',
        hearsNot: 'room',
      },
      { says: '1/2/2027', model: fields({ day: '2027-02-01' }), hears: 'mail address' },
    ],
    'form',
  );

  bothWays(
    'V7 numbered attempts and then the fallback',
    [
      { says: 'Ada Lovelace', model: fields({ guest: 'Ada Lovelace' }) },
      { says: 'plenty', model: { responseType: 'unknown' }, hears: 'Attempt 2 of 3: How many?' },
      { says: '2.5', model: fields({ guests: 2.5 }), hears: ['whole number', 'Attempt 3 of 3'] },
      { says: '99', model: fields({ guests: 99 }), hears: 'The most is 8', hearsNot: 'Attempt' },
    ],
    'fallback',
  );
});

describe('L12 confirmation, correction, question, unknown', () => {
  const filled: Line = {
    says: "I'm Ada Lovelace, day: 24/12/2026, number of guests: 3, room: cellar, email: ada@example.org",
    model: fields({
      guest: 'Ada Lovelace',
      guests: 3,
      day: '2026-12-24',
      room: 'cellar',
      email: 'ada@example.org',
    }),
    hears: 'Is that right?',
  };

  bothWays(
    'a question is answered and the same field asked again, without a number',
    [
      {
        says: 'When do you open?',
        model: { responseType: 'question', answer: 'We open at noon.' },
        hears: ['We open at noon.', 'Who is coming?'],
        hearsNot: 'Attempt',
        values: {},
      },
      { says: 'Ada Lovelace', model: fields({ guest: 'Ada Lovelace' }), hears: 'How many?' },
    ],
    'form',
  );

  bothWays(
    'corrections after the summary, with another summary',
    [
      filled,
      {
        says: 'the room should be the garden',
        model: { responseType: 'correction', ...fields({ room: 'garden' }) },
        hears: ['Room: Garden', 'Is that right?'],
      },
      {
        says: 'no, 25 December 2026',
        model: { responseType: 'correction', ...fields({ day: '2026-12-25' }) },
        hears: 'Day: 25 December 2026',
      },
      { says: 'ok' },
    ],
    'after',
  );

  bothWays(
    'a no, and then what to change',
    [
      filled,
      { says: 'no', hears: 'What should I change?' },
      {
        says: 'number of guests to 5',
        model: { responseType: 'correction', ...fields({ guests: 5 }) },
        hears: 'Number of guests: 5',
      },
      { says: 'yes, thanks' },
    ],
    'after',
  );

  bothWays(
    'what is unknown at the summary is asked by number',
    [
      filled,
      { says: 'hm, perhaps', model: { responseType: 'unknown' }, hears: 'Attempt 2 of 3' },
      { says: 'yes' },
    ],
    'after',
  );
});

describe('what is said of one field answers no other', () => {
  it('a no that corrects something is no answer to a question for yes or no', async () => {
    await using kit = await formKit({
      name: 'stay',
      fields: [
        { name: 'arrival', type: 'date', dateOrder: 'dmy' },
        { name: 'breakfast', type: 'boolean', prompt: 'Breakfast?' },
      ],
    });
    await kit.start();
    await kit.say('1/2/2027');
    expect(await kit.say('no, the arrival is 2/2/2027')).toBe('Breakfast?');
    expect(await kit.values()).toEqual({ arrival: '2027-02-02' });
  });

  it('a text keeps all that is written, whatever else could be read of it', async () => {
    await using kit = await formKit({
      name: 'stay',
      fields: [
        { name: 'note', type: 'text' },
        { name: 'arrival', type: 'date', dateOrder: 'dmy' },
        { name: 'guest', type: 'name' },
      ],
    });
    await kit.start();
    const note = "I'm Ada, we come on 1/2/2027, can you wait?";
    expect(await kit.say(note)).toBe('What is the arrival?');
    expect(await kit.values()).toEqual({ note });
  });
});

describe('the ways out of a form', () => {
  bothWays('cancel ends the conversation', [{ says: 'never mind', hears: 'I stop here' }], 'form');

  bothWays(
    'a required field cannot be skipped, and counts',
    [{ says: 'skip', hears: ['The guest is needed', 'Attempt 2 of 3'] }],
    'form',
  );

  it('cancel needs the leave of the flow', async () => {
    await using kit = await formKit(booking, { settings: { allowEarlyTermination: false } });
    await kit.start();
    expect(await kit.say('cancel')).toContain('cannot be cancelled');
    expect(await kit.status()).toBe('active');
  });

  it('V7 partial completion ends it with what there is, where the form allows it', async () => {
    await using kit = await formKit({ ...booking, partial: true, done: 'Thank you.' });
    await kit.start();
    await kit.say('Ada Lovelace');
    expect(await kit.say("that's all")).toBe('Thank you.');
    expect(await kit.step()).toBe('after');
    expect(await kit.values()).toEqual({ guest: 'Ada Lovelace' });
    await using strict = await formKit(booking);
    await strict.start();
    expect(await strict.say("that's all")).toContain(
      'I still need the guest, the number of guests',
    );
  });

  it('a field without a fallback is asked anew, with all the answers kept', async () => {
    await using kit = await formKit(booking, { settings: { maxRetries: 2 } });
    await kit.start('my name is Ada Lovelace');
    await kit.say('plenty');
    const heard = await kit.say('lots');
    expect(heard).toContain('What you told me is kept');
    expect(heard).toContain('How many?');
    expect(await kit.values()).toEqual({ guest: 'Ada Lovelace' });
    expect(await kit.say('2')).toContain('Which day?');
  });

  it('an optional field that is asked too often is left out', async () => {
    await using kit = await formKit({
      name: 'f',
      fields: [
        { name: 'age', type: 'integer', required: false },
        { name: 'ok', type: 'boolean' },
      ],
      maxAttempts: 2,
      confirm: false,
    });
    await kit.start();
    await kit.say('old');
    expect(await kit.say('very')).toContain('I leave the age as it is.\nWhat is the ok?');
    await kit.say('no');
    expect(await kit.values()).toEqual({ ok: false });
  });
});

describe('JSON from a program', () => {
  it('T20 takes values by field as they are, and coerces none', async () => {
    await using kit = await formKit(booking);
    await kit.start();
    const heard = await kit.say({
      guest: 'Ada',
      guests: '4',
      room: 'Main hall',
      __proto__x: 1,
      colour: 'red',
    });
    expect(heard).toContain('Number of guests is a number');
    expect(heard).toContain('There is no field __proto__x, colour');
    expect(await kit.values()).toEqual({ guest: 'Ada', room: 'main_hall' });
    expect(await kit.say(0)).toContain('Which day?');
    expect(await kit.values()).toMatchObject({ guests: 0 });
  });

  it('takes false and the empty text as answers', async () => {
    await using kit = await formKit({
      name: 'f',
      confirm: false,
      fields: [
        { name: 'news', type: 'boolean' },
        { name: 'note', type: 'text' },
      ],
    });
    await kit.start();
    expect(await kit.say(false)).toContain('What is the note?');
    await kit.say('');
    expect(await kit.values()).toEqual({ news: false, note: '' });
    expect(await kit.step()).toBe('after');
  });

  it('T35 keeps names of prototypes as data', async () => {
    await using kit = await formKit(booking);
    await kit.start();
    const hostile = JSON.parse(
      '{"__proto__": {"guest": "x"}, "constructor": 1, "lc": 1}',
    ) as Record<string, number>;
    expect(await kit.say(hostile)).toContain('There is no field __proto__, constructor, lc');
    expect(await kit.values()).toEqual({});
  });
});
