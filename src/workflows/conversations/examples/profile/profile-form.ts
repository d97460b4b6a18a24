import { z } from 'zod';
import { Place, placeInWords, type Places } from '../../../../integrations/places/places.ts';
import type { Json } from '../../json.ts';
import type { FieldCheck } from '../../forms/field.ts';
import { defineForm } from '../../forms/form.ts';

/** A birth place: found, or a name that somebody else is asked about. */
export const BirthPlace = z.union([Place, z.object({ unresolved: z.string() })]);
export type BirthPlace = z.output<typeof BirthPlace>;

/**
 * The form of a profile.
 * @param resolvable Whether a place that is not found is asked about elsewhere, rather than refused.
 */
export const profileForm = (places: Places, resolvable: boolean) =>
  defineForm({
    name: 'profile',
    help: 'I ask for your name, and when and where you were born. Say "cancel" to stop.',
    fields: [
      {
        name: 'name',
        type: 'name',
        aliases: ['full name'],
        prompt: 'What is your full name?',
        hints: ['At least 2 letters, such as Ada Lovelace.'],
      },
      {
        name: 'birthDate',
        type: 'date',
        aliases: ['birthday', 'date of birth', 'birthdate', 'day of birth'],
        prompt: 'What is your birth date? (Please write it as DD/MM/YYYY)',
        hints: ['Such as 15/01/1990 or 15 January 1990.'],
        dateOrder: 'dmy',
        min: '1800-01-01',
        max: 'today',
      },
      {
        name: 'birthTime',
        type: 'time',
        aliases: ['time of birth'],
        prompt: 'What time were you born? (Please write it as HH:MM, 24-hour)',
        hints: ['Such as 14:30 or 2:30 pm.'],
        help: 'Your birth certificate often has the time; noon is the usual choice when nobody knows it.',
      },
      {
        name: 'birthPlace',
        type: 'place',
        aliases: ['place of birth', 'birthplace', 'city of birth'],
        prompt: 'Where were you born? (City, Country)',
        hints: ['Such as Paris, France.'],
        help: 'The place gives the coordinates and the time zone of your birth.',
        schema: BirthPlace as unknown as z.ZodType<Json>,
        check: lookUp(places, resolvable),
        show: showPlace,
      },
    ],
  });

const lookUp =
  (places: Places, resolvable: boolean): FieldCheck =>
  async (value, { signal }) => {
    const name = String(value);
    const [first, ...others] = await places.find(name, signal);
    if (!first)
      return resolvable
        ? { kind: 'value', value: { unresolved: name } }
        : {
            kind: 'problem',
            problem: `I do not know a place called ${name}. Please name the nearest larger city, with its country`,
          };
    if (others.length === 0) return { kind: 'value', value: first };
    return {
      kind: 'meanings',
      question: `There is more than one ${first.name}. Which one do you mean?`,
      meanings: [first, ...others].map((place) => ({ label: placeInWords(place), value: place })),
    };
  };

/** A birth place as people read it, with where that is. */
export function showPlace(value: unknown): string {
  const read = BirthPlace.safeParse(value);
  if (!read.success) return '';
  if ('unresolved' in read.data) return read.data.unresolved;
  const { latitude, longitude, timeZone } = read.data;
  const at = `${degrees(latitude, 'N', 'S')}, ${degrees(longitude, 'E', 'W')}`;
  return `${placeInWords(read.data)} (${at}${timeZone === undefined ? '' : `, ${timeZone}`})`;
}

const degrees = (value: number, positive: string, negative: string) =>
  `${Math.abs(value).toFixed(2)}° ${value < 0 ? negative : positive}`;
