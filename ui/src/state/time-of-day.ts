/** Times of day as people type them, and spans of them. */
import type { QuietHours } from '../bindings/QuietHours';
import type { Weekday } from '../bindings/Weekday';

export const week: Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** What is offered first: the nights. */
export const nights: QuietHours = { days: week, from: '22:00', until: '07:00' };

/** `22:00` of what was typed: "22", "2230", "7.30", "10 pm"; nothing where it is no time of day. */
export function clockOf(typed: string): string | null {
  const found = /^(\d{1,2})(?:[:.h ]?(\d{2}))? ?h?([ap]\.?m\.?)?$/i.exec(typed.trim());
  if (!found) return null;
  let hour = Number(found[1]);
  const minute = Number(found[2] ?? 0);
  const half = found[3]?.charAt(0).toLowerCase();
  if (half && (hour < 1 || hour > 12)) return null;
  if (half) hour = (hour % 12) + (half === 'p' ? 12 : 0);
  if (hour > 23 || minute > 59) return null;
  return [hour, minute].map((part) => String(part).padStart(2, '0')).join(':');
}

/** How a span ends. */
export function endOf({ from, until }: QuietHours): 'same_day' | 'next_day' | 'whole_day' {
  if (from === until) return 'whole_day';
  return until > from ? 'same_day' : 'next_day';
}

/** The days in the order of a place's week, which begins on this one: 1 for Monday, 7 for Sunday. */
export function weekFrom(first: number): Weekday[] {
  const at = (first - 1) % 7;
  return [...week.slice(at), ...week.slice(0, at)];
}
