import { describe, expect, it } from 'vitest';

import { FakeAgent, account, ago, connected, failure } from './fake/agent';
import { find, get, open, query } from './app';

const asked = (fake: FakeAgent, method: string) => fake.asked.filter((request) => request.method === method);
const details = () => get('connection-details').textContent;

async function opened(fake: FakeAgent) {
  const user = await open(fake);
  await user.click(get('nav-connection'));
  const toggle = get('connection-details').querySelector('summary')!;
  return { user, toggle };
}

describe('the connection’s details', () => {
  it('are asked for once they are opened, and not before', async () => {
    const fake = new FakeAgent();
    fake.known = { round_trip: { ms: 41.7, at: ago(30) } };
    const { user, toggle } = await opened(fake);
    expect(asked(fake, 'diagnostics')).toEqual([]);
    await user.click(toggle);
    await find('changes');
    expect(asked(fake, 'diagnostics')).toEqual([{ method: 'diagnostics', params: { account: 'a1' } }]);
    expect(details()).toContain('42\u00a0ms');
  });

  it('show the last change first, with its cause and attempt', async () => {
    const fake = new FakeAgent();
    const cause = { kind: 'server_busy' as const, detail: 'HTTP 503 at ticket' };
    const down = { state: 'disconnected' as const, attempt: 2, cause, retry_at: null, since: ago(60) };
    fake.known = { transitions: [down, connected] };
    const { user, toggle } = await opened(fake);
    await user.click(toggle);
    const rows = [...(await find('changes')).querySelectorAll('li span')].map((row) => row.textContent);
    expect(rows).toEqual(['Connected', 'Not connected: HTTP 503 at ticket (attempt 2)']);
  });

  it('are asked for again when the state changes', async () => {
    const fake = new FakeAgent();
    const { user, toggle } = await opened(fake);
    await user.click(toggle);
    await find('changes');
    fake.change({ accounts: [account({ status: { ...connected, state: 'connecting', since: ago(0) } })] });
    await expect.poll(() => asked(fake, 'diagnostics').length).toBe(2);
  });
});

describe('the way in for guests', () => {
  const nobody = () => new FakeAgent({ accounts: [], hint: { server: null, username: null, server_locked: false } });

  it('is shown where the server takes guests, and needs neither name nor password', async () => {
    const fake = nobody();
    fake.guests = true;
    const user = await open(fake, 'sign-in');
    await user.type(get('server'), 'alerts.example.com');
    expect(asked(fake, 'probe')).toEqual([]);
    await user.tab();
    await user.click(await find('guest'));
    await find('connection-line');
    const params = { server: 'alerts.example.com', flow: null, guest: true, allow_unencrypted: false };
    expect(asked(fake, 'sign_in')).toEqual([{ method: 'sign_in', params }]);
  });

  it('is not shown where it takes none, cannot be asked, or another address is being typed', async () => {
    const fake = nobody();
    const user = await open(fake, 'sign-in');
    await user.type(get('server'), 'a.example.com');
    await user.tab();
    expect(query('guest')).toBeNull();
    fake.refuse.probe = failure('SERVER_UNREACHABLE');
    await user.type(get('server'), 'x');
    await user.tab();
    expect(query('guest')).toBeNull();
    delete fake.refuse.probe;
    fake.guests = true;
    await user.type(get('server'), 'y');
    await user.tab();
    await find('guest');
    await user.type(get('server'), 'z');
    expect(query('guest')).toBeNull();
  });
});
