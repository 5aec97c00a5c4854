/** Why it is quiet, and until when, in words. */
import type { DoNotDisturb } from '../bindings/DoNotDisturb';
import type { Silence } from '../bindings/Silence';
import { words } from './index.svelte';
import { moment } from './time';

/** "Do not disturb" while it is on. */
export function stillWords({ until }: DoNotDisturb, now: number): string {
  const said = words().settings;
  return until ? said.disturbUntil(moment(until, now)) : said.disturbOn;
}

/** What else keeps it quiet; nothing for "do not disturb", which speaks for itself. */
export function silenceWords(silence: Silence | null, now: number): string {
  const said = words().settings;
  switch (silence?.reason) {
    case 'quiet_hours':
      return silence.until ? said.quietNowUntil(moment(silence.until, now)) : said.quietNow;
    case 'desktop_quiet':
      return said.desktopNow;
    default:
      return '';
  }
}
