/**
 * Diagnostics as a plain text for whoever looks for a fault: in the agent's own codes, the same in every language. Who
 * signs in is left out, and so is everything in an address but its place.
 */
import type { Diagnosis } from '../bindings/Diagnosis';
import type { Diagnostics } from '../bindings/Diagnostics';
import type { Status } from '../bindings/Status';
import { interruptionsOf, stretchesOf, totalsOf } from '../state/timeline';
import { figuresOf } from '../state/round-trips';

/** The whole report. */
export function reportOf({ version, system, connections, parts }: Diagnostics, now: number): string {
  const head = [`Tidings ${version}, ${system}`, new Date(now).toISOString()];
  const desk = ['parts', ...parts.map(({ kind, health, detail }) => `  ${kind}: ${health}${bracketed(detail)}`)];
  const blocks = [head, ...connections.map((known, at) => connection(known, at + 1, now)), desk];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function connection(known: Diagnosis, number: number, now: number): string[] {
  const { server, dialect, status, link, unreadable, reported } = known;
  const stretches = stretchesOf(known.history, now);
  const figures = figuresOf(known.round_trips);
  const lines: (string | false)[] = [
    `connection ${number}: ${place(server)}, ${dialect}`,
    `  ${change(status)}`,
    status.retry_at !== null && `  next attempt ${status.retry_at}`,
    link !== null && `  socket ${place(link.url)}${link.peer ? ` at ${link.peer}` : ''}, keepalive ${link.keepalive_s} s`,
    link?.epoch != null && `  log ${link.epoch}, last number ${link.seq ?? '-'}`,
    link?.tls != null && `  ${link.tls.version}, issued by ${link.tls.issuer || '-'}, until ${link.tls.not_after ?? '-'}`,
    link?.tls != null && `  fingerprint ${link.tls.fingerprint}`,
    figures !== null && `  round trip ${ms(figures.latest)}, median ${ms(figures.median)}, longest ${ms(figures.longest)}`,
    unreadable > 0 && `  unreadable messages ${unreadable}`,
    reported !== null && `  reported ${reported.at} ${reported.code}: ${reported.message}`,
    `  last 24 hours: ${totalsOf(stretches).map(([kind, time]) => `${kind} ${Math.round(time / 1000)} s`).join(', ') || '-'}`,
    ...interruptionsOf(stretches)
      .slice(-20)
      .map(({ kind, cause, from, to }) => `    ${iso(from)} ${Math.round((to - from) / 1000)} s ${cause ?? kind}`),
    '  changes',
    ...known.transitions.map((each) => `    ${change(each)}`),
  ];
  return lines.filter((line) => line !== false);
}

function change({ state, since, attempt, cause }: Status): string {
  const why = cause ? ` ${cause.kind}${bracketed(cause.detail)}` : '';
  return `${since} ${state}${attempt > 0 ? `, attempt ${attempt}` : ''}${why}`;
}

const ms = (time: number) => `${time.toFixed(1)} ms`;
const iso = (time: number) => new Date(time).toISOString();
const bracketed = (detail: string) => (detail ? ` (${detail})` : '');

/** An address without a name, a password, a query or a fragment in it. */
function place(address: string): string {
  try {
    const { protocol, host, pathname } = new URL(address);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return '-';
  }
}
