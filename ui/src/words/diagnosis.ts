/** What a connection knows of itself, in words. */
import type { Diagnosis } from '../bindings/Diagnosis';
import type { Status } from '../bindings/Status';
import { words } from './index.svelte';
import { second } from './time';

/** A duration as people tell it: tenths where they matter. */
const milliseconds = (ms: number) => words().dates.milliseconds(ms < 10 ? ms : Math.round(ms));

/** Names and values, without those that there is nothing to say of. */
export function factsOf(known: Diagnosis): [string, string][] {
  const { status, round_trip: trip, unreadable, reported } = known;
  const said = words().connection;
  const facts: [string, string | false][] = [
    [said.roundTrip, trip ? said.roundTripAt(milliseconds(trip.ms), second(trip.at)) : said.notMeasured],
    [said.attempt, status.attempt > 0 && String(status.attempt)],
    [said.nextAttempt, status.retry_at !== null && second(status.retry_at)],
    [said.skipped, unreadable > 0 && said.unreadable(unreadable)],
    [said.reported, reported !== null && said.reportedAt(reported.message || reported.code, second(reported.at))],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== false);
}

/** One change of state. */
export function changeWords(change: Status): string {
  const said = words().connection;
  const why = change.cause ? change.cause.detail || change.cause.kind : '';
  return said.change(said.states[change.state], why, change.attempt);
}
