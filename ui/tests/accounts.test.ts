/** Accounts on several kinds of server, side by side. */
import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import type { Account } from '../src/bindings/Account';
import type { Foreign } from '../src/bindings/Foreign';
import { FakeAgent, account, connected, failure } from './fake/agent';
import { find, get, last, open, query } from './app';

const ours = account();
const gotify = account({ id: 'a2', server: 'https://push.example.com', name: 'Home', dialect: 'gotify' });
const ntfy = account({ id: 'a3', server: 'https://ntfy.example.com', username: '', dialect: 'ntfy', topics: ['a', 'b'] });
const resting = (one: Account): Account => ({ ...one, paused: true, status: { ...connected, state: 'disconnected' } });
const asked = (fake: FakeAgent, method: string) => fake.asked.filter((request) => request.method === method);
const entries = () => screen.getAllByTestId('account');
const text = (id: string) => get(id).textContent.trim();

async function settings(accounts: Account[], fake = new FakeAgent({ accounts })) {
  const user = await open(fake);
  await user.click(get('nav-settings'));
  return { user, fake };
}

async function opened(one: Account) {
  const inside = await settings([one]);
  return { ...inside, entry: within(get('account')) };
}

describe('accounts in the settings', () => {
  it('tell their kind, and how they stand', async () => {
    await settings([ours, resting(gotify), ntfy]);
    const told = entries().map((entry) => entry.textContent.replaceAll(/\s+/g, ' ').trim());
    expect(told[0]).toBe('alice Tidings · alerts.example.com · Connected');
    expect(told[1]).toBe('Home Gotify · alice · push.example.com · Paused');
    expect(told[2]).toBe('ntfy.example.com ntfy · Public topics · Connected');
  });

  it('change places by Alt and an arrow, and say which is theirs', async () => {
    const { user, fake } = await settings([ours, gotify, ntfy]);
    within(entries()[1]!).getByTestId('account-choices').focus();
    await user.keyboard('{Alt>}{ArrowUp}{/Alt}');
    expect(last(asked(fake, 'set_account'))).toEqual({ method: 'set_account', params: { account: 'a2', place: 0 } });
    await waitFor(() => expect(entries()[0]!.dataset['account']).toBe('a2'));
    await waitFor(() => expect(text('announcer')).toBe('Now 1 of 3.'));
    await waitFor(() => expect(document.activeElement).toBe(within(entries()[0]!).getByTestId('account-choices')));
    await user.keyboard('{Alt>}{ArrowUp}{/Alt}');
    expect(asked(fake, 'set_account')).toHaveLength(1);
  });

  it('are paused, and go on', async () => {
    const { user, fake } = await opened(gotify);
    await user.click(get('account-paused'));
    expect(last(asked(fake, 'set_account'))).toEqual({ method: 'set_account', params: { account: 'a2', paused: true } });
    await waitFor(() => expect(text('connection-line')).toContain('Paused: nothing is received from push.example.com'));
    expect(get('connection-line').dataset['tone']).toBe('quiet');
    await user.click(get('resume'));
    expect(last(asked(fake, 'set_account'))).toEqual({ method: 'set_account', params: { account: 'a2', paused: false } });
    await waitFor(() => expect(get('account-paused').getAttribute('aria-checked')).toBe('false'));
  });

  it('on Gotify delete there too if they are told to; on the others there is nothing of that', async () => {
    const { user, fake } = await opened(gotify);
    await user.click(get('account-deletes-on-server'));
    expect(last(fake.asked)).toEqual({ method: 'set_account', params: { account: 'a2', deletes_on_server: true } });
    await waitFor(() => expect(get('account-deletes-on-server').getAttribute('aria-checked')).toBe('true'));
    expect(query('account-topics')).toBeNull();
    fake.change({ accounts: [ours] });
    await waitFor(() => expect(query('account-deletes-on-server')).toBeNull());
  });

  it('have the paths of our protocol where they speak it, and certificates everywhere', async () => {
    const { user } = await opened(gotify);
    await user.click(get('route').querySelector('summary')!);
    await find('route-ca_file');
    expect(query('route-dialect')).toBeNull();
    expect(query('route-login_path')).toBeNull();
  });
});

describe('the topics of an account', () => {
  const names = () => [...get('account-topics').querySelectorAll('li')].map((each) => each.textContent.trim());

  it('are listed, and more are followed', async () => {
    const { user, fake } = await opened(ntfy);
    expect(names()).toEqual(['a', 'b']);
    await user.type(get('topic-new'), 'c, a{Enter}');
    expect(last(fake.asked)).toEqual({ method: 'set_topics', params: { account: 'a3', topics: ['a', 'b', 'c'] } });
    await waitFor(() => expect(names()).toEqual(['a', 'b', 'c']));
    expect(get('topic-new')).toHaveProperty('value', '');
    expect(document.activeElement).toBe(get('topic-new'));
  });

  it('are left, but for the last', async () => {
    const { user, fake } = await opened(ntfy);
    await user.click(screen.getByRole('button', { name: 'Follow a no longer' }));
    expect(last(fake.asked)).toEqual({ method: 'set_topics', params: { account: 'a3', topics: ['b'] } });
    await waitFor(() => expect(names()).toEqual(['b']));
    expect(get('topic-remove-b')).toHaveProperty('disabled', true);
  });

  it('that may not be read say so at the field, with what was typed', async () => {
    const { user, fake } = await opened(ntfy);
    fake.refuse.set_topics = failure('FORBIDDEN', 'the topic "secret" may not be read by this account');
    await user.type(get('topic-new'), 'secret');
    await user.click(get('topic-follow'));
    await waitFor(() => expect(get('account-topics').textContent).toContain('You may not read “secret” there.'));
    expect(get('topic-new')).toHaveProperty('value', 'secret');
    expect(get('topic-new').getAttribute('aria-invalid')).toBe('true');
    expect(names()).toEqual(['a', 'b']);
    fake.refuse.set_topics = failure('BAD_REQUEST', 'an account follows up to 50 topics');
    await user.click(get('topic-follow'));
    await waitFor(() => expect(get('account-topics').textContent).toContain('Try fewer.'));
  });
});

