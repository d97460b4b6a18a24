import * as dates from 'chrono-node/en';
import { describe, expect, it } from 'vitest';
import type { Field } from '../../../../src/workflows/conversations/forms/field.ts';
import { readers } from '../../../../src/workflows/conversations/forms/rules/readers.ts';

const now = new Date('2026-11-21T12:00:00Z');

const read = (text: string, field: Partial<Field> & Pick<Field, 'type'>, meant = true) => {
  const found = readers[field.type](text, { name: 'it', ...field }, { now, meant, dates });
  if (!found) return undefined;
  if (found.kind === 'value') return found.value;
  if (found.kind === 'problem') return new Error(found.problem);
  return found.meanings.map(({ value }) => value);
};

describe('L10 dates by rules', () => {
  it.each([
    ['1990-01-15', '1990-01-15'],
    ['15/01/1990', '1990-01-15'],
    ['15.1.1990', '1990-01-15'],
    ['15 - 01 - 1990', '1990-01-15'],
    ['01/15/1990', '1990-01-15'],
    ['15 January 1990', '1990-01-15'],
    ['January 15th, 1990', '1990-01-15'],
    ['the 3rd of May 1985', '1985-05-03'],
    ['on 10 Dec 1815, in the evening', '1815-12-10'],
    ['29 February 2000', '2000-02-29'],
    ['tomorrow', '2026-11-22'],
    ['next Friday', '2026-11-27'],
    ['I was born on 15/01/90', '1990-01-15'],
  ])('reads %s as %s', (text, date) => {
    expect(read(text, { type: 'date', max: text.includes('90') ? 'today' : 0 })).toBe(date);
  });

  it('asks which is the day where either number can be it', () => {
    expect(read('3/4/1990', { type: 'date' })).toEqual(['1990-04-03', '1990-03-04']);
    expect(read('3/4/1990', { type: 'date', dateOrder: 'dmy' })).toBe('1990-04-03');
    expect(read('3/4/1990', { type: 'date', dateOrder: 'mdy' })).toBe('1990-03-04');
    expect(read('4/4/1990', { type: 'date' })).toBe('1990-04-04');
  });

  it.each(['31/02/1990', '31 February 1990', 'February 30, 1990', '2001-02-29', '99/99/1990'])(
    'says that the calendar has no %s',
    (text) => {
      expect(read(text, { type: 'date' })).toMatchObject({
        message: expect.stringContaining('There is no day'),
      });
    },
  );

  it('asks for the year of a day without one, and leaves words that only look like one alone', () => {
    expect(read('15 January', { type: 'date' })).toMatchObject({
      message: 'Please add the year to 15 January',
    });
    expect(read('I may 5 times', { type: 'date' }, false)).toBeUndefined();
    expect(read('I have no idea', { type: 'date' })).toBeUndefined();
  });
});

describe('L10 times by rules', () => {
  it.each([
    ['14:30', '14:30'],
    ['2:30 pm', '14:30'],
    ['2.30 p.m.', '14:30'],
    ['at 9:05 in the morning', '09:05'],
    ['2pm', '14:00'],
    ['12 am', '00:00'],
    ['12:15 am', '00:15'],
    ['noon', '12:00'],
    ['around midnight', '00:00'],
    ['14h30', '14:30'],
    ['quarter to five in the afternoon', '16:45'],
    ["eleven o'clock at night", '23:00'],
    ['23:59:30', '23:59:30'],
    ['18', '18:00'],
  ])('reads %s as %s', (text, time) => {
    expect(read(text, { type: 'time' })).toBe(time);
  });

  it('asks which half of the day is meant', () => {
    expect(read("five o'clock", { type: 'time' })).toEqual(['05:00', '17:00']);
    expect(read('half past two', { type: 'time' })).toEqual(['02:30', '14:30']);
    expect(read('half past twelve', { type: 'time' })).toEqual(['00:30', '12:30']);
  });

  it.each(['25:00', '14:75', '24:30'])('says that no clock shows %s', (text) => {
    expect(read(text, { type: 'time' })).toMatchObject({
      message: expect.stringContaining('There is no time'),
    });
  });

  it('reads a day and a time together', () => {
    expect(read('15 January 1990 at 2:30 pm', { type: 'datetime' })).toBe('1990-01-15T14:30');
    expect(read('at 14:30 on 15/01/1990', { type: 'datetime' })).toBe('1990-01-15T14:30');
    expect(read('1990-01-15T14:30', { type: 'datetime' })).toBe('1990-01-15T14:30');
    expect(read('15 January 1990', { type: 'datetime' })).toMatchObject({
      message: 'Please add the time of day',
    });
  });
});

