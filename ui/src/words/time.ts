/** Times in words, in the language that is spoken and as its region writes them. */
import { locale, words } from './index.svelte';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const options = {
  clock: { timeStyle: 'short' },
  clockSecond: { timeStyle: 'medium' },
  dayMonth: { day: 'numeric', month: 'short' },
  dayMonthYear: { day: 'numeric', month: 'short', year: 'numeric' },
  weekday: { weekday: 'long', day: 'numeric', month: 'long' },
  dayClock: { weekday: 'short', hour: 'numeric', minute: '2-digit' },
  dayBrief: { weekday: 'short' },
  dayFull: { weekday: 'long' },
  full: { dateStyle: 'full', timeStyle: 'medium' },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

interface Calendar {
  format: Record<keyof typeof options, Intl.DateTimeFormat>;
  relative: Intl.RelativeTimeFormat;
}

// making one takes longer than drawing a row
const calendars = new Map<string, Calendar>();

function calendar(): Calendar {
  const place = locale();
  let known = calendars.get(place);
  if (!known) {
    const made = Object.entries(options).map(([name, how]) => [name, new Intl.DateTimeFormat(place, how)]);
    const format = Object.fromEntries(made) as Calendar['format'];
    known = { format, relative: new Intl.RelativeTimeFormat(place, { numeric: 'auto' }) };
    calendars.set(place, known);
  }
  return known;
}

const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
// rounded, as a day with a change of the clock is an hour longer or shorter
const daysAgo = (time: number, now: number) => Math.round((midnight(now) - midnight(time)) / DAY);
const sameYear = (a: number, b: number) => new Date(a).getFullYear() === new Date(b).getFullYear();
const capital = (text: string) => text.charAt(0).toLocaleUpperCase(locale()) + text.slice(1);

/** Relative up to an hour, a clock time up to yesterday, then a date. */
export function short(iso: string, now: number): string {
  const { format } = calendar();
  const time = Date.parse(iso);
  const age = now - time;
  if (age < MINUTE) return words().dates.now;
  if (age < HOUR) return words().dates.minutes(Math.floor(age / MINUTE));
  if (daysAgo(time, now) <= 1) return format.clock.format(time);
  return (sameYear(time, now) ? format.dayMonth : format.dayMonthYear).format(time);
}

/** Whether `short` tells how long ago it was, rather than when. */
export function isRecent(iso: string, now: number): boolean {
  return now - Date.parse(iso) < HOUR;
}

/** A clock time to the second, for those who compare it with a log. */
export function second(iso: string): string {
  return calendar().format.clockSecond.format(Date.parse(iso));
}

/** A date alone. */
export function date(iso: string): string {
  return calendar().format.dayMonthYear.format(Date.parse(iso));
}

/** "23 h 12 min", "40 min", "12 s": two parts at most, and none that is zero. */
export function duration(ms: number): string {
  const minutes = Math.round(ms / MINUTE);
  if (minutes < 2) return seconds(Math.round(ms / 1000));
  const said = words().dates;
  const hours = Math.floor(minutes / 60);
  const parts = [hours > 0 && said.hours(hours), minutes % 60 > 0 && said.minutes(minutes % 60)];
  return parts.filter(Boolean).join(' ').replaceAll(' ', '\u00a0');
}

/** The exact time, for tooltips. */
export function exact(iso: string): string {
  return calendar().format.full.format(Date.parse(iso));
}

/** When something ends: a clock time, with its weekday where that is not today. */
export function moment(iso: string, now: number): string {
  const { format } = calendar();
  const time = Date.parse(iso);
  return (daysAgo(time, now) === 0 ? format.clock : format.dayClock).format(time);
}

/** The days of the week, Monday first, as briefly as the language writes them, and in full. */
export function weekdays(): { brief: string; full: string }[] {
  const { format } = calendar();
  // a Monday, as any other
  const days = Array.from({ length: 7 }, (_, at) => new Date(2024, 0, 1 + at, 12));
  return days.map((day) => ({ brief: format.dayBrief.format(day).replace('.', ''), full: format.dayFull.format(day) }));
}

/** The day that the week begins with: 1 for Monday, 7 for Sunday. */
export function firstDay(): number {
  const place = new Intl.Locale(locale()) as Week;
  return place.getWeekInfo?.().firstDay ?? place.weekInfo?.firstDay ?? 1;
}

/** What engines know of a place's week, the older ones by another name or not at all. */
interface Week {
  getWeekInfo?: () => { firstDay: number };
  weekInfo?: { firstDay: number };
}

/** The day that a row belongs to. */
export function day(at: string | number, now: number): string {
  const { format, relative } = calendar();
  const time = new Date(at).getTime();
  const days = daysAgo(time, now);
  if (days <= 1) return capital(relative.format(-Math.max(0, days), 'day'));
  return capital((sameYear(time, now) ? format.weekday : format.dayMonthYear).format(time));
}

/** How long until a time: whole seconds, rounded up, so that it reaches zero when the time has come. */
export function until(iso: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(iso) - now) / 1000));
}

/** "12 s", "1 min 5 s"; it does not break over two lines. */
export function seconds(count: number): string {
  const minutes = Math.floor(count / 60);
  const rest = count % 60;
  const said = words().dates;
  const parts = [minutes > 0 && said.minutes(minutes), (rest > 0 || minutes === 0) && said.seconds(rest)];
  return parts.filter(Boolean).join(' ').replaceAll(' ', '\u00a0');
}