describe('the line for several accounts', () => {
  const ended = (one: Account): Account => ({
    ...one,
    status: { state: 'disconnected', attempt: 1, cause: { kind: 'sign_in_needed', detail: 'HTTP 401' }, retry_at: null, since: connected.since },
  });

  it('says which of them is in trouble', async () => {
    await open(new FakeAgent({ accounts: [ours, ended(gotify), ntfy] }));
    expect(text('connection-line')).toContain('Home: Your sign-in has ended. Sign in again to keep receiving.');
    expect(get('connection-line').dataset['tone']).toBe('bad');
  });

  it('counts those that are paused, and is not troubled by them', async () => {
    await open(new FakeAgent({ accounts: [ours, resting(gotify), ntfy] }));
    expect(text('connection-line')).toContain('All 2 accounts are connected, 1 paused');
    expect(get('connection-line').dataset['tone']).toBe('good');
  });

  it('says that all of them are paused', async () => {
    await open(new FakeAgent({ accounts: [resting(ours), resting(gotify)] }));
    expect(text('connection-line')).toContain('All accounts are paused');
  });
});

it('the connection page tells the kind of each, and lets those that are paused go on', async () => {
  const fake = new FakeAgent({ accounts: [ours, resting(gotify), ntfy] });
  const user = await open(fake);
  await user.click(get('nav-connection'));
  const cards = screen.getAllByTestId('account-state').map((card) => card.textContent);
  expect(cards[0]).toContain('Tidings · alice · Connected');
  expect(cards[1]).toContain('Gotify · alice · Paused');
  expect(cards[2]).toContain('ntfy · Public topics · Connected');
  await user.click(get('resume'));
  expect(last(asked(fake, 'set_account'))).toEqual({ method: 'set_account', params: { account: 'a2', paused: false } });
});

describe('moving in from another program', () => {
  const tray: Foreign = {
    id: 'f1', program: 'gotify_tray', file: '/home/a/.config/gotify-tray.conf', dialect: 'gotify',
    server: 'https://push.example.com', username: '', proof: 'token', topics: [], known: false,
  };
  const line: Foreign = {
    id: 'f2', program: 'ntfy', file: '/home/a/.config/ntfy/client.yml', dialect: 'ntfy',
    server: 'https://ntfy.sh', username: 'bob', proof: 'password', topics: ['x', 'y'], known: false,
  };
  const having = (accounts: Account[], ...foreigners: Foreign[]) => Object.assign(new FakeAgent({ accounts }), { foreigners });

  it('shows what was found before anything is done', async () => {
    const { fake } = await settings([], having([ours], tray, line));
    await find('move-in');
    const told = screen.getAllByTestId('foreign').map((one) => one.textContent.replaceAll(/\s+/g, ' ').trim());
    expect(told[0]).toContain('push.example.com gotify-tray · by its token');
    expect(told[1]).toContain('ntfy.sh ntfy command line · bob · by its password · x, y');
    expect(asked(fake, 'import')).toEqual([]);
  });

  it('does it on request, one by one, and says what came of it', async () => {
    const { user, fake } = await settings([], having([ours], tray, line));
    await find('move-in');
    await user.click(screen.getByRole('button', { name: 'Move in push.example.com' }));
    expect(asked(fake, 'import')).toEqual([{ method: 'import', params: { id: 'f1' } }]);
    await waitFor(() => expect(screen.getAllByTestId('foreign')[0]!.textContent).toContain('Moved in.'));
    expect(entries()).toHaveLength(2);
    expect(text('announcer')).toBe('Moved in.');
    expect(document.activeElement).toBe(get('import'));
    fake.refuse.import = failure('INVALID_CREDENTIALS');
    await user.click(get('import'));
    await waitFor(() => expect(get('move-in').textContent).toContain('What its file holds does not work there.'));
    delete fake.refuse.import;
    await user.click(get('import'));
    await waitFor(() => expect(query('import')).toBeNull());
  });

  it('says nothing where nothing is found, or all of it is here', async () => {
    const { fake } = await settings([], having([ours], { ...tray, known: true }));
    await waitFor(() => expect(asked(fake, 'find_foreign')).toHaveLength(1));
    expect(query('move-in')).toBeNull();
  });

  it('is offered on the first run, which ends with the last of them', async () => {
    const user = await open(having([], tray, line), 'sign-in');
    await find('move-in');
    await user.click(screen.getAllByTestId('import')[0]!);
    await waitFor(() => expect(get('move-in').textContent).toContain('Moved in.'));
    expect(text('announcer')).toBe('Moved in.');
    expect(query('connection-line')).toBeNull();
    await user.click(get('import'));
    await find('connection-line');
  });

  it('leaves the first run when the person does', async () => {
    const user = await open(having([], tray, line), 'sign-in');
    await find('move-in');
    await user.click(screen.getAllByTestId('import')[1]!);
    await user.click(await find('back'));
    await find('connection-line');
  });
});
