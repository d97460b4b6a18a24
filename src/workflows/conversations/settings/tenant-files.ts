import { Id } from '../message.ts';

/** What a tenant's directory is called; capitals are written out, which some file systems do not tell from small letters. */
export function fileName(tenant: string): string {
  return Id.parse(tenant).replace(/[A-Z]/g, (letter) => `+${letter.toLowerCase()}`);
}

/** The tenant whose directory it is; undefined when it is none's. */
export function tenantOf(name: string): string | undefined {
  const tenant = name.replace(/\+([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Id.safeParse(tenant).success && fileName(tenant) === name ? tenant : undefined;
}
