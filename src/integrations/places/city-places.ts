import type { CityData } from 'city-timezones';
import { Place, type Places } from './places.ts';

/** What countries are called besides their names and their codes. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  US: ['usa', 'us', 'america', 'united states', 'the states'],
  GB: ['uk', 'great britain', 'britain', 'england', 'scotland', 'wales', 'northern ireland'],
  NL: ['holland'],
  AE: ['uae', 'emirates'],
  CZ: ['czechia'],
  RU: ['russia'],
  KR: ['korea', 'south korea'],
};

const mostMeanings = 9;

/**
 * Finds the larger cities of the world offline, some 7,300 of them, with coordinates and time zones. They come with
 * the package city-timezones and are loaded on first use.
 */
export class CityPlaces implements Places {
  #cities: Promise<ReadonlyMap<string, readonly CityData[]>> | undefined;

  async find(name: string): Promise<readonly Place[]> {
    const cities = await (this.#cities ??= load());
    const [first = '', ...qualifiers] = name.slice(0, 200).split(',').map(folded).filter(Boolean);
    for (const [city, qualifier] of ways(first)) {
      const wanted = qualifier === '' ? qualifiers : [qualifier, ...qualifiers];
      const found = (cities.get(city) ?? []).filter((each) =>
        wanted.every((one) => belongs(each, one)),
      );
      if (found.length > 0) return distinct(found);
    }
    return [];
  }
}

/** A city, and what may be said after it without a comma, the longest name first. */
function* ways(text: string): Generator<[city: string, qualifier: string]> {
  const words = text.split(' ');
  for (let count = words.length; count > 0; count--) {
    const city = words.slice(0, count).join(' ');
    const rest = words.slice(count).join(' ').replace(/^in /, '');
    yield [city, rest === 'city' ? '' : rest];
  }
}

async function load(): Promise<ReadonlyMap<string, readonly CityData[]>> {
  const { default: module } = await import('city-timezones');
  const byName = new Map<string, CityData[]>();
  for (const city of module.cityMapping)
    for (const name of new Set([folded(city.city), folded(city.city_ascii)])) {
      const same = byName.get(name);
      if (same) same.push(city);
      else byName.set(name, [city]);
    }
  return byName;
}

function belongs(city: CityData, qualifier: string): boolean {
  const { country, iso2, iso3, province, state_ansi: state } = city;
  const named = [country, iso2, iso3, province, state].filter(Boolean).map(folded);
  return [...named, ...(otherNames[iso2] ?? [])].includes(qualifier);
}

/** The largest first; a city that the list has twice counts once. */
function distinct(cities: readonly CityData[]): readonly Place[] {
  const bySize = cities.toSorted((a, b) => b.pop - a.pop);
  const apart = bySize.filter(
    (city, index) =>
      !bySize
        .slice(0, index)
        .some(
          (other) =>
            other.iso2 === city.iso2 &&
            Math.abs(other.lat - city.lat) + Math.abs(other.lng - city.lng) < 0.3,
        ),
  );
  return apart.slice(0, mostMeanings).map(placeOf);
}

const placeOf = ({ city, province, country, lat, lng, timezone }: CityData): Place =>
  Place.parse({
    name: city,
    ...(province && { region: province }),
    country,
    latitude: rounded(lat),
    longitude: rounded(lng),
    ...(timezone && { timeZone: timezone }),
  });

/** Four digits are 11 metres, and more than a city's point is good for. */
const rounded = (degrees: number) => Math.round(degrees * 10_000) / 10_000;

const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/[\p{M}.'’]/gu, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
