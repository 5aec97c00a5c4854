/** Times in words. The pages speak English, and so do their dates, whatever the system's language is. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options);
const clock = format({ hour: '2-digit', minute: '2-digit' });
const clockSecond = format({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayMonth = format({ day: 'numeric', month: 'short' });
const dayMonthYear = format({ day: 'numeric', month: 'short', year: 'numeric' });
const weekday = format({ weekday: 'long', day: 'numeric', month: 'long' });
const full = format({ dateStyle: 'full', timeStyle: 'medium' });

const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
// rounded, as a day with a change of the clock is an hour longer or shorter
const daysAgo = (time: number, now: number) => Math.round((midnight(now) - midnight(time)) / DAY);
const sameYear = (a: number, b: number) => new Date(a).getFullYear() === new Date(b).getFullYear();

/** Relative up to an hour, a clock time up to yesterday, then a date. */
export function short(iso: string, now: number): string {
  const time = Date.parse(iso);
  const age = now - time;
  if (age < MINUTE) return 'now';
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min`;
  if (daysAgo(time, now) <= 1) return clock.format(time);
  return sameYear(time, now) ? dayMonth.format(time) : dayMonthYear.format(time);
}

/** A clock time to the second, for those who compare it with a log. */
export function second(iso: string): string {
  return clockSecond.format(Date.parse(iso));
}

/** The exact time, for tooltips. */
export function exact(iso: string): string {
  return full.format(Date.parse(iso));
}

/** The day that a row belongs to. */
export function day(iso: string, now: number): string {
  const time = Date.parse(iso);
  const days = daysAgo(time, now);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return sameYear(time, now) ? weekday.format(time) : dayMonthYear.format(time);
}

/** How long until a time: whole seconds, rounded up, so that it reaches zero when the time has come. */
export function until(iso: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(iso) - now) / 1000));
}

/** "12 s", "1 min 5 s"; it does not break over two lines. */
export function seconds(count: number): string {
  const minutes = Math.floor(count / 60);
  const rest = count % 60;
  const parts = [minutes > 0 && `${minutes}\u00a0min`, (rest > 0 || minutes === 0) && `${rest}\u00a0s`];
  return parts.filter(Boolean).join('\u00a0');
}