describe('L10 numbers by rules', () => {
  it.each([
    ['42', 42],
    ['0', 0],
    ['-3', -3],
    ['about 25 people', 25],
    ['2.5', 2.5],
    ['2,5', 2.5],
    ['1,500', 1500],
    ['1 500 000', 1_500_000],
    ['3k', 3000],
    ['zero', 0],
    ['twenty-five', 25],
    ['two hundred and five', 205],
    ['three thousand four hundred', 3400],
    ['one million two hundred thousand', 1_200_000],
    ['two point five', 2.5],
    ['minus seven', -7],
  ])('reads %s as %d', (text, number) => {
    expect(read(text, { type: 'decimal' })).toBe(number);
  });

  it.each(['plenty', '', '12.34.56', 'a4'])('reads no number from "%s"', (text) => {
    expect(read(text, { type: 'decimal' })).toBeUndefined();
  });
});

describe('V7 choices by rules', () => {
  const timeline: Partial<Field> & Pick<Field, 'type'> = {
    type: 'choice',
    options: [
      { value: 'urgent', label: 'Urgent (today)' },
      { value: 'soon', label: 'Soon (this week)' },
      { value: 'flexible', label: 'Flexible (this month)' },
      'Planning ahead',
    ],
  };

  it.each([
    ['2', 'soon'],
    ['option 2', 'soon'],
    ['the second one', 'soon'],
    ['two', 'soon'],
    ['#4', 'planning_ahead'],
    ['the last one', 'planning_ahead'],
    ['urgent', 'urgent'],
    ['URGENT (TODAY)', 'urgent'],
    ['this month please', 'flexible'],
    ['urgant', 'urgent'],
    ['planing ahead', 'planning_ahead'],
    ['I am planning ahead, I think', 'planning_ahead'],
  ])('reads %s as %s', (text, value) => {
    expect(read(text, timeline)).toBe(value);
  });

  it('asks which of two options is meant, and takes no other', () => {
    expect(read('this', { type: 'choice', options: ['This week', 'This month'] })).toEqual([
      'this_week',
      'this_month',
    ]);
    expect(read('purple', timeline)).toBeUndefined();
    expect(read('0', timeline)).toBeUndefined();
    expect(read('9', timeline)).toBeUndefined();
  });

  it('takes another answer where the field allows one', () => {
    expect(read('in two years', { ...timeline, custom: true })).toBe('in two years');
  });

  it('takes a number as the text of an option before it counts', () => {
    expect(read('2', { type: 'choice', options: ['3', '2', '1'] })).toBe('2');
  });
});

describe('L10 other answers by rules', () => {
  it.each([
    ['yes', true],
    ['Yeah, please', true],
    ["that's right", true],
    ['Yes, perfect!', true],
    ['no', false],
    ['nope, thanks', false],
    ['not quite', false],
    ['maybe', undefined],
  ])('reads %s as %s', (text, value) => {
    expect(read(text, { type: 'boolean' })).toBe(value);
  });

  it.each([
    ['write to ada@example.org, please', 'email', 'ada@example.org'],
    ['call +49 (30) 1234-567', 'phone', '+49301234567'],
    ['0041 44 123 45 67', 'phone', '+41441234567'],
    ["I'm Ada Lovelace", 'name', 'Ada Lovelace'],
    ['My name is Ludwig van Beethoven and I am 56', 'name', 'Ludwig van Beethoven'],
    ['ada lovelace', 'name', 'ada lovelace'],
    ["it's José O'Neill-García", 'name', "José O'Neill-García"],
    ['I was born in New York, USA', 'place', 'New York, USA'],
    ['são paulo', 'place', 'são paulo'],
    ['in Rio de Janeiro', 'place', 'Rio de Janeiro'],
  ] as const)('reads %s as %s %s', (text, type, value) => {
    expect(read(text, { type })).toBe(value);
  });

  it.each([
    ["I don't know", 'name'],
    ['what?', 'name'],
    ['42', 'name'],
    ['yes', 'place'],
    ['in May', 'place'],
    ['ada@example', 'email'],
    ['12', 'phone'],
    ['1/2/2027', 'phone'],
  ] as const)('reads nothing from %s for a %s', (text, type) => {
    expect(read(text, { type }, type !== 'place' || text === 'yes')).toBeUndefined();
  });

  it('T20 reads 2,000 hostile characters of every kind about as fast as harmless ones', () => {
    const kinds = Object.keys(readers) as Field['type'][];
    const harmless = 'I was born in London on the 3rd of May 1985 at 2 pm. '.repeat(40);
    const hostile = [
      'a',
      '1',
      ' ',
      '1,',
      '1 ',
      'A ',
      'Aa-',
      'one ',
      '@',
      'a.',
      'a@a.',
      '1/',
      "I'm ",
      'born in ',
      'May ',
      'the ',
      '(',
      '\u0301',
    ].map((part) => part.repeat(2000).slice(0, 2000));
    const time = (texts: readonly string[]) => {
      const begin = performance.now();
      for (const text of texts)
        for (const type of kinds) read(text.slice(0, 2000), { type, options: ['One', 'Two'] });
      return (performance.now() - begin) / texts.length;
    };
    time([harmless]);
    const usual = Math.max(time([harmless, harmless, harmless]), 5);
    expect(time(hostile)).toBeLessThan(usual * 30);
  });
});
