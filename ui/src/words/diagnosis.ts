/** What a connection knows of itself, in words. */
import type { Diagnosis } from '../bindings/Diagnosis';
import type { Status } from '../bindings/Status';
import { stateNames } from './names';
import { second } from './time';

/** A duration as people tell it: tenths where they matter. */
function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}\u00a0ms`;
}

/** Names and values, without those that there is nothing to say of. */
export function factsOf(known: Diagnosis): [string, string][] {
  const { status, round_trip: trip, unreadable, reported } = known;
  const facts: [string, string | false][] = [
    ['Round trip', trip ? `${milliseconds(trip.ms)}, at ${second(trip.at)}` : 'Not measured yet'],
    ['Attempt', status.attempt > 0 && String(status.attempt)],
    ['Next attempt', status.retry_at !== null && second(status.retry_at)],
    ['Skipped', unreadable > 0 && `${unreadable} unreadable message${unreadable === 1 ? '' : 's'}`],
    ['Reported', reported !== null && `${reported.message || reported.code}, at ${second(reported.at)}`],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== false);
}

/** One change of state. */
export function changeWords(change: Status): string {
  const why = change.cause ? `: ${change.cause.detail || change.cause.kind}` : '';
  const attempt = change.attempt > 0 ? ` (attempt ${change.attempt})` : '';
  return `${stateNames[change.state]}${why}${attempt}`;
}
