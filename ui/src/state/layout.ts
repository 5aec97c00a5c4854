/**
 * Where each line of the list lies. Lines have fixed heights, so that a hundred thousand of them cost no more than those
 * on screen, and none moves when it is read, hovered or focused.
 */
import type { Row } from './rows';

/** The height of a row in CSS pixels at the usual text size; a heading has half of it. */
export const ROW = 64;

/** A stretch of rows that arrived on one day; only from the second on is there a heading above it. */
export interface Day {
  key: string;
  day: number;
  /** Its first row, and the one after its last. */
  from: number;
  to: number;
  /** Of its heading, or of its first row where it has none. */
  top: number;
  heading: boolean;
}

export interface Layout {
  days: Day[];
  count: number;
  height: number;
  row: number;
  header: number;
}

/** Rows one under another, a heading where another day begins. The first day is named above the list. */
export function lay(rows: Row[], row = ROW): Layout {
  const header = row / 2;
  const days: Day[] = [];
  const opened = new Map<number, number>();
  let top = 0;
  let from = 0;
  while (from < rows.length) {
    const { day } = rows[from]!;
    let to = from + 1;
    while (to < rows.length && rows[to]!.day === day) to++;
    const heading = from > 0;
    // rows come in order of arrival, so a late one may open its day a second time
    const times = opened.get(day) ?? 0;
    opened.set(day, times + 1);
    days.push({ key: `${day}-${times}`, day, from, to, top, heading });
    top += (to - from) * row + (heading ? header : 0);
    from = to;
  }
  return { days, count: rows.length, height: top, row, header };
}

const firstTop = (layout: Layout, day: Day) => day.top + (day.heading ? layout.header : 0);

/** Where a row lies. */
export function topOf(layout: Layout, index: number): number {
  const day = layout.days[at(layout.days, (day) => day.to > index)];
  return day ? firstTop(layout, day) + (index - day.from) * layout.row : 0;
}

/** The row that is seen at a height: the first that ends below it. */
export function rowAt(layout: Layout, y: number): number {
  const day = layout.days[dayAt(layout, y)];
  if (!day) return Math.max(0, layout.count - 1);
  return Math.min(day.to - 1, Math.max(day.from, day.from + Math.floor((y - firstTop(layout, day)) / layout.row)));
}

/** The day that is seen at a height, by its place among the days. */
export function dayAt(layout: Layout, y: number): number {
  return at(layout.days, (day) => firstTop(layout, day) + (day.to - day.from) * layout.row > y);
}

/** A day as far as it is on screen. */
export interface Part {
  day: Day;
  from: number;
  to: number;
}

/** What of the list touches a stretch of it. */
export function slice(layout: Layout, from: number, to: number): Part[] {
  const parts: Part[] = [];
  for (let index = dayAt(layout, from); index < layout.days.length; index++) {
    const day = layout.days[index]!;
    if (day.top >= to) break;
    const top = firstTop(layout, day);
    const first = day.from + Math.max(0, Math.floor((from - top) / layout.row));
    const last = Math.min(day.to, day.from + Math.max(0, Math.ceil((to - top) / layout.row)));
    parts.push({ day, from: Math.min(first, last), to: last });
  }
  return parts;
}

/** The first of which something is true, where it is true of all after it. */
function at<T>(list: T[], isTrue: (one: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isTrue(list[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
