/** The sign-in page in front of the kinds of server. */
import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import type { SignIn } from '../src/bindings/SignIn';
import { topicsIn } from '../src/state/kinds';
import { FakeAgent, account, connected, failure } from './fake/agent';
import { find, get, open, query } from './app';

const text = (id: string) => get(id).textContent.trim();
const asked = (fake: FakeAgent, method: string) => fake.asked.filter((request) => request.method === method);
const sent = (fake: FakeAgent): SignIn | undefined => {
  const request = fake.asked.find(({ method }) => method === 'sign_in');
  return request?.method === 'sign_in' ? request.params : undefined;
};

function server(dialect: 'gotify' | 'ntfy', version: string | null = '2.6.1'): FakeAgent {
  const fake = new FakeAgent({ accounts: [], hint: { server: null, username: null, server_locked: false } });
  fake.answers = { dialects: [dialect], version };
  return fake;
}

async function at(fake: FakeAgent) {
  const user = await open(fake, 'sign-in');
  await user.type(get('server'), 'push.example.com');
  await user.tab();
  await waitFor(() => expect(get('kind').dataset['dialect']).toBe(fake.answers.dialects[0]));
  return user;
}

describe('what is found at an address', () => {
  it('is said where it was entered, to be heard', async () => {
    await at(server('gotify'));
    expect(text('kind')).toBe('Gotify 2.6.1 found');
    expect(get('kind').getAttribute('role')).toBe('status');
  });

  it('is looked for when nothing more is typed, and once', async () => {
    const fake = server('ntfy', null);
    const user = await open(fake, 'sign-in');
    await user.type(get('server'), 'ntfy.example.com');
    await waitFor(() => expect(text('kind')).toBe('ntfy found'));
    await user.tab();
    expect(asked(fake, 'probe')).toEqual([
      { method: 'probe', params: { server: 'ntfy.example.com', allow_unencrypted: false } },
    ]);
  });

  it('goes when another address is typed, while the form stays', async () => {
    const user = await at(server('ntfy'));
    await user.type(get('server'), 'x');
    expect(text('kind')).toBe('');
    expect(query('topics')).not.toBeNull();
  });

  it('if it is nothing that is known here, is said at once; the kind can then be chosen by hand', async () => {
    const fake = server('gotify');
    fake.refuse.probe = failure('NOT_A_TIDINGS_SERVER');
    const user = await open(fake, 'sign-in');
    await user.type(get('server'), 'www.example.com');
    await user.tab();
    const sentence = 'This doesn’t look like a Tidings, Gotify or ntfy server. Check the address.';
    await waitFor(() => expect(text('error-server')).toBe(sentence));
    await user.type(get('username'), 'alice');
    await user.type(get('password'), 'x{Enter}');
    await waitFor(() => expect(get('options')).toHaveProperty('open', true));
    expect(sent(fake)).toBeUndefined();
    await user.selectOptions(get('dialect'), 'gotify');
    await user.click(get('submit'));
    await find('connection-line');
    expect(sent(fake)?.dialect).toBe('gotify');
  });

  it('is asked again once an unencrypted address is allowed', async () => {
    const fake = server('gotify');
    fake.refuse.probe = failure('UNENCRYPTED_REFUSED');
    const user = await open(fake, 'sign-in');
    await user.type(get('server'), 'http://push.example.com');
    await user.tab();
    await waitFor(() => expect(text('error-server')).not.toBe(''));
    delete fake.refuse.probe;
    await user.click(get('allow-unencrypted'));
    await waitFor(() => expect(text('kind')).toBe('Gotify 2.6.1 found'));
    expect(text('error-server')).toBe('');
  });

  it('is waited for by whoever is faster', async () => {
    const fake = server('ntfy');
    let release = () => {};
    const user = await open(fake, 'sign-in');
    fake.gate = new Promise((resolve) => (release = resolve));
    await user.type(get('server'), 'ntfy.example.com{Enter}');
    expect(get('submit').getAttribute('aria-busy')).toBe('true');
    release();
    await waitFor(() => expect(text('error-topics')).toBe('Name at least one topic to follow.'));
    await waitFor(() => expect(document.activeElement).toBe(get('topics')));
    expect(sent(fake)).toBeUndefined();
  });
});

describe('Gotify', () => {
  it('takes user and password, and says what becomes of them', async () => {
    const fake = server('gotify');
    const user = await at(fake);
    await user.type(get('username'), 'alice');
    expect(get('sign-in').textContent).toContain('A client is created; the password isn’t kept.');
    await user.type(get('password'), 'secret{Enter}');
    await find('connection-line');
    expect(sent(fake)).toEqual({
      server: 'push.example.com',
      dialect: 'gotify',
      username: 'alice',
      password: 'secret',
      allow_unencrypted: false,
    });
  });

  it('takes a client token as it was pasted, and neither user nor password with it', async () => {
    const fake = server('gotify');
    const user = await at(fake);
    await user.click(get('proof-token'));
    expect(query('username')).toBeNull();
    expect(query('topics')).toBeNull();
    await user.click(get('token'));
    await user.paste(' CxyzQ12.3-4\n');
    await user.click(get('submit'));
    await find('connection-line');
    expect(sent(fake)).toEqual({ server: 'push.example.com', dialect: 'gotify', token: 'CxyzQ12.3-4', allow_unencrypted: false });
    expect(document.documentElement.outerHTML).not.toContain('CxyzQ12');
  });

  it('says that a token does not work, with the token selected', async () => {
    const fake = server('gotify');
    fake.refuse.sign_in = failure('TOKEN_REFUSED');
    const user = await at(fake);
    await user.click(get('proof-token'));
    await user.type(get('token'), 'wrong{Enter}');
    await waitFor(() => expect(text('error-token')).toBe('The server does not accept this token.'));
    const field = get('token') as HTMLInputElement;
    await waitFor(() => expect(document.activeElement).toBe(field));
    expect([field.selectionStart, field.selectionEnd]).toEqual([0, 5]);
    expect(field.type).toBe('password');
  });
});

