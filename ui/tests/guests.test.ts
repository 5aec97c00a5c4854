import { describe, expect, it } from 'vitest';

import { FakeAgent, failure } from './fake/agent';
import { find, get, open, query } from './app';

const asked = (fake: FakeAgent, method: string) => fake.asked.filter((request) => request.method === method);

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
    const params = { server: 'alerts.example.com', dialect: null, guest: true, allow_unencrypted: false };
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
