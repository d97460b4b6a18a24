import { currentDecider } from '../../approval/decider.ts';
import { derivedUuid } from '../../derived.ts';
import { Id } from '../message.ts';

/** Whose conversations are those of the program itself, and of whoever may do everything. */
export const mainTenant = 'default';

/**
 * The tenant of a caller: its name, or a UUID made of it where the name is no id or that of {@link mainTenant}.
 * No two callers have the same one.
 */
export function tenantOf(owner: string | undefined): string {
  if (!owner) return mainTenant;
  const fits = owner !== mainTenant && Id.safeParse(owner).success;
  return fits ? owner : derivedUuid('tenant', owner);
}

/** The tenant of whoever called the workflow that asks this. */
export const currentTenant = (): string => tenantOf(currentDecider().owner);
