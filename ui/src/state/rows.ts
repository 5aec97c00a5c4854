/** The rows of a list, newest first: how they are put together, changed and taken away. */
import type { Item } from '../bindings/Item';

/** A notification, and when its day began here: worked out once, not at every drawing of a long list. */
export interface Row extends Item {
  day: number;
}

export function rowOf(item: Item): Row {
  return { ...item, day: new Date(item.created_at).setHours(0, 0, 0, 0) };
}

/** The rows with these among them, each once and as it was told last. */
export function merge(rows: Row[], items: Item[]): Row[] {
  if (items.length === 0) return rows;
  const told = new Map(items.map((item) => [item.id, rowOf(item)]));
  const fresh = [...told.values()].sort((a, b) => b.id - a.id);
  // what arrives is mostly newer than all that is there, and a page older
  if ((fresh.at(-1)?.id ?? 0) > (rows[0]?.id ?? -Infinity)) return [...fresh, ...rows];
  if ((fresh[0]?.id ?? 0) < (rows.at(-1)?.id ?? Infinity)) return [...rows, ...fresh];
  return [...rows.filter((row) => !told.has(row.id)), ...fresh].sort((a, b) => b.id - a.id);
}

/** The rows without those. */
export function without(rows: Row[], ids: ReadonlySet<number>): Row[] {
  return rows.some((row) => ids.has(row.id)) ? rows.filter((row) => !ids.has(row.id)) : rows;
}

/** The rows with something changed in some of them. */
export function patch(rows: Row[], ids: ReadonlySet<number>, change: Partial<Row>): Row[] {
  return rows.some((row) => ids.has(row.id)) ? rows.map((row) => (ids.has(row.id) ? { ...row, ...change } : row)) : rows;
}

/** Where a row stands, or would stand: the first that is not newer. */
export function placeOf(rows: Row[], id: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.id <= id) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Where a row stands; -1 if it is not there. */
export function indexOf(rows: Row[], id: number | null): number {
  if (id === null) return -1;
  const at = placeOf(rows, id);
  return rows[at]?.id === id ? at : -1;
}
