import { describe, expect, it } from 'vitest';
import { CityPlaces } from '../../../src/integrations/places/city-places.ts';
import { placeInWords } from '../../../src/integrations/places/places.ts';

const places = new CityPlaces();
const names = async (name: string) => (await places.find(name)).map(placeInWords);

describe('L14 places, offline', () => {
  it.each([
    ['New York, USA', 'New York, United States of America'],
    ['new york city', 'New York, United States of America'],
    ['London, UK', 'London, Westminster, United Kingdom'],
    ['London, Ontario', 'London, Ontario, Canada'],
    ['london ontario', 'London, Ontario, Canada'],
    ['Springfield, IL', 'Springfield, Illinois, United States of America'],
    ['São Paulo', 'Sao Paulo, São Paulo, Brazil'],
    ['zurich', 'Zürich, Switzerland'],
    ['Paris in France', 'Paris, Île-de-France, France'],
    ['München, Germany', undefined],
    ['Atlantis', undefined],
    ['', undefined],
    [', ,', undefined],
  ])('%s is %s', async (name, found) => {
    expect(await names(name)).toEqual(found === undefined ? [] : [found]);
  });

  it('gives coordinates and the time zone', async () => {
    const [place] = await places.find('Tokyo, Japan');
    expect(place).toMatchObject({ name: 'Tokyo', country: 'Japan', timeZone: 'Asia/Tokyo' });
    expect(place!.latitude).toBeCloseTo(35.69, 1);
    expect(place!.longitude).toBeCloseTo(139.75, 1);
  });

  it('gives all the places of one name, the largest first', async () => {
    const found = await names('London');
    expect(found[0]).toBe('London, Westminster, United Kingdom');
    expect(found).toContain('London, Ontario, Canada');
    expect(new Set(found).size).toBe(found.length);
  });

  it('T35 takes names of prototypes for names, and long texts for none', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', `${'a '.repeat(50_000)}`])
      expect(await places.find(name)).toEqual([]);
  });
});
