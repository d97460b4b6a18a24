import type { EntryFilter, LoadOptions, StoredEntry } from './storage.ts';

interface Indexed<P> {
  readonly place: P;
  readonly checkpoint: boolean;
}

/** Where the entries of one conversation's log are, for storages that keep the entries elsewhere. */
export class LogIndex<P> {
  readonly #entries: Indexed<P>[] = [];
  readonly #answered = new Map<string, number>();
  /** The versions of the snapshots, in order. */
  readonly #snapshots: number[] = [];

  /** Takes in the next entry: its version follows the one before. */
  add({ version, messageId, checkpoint, snapshot }: StoredEntry, place: P): void {
    this.#entries.push({ place, checkpoint: checkpoint !== undefined });
    if (messageId !== undefined) this.#answered.set(messageId, version);
    if (snapshot !== undefined) this.#snapshots.push(version);
  }

  /** The places of what {@link LoadOptions} asks for. */
  parts(
    newest: number,
    { known, at = newest, messageId }: LoadOptions,
  ): { readonly snapshot?: P; readonly entries: readonly P[]; readonly answered?: P } {
    const follows = known !== undefined && known <= newest;
    const snapshot = follows ? undefined : this.#snapshots.findLast((version) => version <= at);
    const from = follows ? known : (snapshot ?? 0);
    const answered = messageId === undefined ? undefined : this.#answered.get(messageId);
    return {
      snapshot: snapshot === undefined ? undefined : this.#placeOf(snapshot),
      entries: this.#entries.slice(from, at).map(({ place }) => place),
      answered: answered === undefined ? undefined : this.#placeOf(answered),
    };
  }

  /** The ids of all messages in the log. */
  get messageIds(): string[] {
    return [...this.#answered.keys()];
  }

  /** The places of a part of the log. */
  places({ after = 0, before = Infinity, checkpoints, order, limit }: EntryFilter): P[] {
    const end = Math.max(after, Math.min(before - 1, this.#entries.length));
    const wanted = this.#entries
      .slice(after, end)
      .filter(({ checkpoint }) => !checkpoints || checkpoint);
    if (order === 'newest') wanted.reverse();
    return wanted.slice(0, limit).map(({ place }) => place);
  }

  #placeOf = (version: number): P => this.#entries[version - 1]!.place;
}
