import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { FakeAgent, account, failure } from './fake/agent';
import { find, get, open, query } from './app';

const nobody = (hint = { server: null as string | null, username: null as string | null }) =>
  new FakeAgent({ accounts: [], hint: { ...hint, server_locked: false } });
const known = () => nobody({ server: 'alerts.example.com', username: 'alice' });
const text = (id: string) => get(id).textContent.trim();

describe('the sign-in page', () => {
  it('is alone where nobody is signed in', async () => {
    await open(nobody(), 'sign-in');
    expect(query('nav-inbox')).toBeNull();
    expect(query('connection-line')).toBeNull();
  });

  it('is filled in from the agent, and waits at the first empty field', async () => {
    await open(known(), 'sign-in');
    expect(get('server')).toHaveProperty('value', 'alerts.example.com');
    expect(get('username')).toHaveProperty('value', 'alice');
    expect(document.activeElement).toBe(get('password'));
  });

  it('sends what was entered, by Enter, and then shows the inbox', async () => {
    const fake = nobody();
    const user = await open(fake, 'sign-in');
    expect(document.activeElement).toBe(get('server'));
    await user.keyboard(' alerts.example.com ');
    await user.type(get('username'), 'alice');
    await user.type(get('password'), 'hunter 2 {Enter}');
    await find('connection-line');
    expect(fake.asked.find(({ method }) => method === 'sign_in')).toEqual({
      method: 'sign_in',
      params: {
        server: 'alerts.example.com',
        username: 'alice',
        password: 'hunter 2 ',
        dialect: null,
        allow_unencrypted: false,
      },
    });
    expect(document.documentElement.outerHTML).not.toContain('hunter');
  });

  it('sends the chosen options', async () => {
    const fake = known();
    const user = await open(fake, 'sign-in');
    await user.selectOptions(get('dialect'), 'token');
    await user.click(get('allow-unencrypted'));
    await user.type(get('password'), 'x{Enter}');
    await find('connection-line');
    const request = fake.asked.find((request) => request.method === 'sign_in');
    expect(request?.params).toMatchObject({ dialect: 'token', allow_unencrypted: true });
  });

  it('asks for what is missing before it asks the server', async () => {
    const fake = nobody({ server: 'alerts.example.com', username: null });
    const user = await open(fake, 'sign-in');
    await user.click(get('submit'));
    await waitFor(() => expect(text('error-username')).not.toBe(''));
    await waitFor(() => expect(document.activeElement).toBe(get('username')));
    expect(fake.asked.map(({ method }) => method)).not.toContain('sign_in');
  });

  it('says that user or password is wrong, with the password selected', async () => {
    const fake = known();
    fake.refuse.sign_in = failure('INVALID_CREDENTIALS');
    const user = await open(fake, 'sign-in');
    await user.type(get('password'), 'wrong{Enter}');
    expect(text('error-password')).toBe('User or password is wrong.');
    const field = get('password') as HTMLInputElement;
    expect(document.activeElement).toBe(field);
    expect([field.selectionStart, field.selectionEnd]).toEqual([0, 5]);
    expect(field.getAttribute('aria-invalid')).toBe('true');
  });

  it.each([
    ['NOT_A_TIDINGS_SERVER', 'error-server', 'server'],
    ['CERTIFICATE_NOT_TRUSTED', 'error-server', 'server'],
    ['ALREADY_SIGNED_IN', 'error-username', 'username'],
    ['RATE_LIMITED', 'error-form', 'password'],
  ] as const)('puts %s where it belongs', async (code, place, focused) => {
    const fake = known();
    fake.refuse.sign_in = failure(code);
    const user = await open(fake, 'sign-in');
    await user.type(get('password'), 'x{Enter}');
    for (const id of ['error-server', 'error-username', 'error-password', 'error-form']) {
      expect(text(id) !== '', id).toBe(id === place);
    }
    expect(document.activeElement).toBe(get(focused));
  });

  it('sends the paths of certificate files, and none that was left empty', async () => {
    const fake = known();
    const user = await open(fake, 'sign-in');
    await user.type(get('ca_file'), '/etc/ours/ca.pem');
    await user.type(get('password'), 'x{Enter}');
    const request = fake.asked.find((request) => request.method === 'sign_in');
    expect(request).toMatchObject({ params: { ca_file: '/etc/ours/ca.pem' } });
    expect(request && 'params' in request && Object.keys(request.params)).not.toContain('client_certificate');
  });

  it.each([
    ['CA_FILE_UNUSABLE', 'ca_file'],
    ['CLIENT_CERTIFICATE_UNUSABLE', 'client_certificate'],
    ['CLIENT_CERTIFICATE_NEEDED', 'client_certificate'],
    ['CLIENT_KEY_UNUSABLE', 'client_key'],
  ] as const)('shows the options for %s, with the words at their field', async (code, field) => {
    const fake = known();
    fake.refuse.sign_in = { code, message: 'the CA file /etc/ca.pem is not there' };
    const user = await open(fake, 'sign-in');
    await user.type(get('password'), 'x{Enter}');
    expect(text(`error-${field}`)).toBe('The CA file /etc/ca.pem is not there.');
    expect((get('options') as HTMLDetailsElement).open).toBe(true);
    expect(document.activeElement).toBe(get(field));
  });

  it('asks once, however often Enter is pressed meanwhile', async () => {
    const fake = known();
    const user = await open(fake, 'sign-in');
    let release = () => {};
    fake.gate = new Promise((resolve) => (release = resolve));
    await user.type(get('password'), 'x{Enter}{Enter}');
    await user.click(get('submit'));
    expect(get('submit').getAttribute('aria-busy')).toBe('true');
    release();
    await find('connection-line');
    expect(fake.asked.filter(({ method }) => method === 'sign_in')).toHaveLength(1);
  });

  it('shows the password on request only', async () => {
    const user = await open(known(), 'sign-in');
    expect(get('password').getAttribute('type')).toBe('password');
    await user.click(get('show-password'));
    expect(get('password').getAttribute('type')).toBe('text');
  });
});

it('signs in again where a sign-in has ended', async () => {
  const cause = { kind: 'sign_in_needed' as const, detail: 'HTTP 401' };
  const status = { state: 'disconnected' as const, attempt: 1, cause, retry_at: null, since: new Date().toISOString() };
  const fake = new FakeAgent({ accounts: [account({ status })] });
  const user = await open(fake);
  await user.click(get('sign_in'));
  expect(get('server')).toHaveProperty('value', 'https://alerts.example.com');
  expect(get('username')).toHaveProperty('value', 'alice');
  await user.keyboard('{Escape}');
  expect(query('sign-in')).toBeNull();
  expect(fake.asked.map(({ method }) => method)).not.toContain('sign_in');
});

describe('where everybody has signed out', () => {
  const out = () => new FakeAgent({ accounts: [account({ signed_in: false })] });

  it('the sign-in page is alone, with server and user filled in', async () => {
    await open(out(), 'sign-in');
    expect(query('nav-inbox')).toBeNull();
    expect(get('server')).toHaveProperty('value', 'https://alerts.example.com');
    expect(get('username')).toHaveProperty('value', 'alice');
    expect(document.activeElement).toBe(get('password'));
  });

  it('what has arrived can still be looked at, and the way back stays in sight', async () => {
    const user = await open(out(), 'sign-in');
    await user.click(get('back'));
    expect((await find('connection-line')).textContent).toContain('Signed out of alerts.example.com');
    await user.click(get('sign_in'));
    expect(get('username')).toHaveProperty('value', 'alice');
  });
});
