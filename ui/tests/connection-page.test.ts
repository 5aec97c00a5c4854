import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import type { Link } from '../src/bindings/Link';
import type { Spell } from '../src/bindings/Spell';
import type { Status } from '../src/bindings/Status';
import { FakeAgent, account, ago, ahead, connected } from './fake/agent';
import { find, get, open, query } from './app';

const asked = (fake: FakeAgent, method: string) => fake.asked.filter((request) => request.method === method);
const hours = (count: number) => ago(count * 3600);
const summary = (id: string) => get(id).querySelector('summary')!;

const history: Spell[] = [
  { from: hours(5), state: 'connected', cause: null },
  { from: hours(3), state: 'disconnected', cause: 'unreachable' },
  { from: hours(2), state: 'connected', cause: null },
];

const link: Link = {
  url: 'wss://alerts.example.com/ws',
  peer: '203.0.113.7:443',
  tls: {
    version: 'TLS 1.3',
    subject: 'alerts.example.com',
    issuer: 'An Issuer',
    not_after: '2031-02-14T00:00:00Z',
    fingerprint: '9f86d081',
  },
  epoch: 'e1',
  seq: 42,
  keepalive_s: 25,
};

async function opened(fake: FakeAgent) {
  const user = await open(fake);
  await user.click(get('nav-connection'));
  return user;
}

