import { z } from 'zod';

/** A place on earth. */
export const Place = z.object({
  name: z.string().min(1).max(200),
  /** The state or province. */
  region: z.string().max(200).optional(),
  country: z.string().max(200).optional(),
  /** In degrees, north and east positive (WGS 84). */
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  /** By its name in the IANA database: `Europe/London`. */
  timeZone: z
    .string()
    .regex(/^[A-Za-z0-9_+/-]{1,64}$/)
    .optional(),
});
export type Place = z.output<typeof Place>;

/** Finds places by name. */
export interface Places {
  /**
   * All places that a name may mean, the largest first: `London`, `London, Ontario`, `Paris, France`.
   * @throws GraphwrightError when the source cannot be asked; of a name it does not know it gives none.
   */
  find(name: string, signal?: AbortSignal): Promise<readonly Place[]>;
}

/** A place as people write it: London, Ontario, Canada. */
export const placeInWords = ({ name, region, country }: Place): string =>
  [name, region === name ? undefined : region, country]
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
