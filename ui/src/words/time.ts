/** Times in words. The pages speak English, and so do their dates, whatever the system's language is. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options);
const clock = format({ hour: '2-digit', minute: '2-digit' });
const dayMonth = format({ day: 'numeric', month: 'short' });
const dayMonthYear = format({ day: 'numeric', month: 'short', year: 'numeric' });
const weekday = format({ weekday: 'long', day: 'numeric', month: 'long' });
const full = format({ dateStyle: 'full', timeStyle: 'medium' });

const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
const sameYear = (a: number, b: number) => new Date(a).getFullYear() === new Date(b).getFullYear();

/** Relative up to an hour, then a clock time, then a date. */
export function short(iso: string, now: number): string {
  const time = Date.parse(iso);
  const age = now - time;
  if (age < MINUTE) return 'now';
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min`;
  if (midnight(time) === midnight(now)) return clock.format(time);
  return sameYear(time, now) ? dayMonth.format(time) : dayMonthYear.format(time);
}

/** The exact time, for tooltips. */
export function exact(iso: string): string {
  return full.format(Date.parse(iso));
}

/** The day that a row belongs to. */
export function day(iso: string, now: number): string {
  const time = Date.parse(iso);
  const days = Math.round((midnight(now) - midnight(time)) / DAY);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return sameYear(time, now) ? weekday.format(time) : dayMonthYear.format(time);
}

/** How long until a time: whole seconds, rounded up, so that it reaches zero when the time has come. */
export function until(iso: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(iso) - now) / 1000));
}

/** "12 s", "1 min 5 s". */
export function seconds(count: number): string {
  if (count < 60) return `${count} s`;
  const rest = count % 60;
  return rest ? `${Math.floor(count / 60)} min ${rest} s` : `${count / 60} min`;
}
