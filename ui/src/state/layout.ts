/**
 * Where each line of the list lies. Lines have fixed heights, so that ten thousand of them cost no more than those on
 * screen, and none moves when it is read, hovered or focused.
 */
import type { Item } from '../bindings/Item';
import { day } from '../words/time';

export const ROW = 64;
export const HEADER = 32;

export type Entry =
  | { kind: 'day'; key: string; top: number; height: number; label: string }
  | { kind: 'row'; key: string; top: number; height: number; item: Item; index: number };

export interface Layout {
  entries: Entry[];
  height: number;
}

/** Rows one under another, a heading where a day begins. */
export function lay(rows: Item[], now: number): Layout {
  const entries: Entry[] = [];
  let top = 0;
  let label = '';
  rows.forEach((item, index) => {
    const its = day(item.created_at, now);
    if (its !== label) {
      label = its;
      // rows come in order of arrival, so a late one may open its day a second time
      entries.push({ kind: 'day', key: `day-${label}-${item.id}`, top, height: HEADER, label });
      top += HEADER;
    }
    entries.push({ kind: 'row', key: String(item.id), top, height: ROW, item, index });
    top += ROW;
  });
  return { entries, height: top };
}

/** The entries that touch a stretch of the list. */
export function slice({ entries }: Layout, from: number, to: number): Entry[] {
  const first = firstEndingAfter(entries, from);
  let last = first;
  while (last < entries.length && (entries[last]?.top ?? 0) < to) last++;
  return entries.slice(first, last);
}

function firstEndingAfter(entries: Entry[], y: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    if (entry && entry.top + entry.height <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}
