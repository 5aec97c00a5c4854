/**
 * How long a connection has been in trouble. A status says since when its state holds, but trouble lasts over many
 * attempts, each with states of its own; it is shown only once it has lasted.
 */
import type { Account } from '../bindings/Account';
import type { Cause } from '../bindings/Cause';
import type { Status } from '../bindings/Status';

/** What passes within this time is nobody's business. */
export const SETTLE_MS = 5_000;

export interface Trouble {
  /** Since when; zero for "before this window was open". */
  since: number;
  /** The latest reason; an attempt under way has none of its own. */
  cause: Cause | null;
}

export type Troubles = ReadonlyMap<string, Trouble>;

/** What is known of an account's trouble after its latest status. */
export function follow(before: Trouble | undefined, status: Status): Trouble | undefined {
  // who has signed out wants it so
  if (status.state === 'connected' || status.cause?.kind === 'stopped') return undefined;
  const since = before?.since ?? (status.attempt > 1 ? 0 : Date.parse(status.since));
  return { since, cause: status.cause ?? before?.cause ?? null };
}

/** The troubles of all accounts, those that are gone left out. */
export function followAll(before: Troubles, accounts: Account[]): Troubles {
  const after = new Map<string, Trouble>();
  for (const { id, status, paused } of accounts) {
    // who rests is meant to
    const trouble = paused ? undefined : follow(before.get(id), status);
    if (trouble) after.set(id, trouble);
  }
  return after;
}

/** Whether it is to be spoken of: it has lasted, or nothing will be tried that could end it. */
export function isSettled(trouble: Trouble, status: Status, now: number): boolean {
  const final = status.state === 'disconnected' && !status.retry_at && trouble.cause?.kind !== 'offline';
  return trouble.cause !== null && (final || now - trouble.since >= SETTLE_MS);
}
