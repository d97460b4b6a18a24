import { AsyncLocalStorage } from 'node:async_hooks';
import { GraphwrightError } from '../../errors.ts';
import type { OntologyStore } from '../store.ts';
import { isRestrictable, type Rights } from './rights.ts';

const current = new AsyncLocalStorage<Rights>();

/**
 * Runs an action on behalf of a caller with rights, which {@link readableStore} then holds it to, however
 * deep. Without rights it runs as it is.
 */
export const withRights = <Result>(rights: Rights | undefined, action: () => Result): Result =>
  rights ? current.run(rights, action) : action();

/**
 * The store as far as whoever asked may read it: for tools whose caller says what is read. All of it when
 * nobody with limited rights asked.
 * @throws GraphwrightError `forbidden` where the store cannot hold a caller to rights.
 */
export function readableStore(store: OntologyStore): OntologyStore {
  const rights = current.getStore();
  if (!rights) return store;
  if (isRestrictable(store)) return store.restrictedTo(rights);
  throw new GraphwrightError(
    'forbidden',
    'This caller is limited to some graphs, which the store cannot hold it to',
  );
}
