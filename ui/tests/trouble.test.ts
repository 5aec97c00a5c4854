import { describe, expect, it } from 'vitest';

import type { CauseKind } from '../src/bindings/CauseKind';
import type { Status } from '../src/bindings/Status';
import { follow, followAll } from '../src/state/trouble';
import { describe as tell, summarize } from '../src/words/connection';
import { account } from './fake/agent';

const T0 = Date.UTC(2026, 10, 22, 14, 0, 0);
const iso = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();

function down(kind: CauseKind, change: Partial<Status> = {}): Status {
  return { state: 'disconnected', attempt: 1, cause: { kind, detail: '' }, retry_at: iso(30), since: iso(0), ...change };
}

const trying = (since: number): Status => ({
  state: 'connecting',
  attempt: 2,
  cause: null,
  retry_at: null,
  since: iso(since),
});

function lineAt(seconds: number, ...statuses: Status[]) {
  const trouble = statuses.reduce<ReturnType<typeof follow>>(follow, undefined);
  return tell(account({ status: statuses.at(-1)! }), trouble, T0 + seconds * 1000);
}

describe('trouble with a connection', () => {
  it('is quiet until it has lasted 5 s', () => {
    expect(lineAt(4.9, down('unreachable'))).toMatchObject({ tone: 'quiet', text: 'Reconnecting…' });
    expect(lineAt(4.9, down('unreachable')).action).toBeUndefined();
    expect(lineAt(5, down('unreachable'))).toMatchObject({ tone: 'warn', action: 'try_now' });
  });

  it('lasts over attempts, and keeps its reason while one is under way', () => {
    const line = lineAt(7, down('unreachable'), trying(6));
    expect(line.text).toBe('Can’t reach alerts.example.com. Trying now…');
    expect(lineAt(8, down('unreachable'), trying(6), down('server_busy', { since: iso(7) })).text).toContain('busy');
  });

  it('counts down to the exact time of the next attempt', () => {
    expect(lineAt(18.2, down('unreachable')).text).toContain('Trying again in 12\u00a0s.');
    expect(lineAt(30, down('unreachable')).text).toContain('Trying now…');
  });

  it('is told at once where nothing will be tried', () => {
    expect(lineAt(0, down('sign_in_needed', { retry_at: null }))).toMatchObject({ tone: 'bad', action: 'sign_in' });
    expect(lineAt(0, down('blocked', { retry_at: null }))).toMatchObject({ tone: 'bad', action: 'try_again' });
    expect(lineAt(0, down('offline', { retry_at: null })).tone).toBe('quiet');
  });

  it('is old where it was there before the window', () => {
    expect(lineAt(1, down('unreachable', { attempt: 6 })).tone).toBe('warn');
  });

  it('ends with a connection', () => {
    const well: Status = { state: 'connected', attempt: 0, cause: null, retry_at: null, since: iso(9) };
    expect(follow({ since: T0, cause: null }, well)).toBeUndefined();
    expect(lineAt(11, down('unreachable'), well, down('unreachable', { since: iso(10) })).tone).toBe('quiet');
  });
});

describe('several accounts', () => {
  const bad = account({ id: 'b', status: down('sign_in_needed', { retry_at: null }) });

  it('are one line, of the one that needs a person most', () => {
    const accounts = [account(), bad];
    expect(summarize(accounts, followAll(new Map(), accounts), T0)).toMatchObject({ tone: 'bad', account: bad });
  });

  it('are counted while all is well', () => {
    expect(summarize([account(), account({ id: 'b' })], new Map(), T0)?.text).toBe('All 2 accounts are connected');
    expect(summarize([account()], new Map(), T0)?.text).toBe('Connected to alerts.example.com');
    expect(summarize([], new Map(), T0)).toBeNull();
  });
});
