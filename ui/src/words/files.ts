/** Files that notifications come with, in words. */
import type { Attachment } from '../bindings/Attachment';
import { locale, words } from './index.svelte';
import { site } from './names';
import { date, moment } from './time';

/** Up to here a weekday says which day it is. */
const WEEK_MS = 6 * 86_400_000;

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** How large a file is, as the region writes it: "12.4 MB". */
export function sizeWords(bytes: number): string {
  let step = 0;
  let size = bytes;
  // what would be written as 1,000
  while (size >= 999.5 && step < units.length - 1) {
    size /= 1000;
    step += 1;
  }
  const format = { style: 'unit', unit: units[step], unitDisplay: step === 0 ? 'long' : 'short' } as const;
  return new Intl.NumberFormat(locale(), { ...format, maximumFractionDigits: size < 100 && step > 0 ? 1 : 0 }).format(size);
}

/** What a file is called; where it is from, if it has no name. */
export function fileName({ name, url }: Attachment): string {
  return name || words().files.from(site(url));
}

/** What else is known of it: how large it is, and until when it can be had. */
export function fileFacts({ size, media_type: type, expires_at: end }: Attachment, now: number): string {
  const said = words().files;
  const gone = end !== null && Date.parse(end) <= now;
  const until = end && (gone ? said.gone : said.until(Date.parse(end) - now < WEEK_MS ? moment(end, now) : date(end)));
  return [size === null ? null : sizeWords(size), type, until].filter(Boolean).join(' · ');
}