describe('the connection page', () => {
  it('asks for everything once, and again when a state changes', async () => {
    const fake = new FakeAgent();
    await opened(fake);
    await find('changes');
    expect(asked(fake, 'diagnostics')).toEqual([{ method: 'diagnostics', params: { account: null } }]);
    fake.change({ accounts: [account({ status: { ...connected, state: 'connecting', since: ago(0) } })] });
    await expect.poll(() => asked(fake, 'diagnostics').length).toBe(2);
  });

  it('counts down to the next attempt, and tries now on request', async () => {
    const cause = { kind: 'unreachable' as const, detail: 'connection refused' };
    const status: Status = { state: 'disconnected', attempt: 3, cause, retry_at: ahead(40), since: ago(20) };
    const fake = new FakeAgent({ accounts: [account({ status })] });
    const user = await opened(fake);
    await waitFor(() => expect(get('account-state').textContent).toMatch(/Trying again in \d+\u00a0s/));
    expect(get('reconnect').textContent.trim()).toBe('Try now');
    await user.click(get('reconnect'));
    expect(asked(fake, 'reconnect')).toEqual([{ method: 'reconnect', params: { account: 'a1' } }]);
  });

  it('tells the day in words, and each interruption', async () => {
    const fake = new FakeAgent();
    fake.known = { history };
    const user = await opened(fake);
    const line = await find('timeline');
    expect(line.getAttribute('aria-label')).toBe('Last 24 hours: Connected 4\u00a0h, Not connected 1\u00a0h');
    expect([...line.querySelectorAll('[data-kind]')].map((run) => run.getAttribute('data-kind'))).toEqual([
      'connected',
      'down',
      'connected',
    ]);
    expect(line.querySelector('[data-kind=down] title')?.textContent).toMatch(/^Server not reached, .*1\u00a0h$/);
    await user.click(summary('interruptions'));
    expect(get('interruptions').textContent).toContain('1 interruption');
    expect(get('interruptions').querySelectorAll('li')).toHaveLength(1);
  });

  it('says that nothing was interrupted, or that nothing is known yet', async () => {
    const fake = new FakeAgent();
    await opened(fake);
    await waitFor(() => expect(get('account-state').textContent).toContain('Nothing is known of them yet.'));
    fake.known = { history: history.slice(0, 1) };
    fake.change({ accounts: [account({ status: { ...connected, since: ago(1) } })] });
    await waitFor(() => expect(get('account-state').textContent).toContain('No interruptions.'));
  });

  it('gives the figures of the round trips', async () => {
    const fake = new FakeAgent();
    fake.known = { round_trips: [40, 300, 41.7].map((ms, at) => ({ ms, at: ago(900 - at * 300) })) };
    await opened(fake);
    await waitFor(() =>
      expect(get('round-trips').textContent).toMatch(/Latest\s*42\u00a0ms\s*Median\s*42\u00a0ms\s*Longest\s*300\u00a0ms/),
    );
  });

  it('shows the last change first, with its cause, its attempt and the detail', async () => {
    const fake = new FakeAgent();
    const cause = { kind: 'server_busy' as const, detail: 'HTTP 503 at ticket' };
    const down = { state: 'disconnected' as const, attempt: 2, cause, retry_at: null, since: ago(60) };
    fake.known = { transitions: [down, connected] };
    await opened(fake);
    const rows = [...(await find('changes')).querySelectorAll('li p')].map((row) => row.textContent);
    expect(rows).toEqual(['Connected', 'Not connected · Attempt 2 · Server busy', 'HTTP 503 at ticket']);
    // and nowhere else
    expect(get('account-state').textContent.match(/Attempt 2/g)).toHaveLength(1);
  });

  it('tells how the connection is made', async () => {
    const fake = new FakeAgent();
    fake.known = { link, unreadable: 2 };
    const user = await opened(fake);
    await find('changes');
    await user.click(summary('connection-details'));
    const facts = [...get('connection-details').querySelectorAll('dd')].map((fact) => fact.textContent);
    const told = ['wss://alerts.example.com/ws', '203.0.113.7:443', 'e1', '42', 'An Issuer', '9F 86 D0 81', '2 unreadable messages'];
    for (const fact of told) expect(facts).toContain(fact);
    expect(facts.some((fact) => fact.includes('2031'))).toBe(true);
  });

  it('says that a connection is not encrypted', async () => {
    const fake = new FakeAgent();
    fake.known = { link: { ...link, tls: null } };
    await opened(fake);
    await waitFor(() => expect(get('connection-details').textContent).toMatch(/Encryption\s*None/));
  });

  it('tells how what it relies on is, in words', async () => {
    const fake = new FakeAgent();
    fake.parts = [
      { kind: 'tray', health: 'missing', detail: 'no watcher' },
      { kind: 'keychain', health: 'well', detail: '' },
    ];
    await opened(fake);
    expect((await find('part-tray')).textContent).toMatch(/Tray\s*Does not work\s*no watcher/);
    expect(get('part-keychain').textContent).toMatch(/Keychain\s*Works/);
  });

  it('offers to sign in where an account is signed out', async () => {
    const out = account({ id: 'a2', server: 'https://b.example.com', signed_in: false });
    const user = await opened(new FakeAgent({ accounts: [account(), out] }));
    await user.click(get('sign_in'));
    expect(get('server')).toHaveProperty('value', 'https://b.example.com');
  });
});

describe('the report', () => {
  const copied = () => document.querySelector('textarea')?.value ?? '';

  it('is copied by a press', async () => {
    const fake = new FakeAgent();
    fake.known = { history, link };
    let seen = '';
    document.execCommand = () => {
      seen = copied();
      return true;
    };
    const user = await opened(fake);
    await user.click(await find('copy-diagnostics'));
    await waitFor(() => expect(get('copied').textContent.trim()).toBe('Copied.'));
    expect(seen).toContain('Tidings 0.1.0, linux x86_64');
    expect(seen).toContain('unreachable');
    expect(document.activeElement).toBe(get('copy-diagnostics'));
    expect(query('report')).toBeNull();
  });

  it('is there to be copied by hand where the engine copies nothing', async () => {
    document.execCommand = () => false;
    const user = await opened(new FakeAgent());
    const writeText = () => Promise.reject(new Error('denied'));
    Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
    await user.click(await find('copy-diagnostics'));
    const area = (await find('report')) as HTMLTextAreaElement;
    await waitFor(() => expect(document.activeElement).toBe(area));
    expect(area.value.slice(area.selectionStart, area.selectionEnd)).toContain('Tidings 0.1.0');
  });
});
