/** Several rows at once, for what is done to all of them. */
import { indexOf, type Row } from './rows';

export class Selection {
  ids = $state.raw<ReadonlySet<number>>(new Set());
  /** Where a stretch began. */
  #from: number | null = null;

  get size(): number {
    return this.ids.size;
  }

  has(id: number): boolean {
    return this.ids.has(id);
  }

  /** A stretch of the list: from where it began, which is `from` at first, to a row. */
  stretch(rows: Row[], from: number | null, to: number): void {
    if (this.size === 0 || this.#from === null) this.#from = from ?? to;
    const a = indexOf(rows, this.#from);
    const b = indexOf(rows, to);
    if (a < 0 || b < 0) return;
    this.ids = new Set(rows.slice(Math.min(a, b), Math.max(a, b) + 1).map((row) => row.id));
  }

  /** One more, or one less; the row at hand comes along as the first. */
  toggle(id: number, at: number | null): void {
    const ids = new Set(this.ids);
    if (ids.size === 0 && at !== null) ids.add(at);
    if (ids.has(id) && id !== at) ids.delete(id);
    else ids.add(id);
    this.ids = ids;
    this.#from = id;
  }

  all(rows: Row[]): void {
    this.ids = new Set(rows.map((row) => row.id));
    this.#from = rows[0]?.id ?? null;
  }

  clear(): void {
    if (this.size > 0) this.ids = new Set();
    this.#from = null;
  }

  forget(gone: ReadonlySet<number>): void {
    if ([...this.ids].some((id) => gone.has(id))) this.ids = new Set([...this.ids].filter((id) => !gone.has(id)));
  }
}
