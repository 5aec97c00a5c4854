import { cleanup, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import type { SignInHint } from '../src/bindings/SignInHint';
import { FakeAgent, failure } from './fake/agent';
import { find, get, open, query } from './app';

const nobody = (hint: Partial<SignInHint> = {}) =>
  new FakeAgent({ accounts: [], hint: { server: null, username: null, server_locked: false, ...hint } });
const link = { event: 'add' as const, value: { server: 'https://new.example.com', username: 'bob', server_locked: false } };

describe('the first run', () => {
  it('says what Tidings does', async () => {
    await open(nobody(), 'sign-in');
    expect(get('sign-in').textContent).toContain('Tidings shows what your Tidings, Gotify or ntfy server tells you as it happens');
  });

  it('leaves the address as an administrator has decided it, and says so', async () => {
    const fake = nobody({ server: 'https://alerts.example.com', server_locked: true });
    const user = await open(fake, 'sign-in');
    expect(get('server')).toHaveProperty('readOnly', true);
    expect(get('sign-in').textContent).toContain('Your administrator has decided this.');
    expect(document.activeElement).toBe(get('username'));
    await user.type(get('server'), 'x');
    expect(get('server')).toHaveProperty('value', 'https://alerts.example.com');
  });
});

describe('a link that adds a server', () => {
  it('asks first, and nothing is sent before the person says so', async () => {
    const fake = new FakeAgent();
    const user = await open(fake);
    fake.tell(link);
    expect((await find('add')).textContent).toContain('Add new.example.com?');
    expect(fake.asked.map(({ method }) => method)).not.toContain('probe');
    await user.click(get('add-cancel'));
    await waitFor(() => expect(query('add')).toBeNull());
    expect(query('sign-in')).toBeNull();
  });

  it('leads to the sign-in page, filled in', async () => {
    const fake = new FakeAgent();
    const user = await open(fake);
    fake.tell(link);
    await user.click(await find('add-confirm'));
    await find('sign-in');
    expect(get('server')).toHaveProperty('value', 'https://new.example.com');
    expect(get('username')).toHaveProperty('value', 'bob');
    await waitFor(() => expect(document.activeElement).toBe(get('password')));
  });

  it('fills in the page of the first run too', async () => {
    const fake = nobody();
    const user = await open(fake, 'sign-in');
    fake.tell(link);
    await user.click(await find('add-confirm'));
    await waitFor(() => expect(get('server')).toHaveProperty('value', 'https://new.example.com'));
  });

  it('does not change a server that an administrator has decided', async () => {
    const fake = nobody({ server: 'https://alerts.example.com', server_locked: true });
    const user = await open(fake, 'sign-in');
    fake.tell(link);
    await user.click(await find('add-confirm'));
    await waitFor(() => expect(get('username')).toHaveProperty('value', 'bob'));
    expect(get('server')).toHaveProperty('value', 'https://alerts.example.com');
  });

  it('that leads nowhere is told of, and why is one click away', async () => {
    for (const fake of [new FakeAgent(), nobody()]) {
      const user = await open(fake, fake.snapshot.accounts.length ? 'connection-line' : 'sign-in');
      fake.tell({ event: 'refused', value: failure('BAD_REQUEST', 'the link names no server') });
      expect((await find('refused-link')).textContent).toContain('This link leads nowhere');
      expect(get('refused-link').textContent).toContain('the link names no server');
      await user.click(get('refused-link-leave'));
      await waitFor(() => expect(query('refused-link')).toBeNull());
      cleanup();
    }
  });

  it('that leads past an administrator’s server says so', async () => {
    const fake = new FakeAgent();
    await open(fake);
    fake.tell({ event: 'refused', value: failure('SETTING_LOCKED') });
    expect((await find('refused-link')).textContent).toContain('Your administrator has decided the server');
  });
});