describe('ntfy', () => {
  it('takes topics and nothing else, where everybody may read', async () => {
    const fake = server('ntfy');
    fake.guests = true;
    const user = await at(fake);
    expect(get('proof-nobody')).toHaveProperty('checked', true);
    expect(query('password')).toBeNull();
    await user.type(get('topics'), 'alerts, backups  alerts{Enter}');
    await find('connection-line');
    expect(sent(fake)).toEqual({
      server: 'push.example.com',
      dialect: 'ntfy',
      guest: true,
      topics: ['alerts', 'backups'],
      allow_unencrypted: false,
    });
  });

  it('asks for user and password where nobody may read without', async () => {
    const fake = server('ntfy');
    const user = await at(fake);
    expect(get('proof-password')).toHaveProperty('checked', true);
    await user.type(get('topics'), 'alerts');
    await user.type(get('username'), 'alice');
    await user.type(get('password'), 'secret{Enter}');
    await find('connection-line');
    expect(sent(fake)).toMatchObject({ dialect: 'ntfy', username: 'alice', password: 'secret', topics: ['alerts'] });
  });

  it('takes an access token', async () => {
    const fake = server('ntfy');
    const user = await at(fake);
    await user.click(get('proof-token'));
    await user.type(get('topics'), 'alerts');
    await user.click(get('submit'));
    await waitFor(() => expect(text('error-token')).toBe('Enter your token.'));
    await user.type(get('token'), 'tk_1{Enter}');
    await find('connection-line');
    expect(sent(fake)).toMatchObject({ dialect: 'ntfy', token: 'tk_1', topics: ['alerts'] });
    expect(sent(fake)).not.toHaveProperty('guest');
  });

  it.each([
    ['FORBIDDEN', 'the topic "alerts-2" may not be read by this account', 'You may not read “alerts-2” there.'],
    ['BAD_REQUEST', '"alerts-2" is no name of a topic', '“alerts-2” can’t be the name of a topic.'],
  ] as const)('says at the topics which one %s is about', async (code, message, sentence) => {
    const fake = server('ntfy');
    fake.guests = true;
    fake.refuse.sign_in = failure(code, message);
    const user = await at(fake);
    await user.type(get('topics'), 'alerts alerts-2{Enter}');
    await waitFor(() => expect(text('error-topics')).toBe(sentence));
    await waitFor(() => expect(document.activeElement).toBe(get('topics')));
  });

  it('keeps the keys where they are needed when the form changes under them', async () => {
    const fake = server('ntfy');
    fake.guests = true;
    let release = () => {};
    const user = await open(fake, 'sign-in');
    fake.gate = new Promise((resolve) => (release = resolve));
    await user.type(get('server'), 'ntfy.example.com');
    await user.tab();
    expect(document.activeElement).toBe(get('username'));
    release();
    await waitFor(() => expect(document.activeElement).toBe(get('topics')));
  });
});

it('asks for what the account needs that is signed in to again', async () => {
  const out = { id: 'a2', server: 'https://ntfy.example.com', username: '', dialect: 'ntfy', topics: ['a', 'b'], signed_in: false } as const;
  const fake = new FakeAgent({ accounts: [account({ ...out, topics: [...out.topics] })] });
  fake.refuse.probe = failure('SERVER_UNREACHABLE');
  await open(fake, 'sign-in');
  expect(get('topics')).toHaveProperty('value', 'a, b');
});

it('asks for the token again where a sign-in without a name has ended', async () => {
  const status = { ...connected, state: 'disconnected', cause: { kind: 'sign_in_needed', detail: 'HTTP 401' } } as const;
  const ended = account({ server: 'https://ntfy.example.com', username: '', dialect: 'ntfy', topics: ['a'], status });
  const fake = new FakeAgent({ accounts: [ended] });
  fake.refuse.probe = failure('SERVER_UNREACHABLE');
  const user = await open(fake);
  await user.click(get('sign_in'));
  await waitFor(() => expect(document.activeElement).toBe(get('token')));
  expect(get('proof-token')).toHaveProperty('checked', true);
});

it('takes topics as people write and paste them', () => {
  expect(topicsIn(' a,b  c\nhttps://ntfy.sh/d , https://ntfy.example.com/x/e/ a')).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(topicsIn(' ,, ')).toEqual([]);
});
